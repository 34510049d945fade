"""The size guard acts in a plan, not in reading or matching."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from geoalert.app.desk import Desk
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.errors import AreaError
from geoalert.targeting import match
from tests.app.project import ALERT, START, write_project

CIRCLE = '{type = "circle", lon = -79.39660, lat = 43.64867, radius_m = 600}'
RINGS = """\
format = 1
label = "Queen and Spadina area"
[rule]
type = "rings"
lon = -79.3966
lat = 43.64867
since = 2027-03-12T21:00:00
steps = [{after = "0h", radius_m = 300}, {after = "2h", radius_m = 600}, {after = "4h", or_on = "sighting", radius_m = 900}]
"""
LARGE = ALERT.replace("radius_m = 600", "radius_m = 45000")
ACCEPTED = LARGE.replace("audience =", 'accept_area = "asked for by the incident commander"\naudience =')


def test_a_plan_over_the_maximum_needs_words(tmp_path: Path) -> None:
    """Read and matched without a word, refused as a plan, planned with the reason, which is shown."""
    project = write_project(tmp_path, alert=LARGE)
    with Desk(read_project(project), clock=fixed_clock(START)) as desk:
        alert = desk.read_alert(tmp_path / "alert.toml")
        assert len(match(alert.area, list(desk.layers.values()))) == 2
        with pytest.raises(AreaError) as refused:
            desk.plan(alert, by="m.roy")
        (tmp_path / "alert.toml").write_text(ACCEPTED, encoding="utf-8")

        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")

    assert refused.value.code == "area_too_large"
    assert "accept_area" in str(refused.value.do)
    assert plan.document["area"]["accepted"] == "asked for by the incident commander"
    assert "asked for by the incident commander" in plan.page.decode("utf-8")


@pytest.mark.parametrize(("hours", "ring"), [(0.5, 1), (2, 2), (3.9, 2), (9, 3)])
def test_a_plan_has_the_ring_of_its_hour(tmp_path: Path, hours: float, ring: int) -> None:
    """By the desk's clock, counted from the last sighting."""
    project = write_project(tmp_path, alert=ALERT.replace(CIRCLE, '"area.toml"'))
    (tmp_path / "area.toml").write_text(RINGS, encoding="utf-8")

    with Desk(read_project(project), clock=fixed_clock(START + timedelta(hours=hours))) as desk:
        alert = desk.read_alert(tmp_path / "alert.toml")

    assert alert.area.rule["ring"] == ring
    assert alert.area.label == "Queen and Spadina area"


def test_who_drew_the_area_and_why_stands_in_the_plan_and_in_no_post(tmp_path: Path) -> None:
    """For the approver; the public gets the label."""
    project = write_project(tmp_path, alert=ALERT.replace(CIRCLE, '"area.json"'))
    (tmp_path / "area.json").write_text(
        '{"format": 1, "author": "b.okafor", "reason": "witness 2 saw him", "label": "Queen and Spadina area",'
        ' "rule": {"type": "circle", "lon": -79.3966, "lat": 43.64867, "radius_m": 600}}',
        encoding="utf-8",
    )
    with Desk(read_project(project), clock=fixed_clock(START)) as desk:
        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")

    assert (plan.document["area"]["author"], plan.document["area"]["reason"]) == ("b.okafor", "witness 2 saw him")
    assert plan.document["area"]["label"] == "Queen and Spadina area"
    assert "witness 2 saw him" in plan.page.decode("utf-8")
    assert not any("witness 2" in post.post.text for post in plan.posts)
