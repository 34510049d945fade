"""Bad input of area files: one error each that says where and what to do, from both spellings and through every command."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from shapely.geometry import box

import geoalert
from geoalert.cli import main
from tests.app.project import ALERT, PROJECT, features, write_project

SINCE = "since = 2026-01-19T16:40:00"
CIRCLE = 'type = "circle"\nlon = -79.4\nlat = 43.65\nradius_m = 600'
BAD = {
    "rings that shrink": (
        f'type = "rings"\nlon = -79.4\nlat = 43.65\n{SINCE}\nsteps = [{{after = "0h", radius_m = 800}}, {{after = "2h", radius_m = 700}}]',
        "rings_shrink",
        "rule.steps.2.radius_m",
        "Give each step a larger radius",
    ),
    "rings out of order": (
        f'type = "rings"\nlon = -79.4\nlat = 43.65\n{SINCE}\nsteps = [{{after = "2h", radius_m = 800}}, {{after = "1h", radius_m = 1600}}]',
        "rings_not_later",
        "rule.steps.2.after",
        "order of their times",
    ),
    "a corridor of one point": (
        'type = "corridor"\npoints = [[-79.4, 43.65]]\neach_side_m = 100',
        "corridor_needs_line",
        "rule.points",
        "Give two points or more",
    ),
    "a corridor of one point twice": (
        'type = "corridor"\npoints = [[-79.4, 43.65], [-79.4, 43.65]]\neach_side_m = 100',
        "corridor_needs_line",
        "rule.points",
        "Give two points or more",
    ),
    "a minus that leaves nothing": (
        f"{CIRCLE}\n[[minus]]\n{CIRCLE.replace('600', '700')}",
        "nothing_left",
        "minus",
        "Make what is taken off smaller",
    ),
    "a layer that is not there": (
        'type = "named"\nlayer = "divison"\nids = ["D14"]',
        "unknown_layer",
        "rule.layer",
        "division",
    ),
    "an id that is not there": (
        'type = "named"\nlayer = "beat"\nids = ["D15"]',
        "unknown_boundary",
        "rule.ids",
        "The nearest are D11 (Beat 11), D12 (Beat 12), D14 (Beat 14)",
    ),
    "a file that is not there": ('type = "polygon"\nfile = "lake.gpkg"', "file_not_found", None, "Check the path"),
}
COMMANDS = (("area", "check", "{}"), ("area", "show", "{}"), ("area", "export", "{}", "-o", "out.gpkg"), ("match", "--area", "{}"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a second layer of many ids, stood in."""
    write_project(tmp_path, project=f'{PROJECT}\n[layers.beat]\nfile = "beats.geojson"\nid = "id"\nlabel = "name"\n')
    beats = [
        (f"D{number}", f"Beat {number}", box(-79.5 + number / 100, 43.6, -79.49 + number / 100, 43.61))
        for number in (11, 12, 14, 16, 17, 51)
    ]
    (tmp_path / "beats.geojson").write_text(features(*beats), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GEOALERT_PROJECT", raising=False)
    return tmp_path


@pytest.mark.parametrize("suffix", [".toml", ".json"])
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_error_that_says_what_to_do(folder: Path, name: str, suffix: str) -> None:
    """The same code, field and way out from TOML and JSON, by four commands and by a plan; nothing is written."""
    rule, code, field, do = BAD[name]
    text = f'format = 1\nlabel = "Example area"\n[rule]\n{rule}\n'
    told = text if suffix == ".toml" else json.dumps(tomllib.loads(text), default=lambda moment: moment.isoformat())
    (folder / f"area{suffix}").write_text(told, encoding="utf-8")
    inline = '{type = "circle", lon = -79.39660, lat = 43.64867, radius_m = 600}'
    (folder / "alert.toml").write_text(ALERT.replace(inline, f'"area{suffix}"'), encoding="utf-8")

    for command in (*COMMANDS, ("plan", "alert.toml", "--as", "m.roy")):
        result = CliRunner().invoke(main, [*(word.format(f"area{suffix}") for word in command), "--json"], catch_exceptions=False)
        error = json.loads(result.stderr)
        assert (result.exit_code, error["code"]) == (1, code), command
        assert do in error["do"]
        assert error["file"].endswith((f"area{suffix}", "lake.gpkg"))
        assert field is None or error["field"] == field
    assert not (folder / "out.gpkg").exists()
    assert not list(folder.rglob("*.plan"))


def test_a_cover_asked_for_the_impossible_says_what_would_fit() -> None:
    """The fewest points and the least overshoot."""
    comb = geoalert.Area.polygon(box(-79.4, 43.6, -79.3, 43.61)) | geoalert.Area.polygon(box(-79.4, 43.6, -79.39, 43.7))

    with pytest.raises(geoalert.GeoAlertError, match=r"m is the least overshoot; within 1 m \d+ points are the fewest") as refused:
        geoalert.cover(comb, max_points=3, max_overshoot_m=1)

    assert refused.value.code == "cover_impossible"
