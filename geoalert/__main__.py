"""`python -m geoalert`, the same as the command `geoalert`."""

from geoalert.cli import main

main()
