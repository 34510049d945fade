"""The coverage guard acts in a plan, not in reading or matching."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from shapely.geometry import box

from geoalert.app.desk import Desk
from geoalert.cli import main
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.errors import AreaError
from geoalert.targeting import match
from tests.app.project import ALERT, PROJECT, START, features, write_project

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
ACCEPTED = LARGE.replace(
    "audience =", 'accept = {size = "asked for by the commander", outside_city = "the coast guard was told"}\naudience ='
)
HALF = ALERT.replace("lon = -79.39660", "lon = -79.45")
"""Half of it lies west of both districts."""


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
    assert "accept = {size" in str(refused.value.do)
    assert plan.document["area"]["accepted"] == {"size": "asked for by the commander", "outside_city": "the coast guard was told"}
    assert "asked for by the commander" in plan.page.decode("utf-8")


def test_a_limit_of_the_profile_refuses_a_plan_until_somebody_says_why(tmp_path: Path) -> None:
    """Nothing is stored before; then the reason is a finding of the plan, on its page and in no post."""
    project = write_project(tmp_path, alert=HALF)
    with Desk(read_project(project), clock=fixed_clock(START)) as desk:
        alert = desk.read_alert(tmp_path / "alert.toml")
        with pytest.raises(AreaError) as refused:
            desk.plan(alert, by="m.roy")
        assert not list(desk.store.folder.glob("*.plan"))

        plan = desk.plan(alert.accepting({"outside_city": "Western Example Police was told"}), by="m.roy")

    (told,) = [each for each in plan.findings if each.code == "area_outside"]
    assert (refused.value.code, refused.value.field) == ("limit_exceeded", "accept.outside_city")
    assert "50.0% of the area lies outside every layer of the city" in refused.value.what
    assert "more than 25% needs a reason" in refused.value.what
    assert (told.level, told.text.endswith("Accepted: Western Example Police was told")) == ("warn", True)
    assert plan.document["area"]["accepted"] == {"outside_city": "Western Example Police was told"}
    assert plan.page.decode("utf-8").count("Western Example Police was told") == 2
    assert not any("Western" in post.post.text for post in plan.posts)


@pytest.mark.parametrize(
    ("guard", "refused"),
    [
        ("[guard.any]\noutside_city = {refuse = 0.6}\n", False),
        ('[guard.suspect_appeal]\noutside_city = {refuse = "never"}\n', False),
        ("[guard.wanted]\noutside_city = {refuse = 0.6}\n", True),
        ("[guard.any]\noutside_city = {refuse = 0.6}\n[guard.suspect_appeal]\noutside_city = {refuse = 0.1}\n", True),
    ],
)
def test_an_agency_s_own_profile_sets_its_limits(tmp_path: Path, guard: str, refused: bool) -> None:
    """For every kind, or for one."""
    project = write_project(tmp_path, alert=HALF, project=PROJECT.replace('"plain"', '"ours.toml"'))
    (tmp_path / "ours.toml").write_text(f'format = 1\nname = "ours"\n{guard}', "utf-8")
    with Desk(read_project(project), clock=fixed_clock(START)) as desk:
        alert = desk.read_alert(tmp_path / "alert.toml")
        with pytest.raises(AreaError) if refused else nullcontext():
            desk.plan(alert, by="m.roy")


def test_the_command_line_takes_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--accept MEASURE=REASON, and what it says of a measure that is none."""
    monkeypatch.setattr(Desk.__init__, "__kwdefaults__", {"clock": fixed_clock(START), "sleep": None})
    write_project(tmp_path, alert=HALF)
    base = ["plan", str(tmp_path / "alert.toml"), "--as", "m.roy", "--project", str(tmp_path), "--json"]

    def ran(*more: str) -> tuple[int, dict[str, Any]]:
        result = CliRunner().invoke(main, [*base, *more])
        return result.exit_code, json.loads(result.output) if result.output.startswith("{") else {}

    refused, unknown = ran(), ran("--accept", "outside_citty=told")
    assert (refused[0], refused[1]["code"], refused[1]["value"]) == (1, "limit_exceeded", "50.0%")
    assert (unknown[0], unknown[1]["code"]) == (1, "unknown_measure")
    assert ran("--accept", "outside_city")[0] == 2
    assert ran("--accept", "outside_city= ")[1]["code"] == "missing_text"
    code, document = ran("--accept", "outside_city=told at 17:10 = noted")
    assert (code, document["area"]["accepted"]) == (0, {"outside_city": "told at 17:10 = noted"})


def test_a_neighbouring_service_and_people_stand_in_the_plan(tmp_path: Path) -> None:
    """From two lines of geoalert.toml."""
    more = (
        '\n[layers.service]\nfile = "services.geojson"\nid = "id"\nlabel = "name"\nneighbours = true\n'
        '[layers.hood]\nfile = "hoods.geojson"\nid = "id"\npopulation = "name"\n'
    )
    project = write_project(tmp_path, alert=HALF.replace("suspect_appeal", "public_safety"), project=PROJECT + more)
    (tmp_path / "services.geojson").write_text(features(("W", "Western Example Police", box(-79.6, 43.5, -79.45, 43.8))), "utf-8")
    (tmp_path / "hoods.geojson").write_text(features(("1", "20000", box(-79.45, 43.6, -79.44, 43.7))), "utf-8")
    with Desk(read_project(project), clock=fixed_clock(START)) as desk:
        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml").accepting({"outside_city": "told"}), by="m.roy")

    told = {each.code: each.text for each in plan.findings if each.rule == "coverage"}
    assert "tell Western Example Police (50.0% of the area)" in told["area_outside"]
    assert told["area_population"] == "about 1,260 people live in the area, by its share of each hood"
    assert "Western Example Police" in plan.page.decode("utf-8")


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
