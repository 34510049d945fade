"""What a draft draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoalert.app.desk import Desk
from geoalert.app.draft import draft_of
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.errors import AreaError
from tests.app.project import ALERT, START, VENUES, write_project

INLINE = 'area = {type = "circle", lon = -79.39660, lat = 43.64867, radius_m = 600}'
AREA = 'format = 1\nlabel = "Example area"\n[rule]\ntype = "circle"\nlon = -79.39660\nlat = 43.64867\nradius_m = 600\n'
SECRET = "[[withhold]]\nlon = -79.3951\nlat = 43.6512\ndistance_m = 60\n"
BESIDE = "club-2,The Other Club,nightlife.nightclub,43.6513,-79.3952,,,,en,public,,,,{closed}\n"
ELSEWHERE = "club-3,A Third Club,nightlife.nightclub,43.6450,-79.3990,,,,en,public,,,,2020-01-01\n"


def picture(folder: Path, *, area: str = AREA, secret: str = "", closed: str = "") -> bytes:
    """Returns the map of an alert with a venue beside the secret place and one that is closed."""
    write_project(folder, alert=ALERT.replace(INLINE, 'area = "area.toml"'), venues=VENUES + BESIDE.format(closed=closed) + ELSEWHERE)
    (folder / "area.toml").write_text(area + secret, encoding="utf-8")
    (folder / "area.toml").chmod(0o600)
    with Desk(read_project(folder / "geoalert.toml"), clock=fixed_clock(START)) as desk:
        return draft_of(desk, desk.read_alert(folder / "alert.toml")).picture


def test_a_venue_at_a_withheld_place_is_drawn_as_any_other_that_is_skipped(tmp_path: Path) -> None:
    """The map with a secret place has the bytes of one without it on which the venue is closed: no gap points there."""
    secret = picture(tmp_path / "secret", secret=SECRET)
    plain = picture(tmp_path / "plain", closed="2020-01-01")
    both = picture(tmp_path / "both", secret=SECRET, closed="2020-01-01")
    chosen = picture(tmp_path / "chosen")

    assert secret == plain == both
    assert secret != chosen


def test_the_words_for_an_area_that_tell_a_house_stop_the_plan(tmp_path: Path) -> None:
    """An area file written by hand is held to the same words as one that `area make` writes."""
    with pytest.raises(AreaError, match="100") as told:
        picture(tmp_path / "house", area=AREA.replace("Example area", "100 Queen St W"))

    assert told.value.code == "label_is_address"
