"""`match --near` says which corner it took."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from geoalert.boundaries.folder import boundaries_folder
from geoalert.cli import main
from tests.app.project import write_project


def test_match_says_which_corner_it_used(tmp_path: Path) -> None:
    """Label, longitude and latitude, as text and as JSON."""
    write_project(tmp_path)
    places = boundaries_folder() / "toronto-demo" / "places.csv"
    words = ["match", "--near", "Spadina/Queen W", "--radius", "600", "--places", str(places), "--project", str(tmp_path)]

    told, document = (CliRunner().invoke(main, [*words, *more], catch_exceptions=False).stdout for more in ((), ("--json",)))

    assert "Near Spadina Ave and Queen St W area: lon -79.39660, lat 43.64867" in told
    assert json.loads(document)["near"] == {"label": "Spadina Ave and Queen St W area", "lon": -79.3966, "lat": 43.64867}
