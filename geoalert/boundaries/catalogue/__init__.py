"""Where official layers live, and how a project installs and pins them."""

from __future__ import annotations

from geoalert.boundaries.catalogue.entry import Catalogue, Entry
from geoalert.boundaries.catalogue.install import Installed, Listed, install, listing
from geoalert.boundaries.catalogue.lock import Difference, Lock, Pin
from geoalert.boundaries.catalogue.pinned import verify_installed

__all__ = ["Catalogue", "Difference", "Entry", "Installed", "Listed", "Lock", "Pin", "install", "listing", "verify_installed"]
