"""A gazetteer of a small town, and the one of every stop of a large city."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geoalert.places import Sighting, gather
from geoalert.places.load import build_places
from geoalert.places.store import Places, open_places, places_of

TOWN = (
    ("Harbour St W", "Mill Ave", -79.4000, 43.6500),
    ("Harbour Street West", "Mill Avenue", -79.4004, 43.6502),
    ("Harbour St E", "Bridge Rd", -79.3900, 43.6520),
    ("Bridge Rd", "Crescent Dr", -79.3900, 43.6600),
    ("Bridge Rd", "Crescent Dr", -79.3900, 43.6700),
    ("Mill Ave", "Market St", -79.4010, 43.6550),
    ("Mill Rd", "Market St", -79.4100, 43.6560),
    ("Old Loop (North)", "Market St", -79.4200, 43.6570),
    ("Old Loop (South)", "Market St", -79.4200, 43.6550),
    ("North Harbour St", "Far Ln", -79.3000, 43.7000),
    ("Border Ave E", "Mill Ave", -79.4020, 43.6600),
    ("Border Ave W", "Mill Ave", -79.4023, 43.6600),
    ("Ring Rd E", "Mill Ave", -79.4021, 43.6700),
    ("Ring Rd W", "Mill Ave", -79.4035, 43.6700),
    ("Park Lawn Rd", "Mill Ave", -79.4500, 43.6600),
    ("Park St", "Lawn Ave", -79.4600, 43.6600),
    ("Near North Rd", "Mill Ave", -79.4700, 43.6600),
    ("North Rd", "Mill Ave", -79.4800, 43.6600),
    ("5th Ave", "42nd St", -79.4300, 43.6600),
    ("Robert'); DROP TABLE corner;--", "Mill Ave", -79.4400, 43.6600),
)


@pytest.fixture
def town() -> Iterator[Places]:
    """Twenty sightings in memory."""
    with places_of(gather(Sighting(*row) for row in TOWN), source="town") as places:
        yield places


@pytest.fixture(scope="session")
def city(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """The corners of 9,378 transit stops, built by the command's own way."""
    path = tmp_path_factory.mktemp("city") / "places.sqlite"
    build_places(shared / "data" / "toronto_venues" / "ttc_stops.txt.gz", path)
    with open_places(path) as places:
        yield places
