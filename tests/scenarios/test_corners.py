"""A corner named in an alert or area file is one place, or nothing is planned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import geoalert
from geoalert.cli import main
from tests.app.project import ALERT, write_project

CORNERS = """\
street,cross_street,lon,lat
Queen St W,Spadina Ave,-79.3966,43.64867
Bridge Rd,Crescent Dr,-79.3966,43.6480
Bridge Rd,Crescent Dr,-79.3966,43.6560
"""
PLACE = 'type = "circle", lon = -79.39660, lat = 43.64867, radius_m = 600'
WAYS = ("alert", "area file", "rings", "json")
REFUSED = {
    "Bridge & Crescent": ("ambiguous_place", "43.656"),
    "Bridge & Queen": ("unknown_place", "Did you mean"),
    "312 Queen St W": ("not_an_intersection", "two streets"),
}


def project(folder: Path, text: str, way: str) -> Path:
    """Writes a project whose alert names a corner in its own file, in an area file, in rings, or in JSON."""
    near = f'type = "circle", near = "{text}", radius_m = 600'
    if way == "alert":
        write_project(folder, alert=ALERT.replace(PLACE, near))
    else:
        suffix = ".json" if way == "json" else ".toml"
        write_project(folder, alert=ALERT.replace(f"{{{PLACE}}}", f'"area{suffix}"'))
        rule = {"type": "circle", "near": text, "radius_m": 600}
        table = near.replace(", ", "\n")
        if way == "rings":
            table = f'type = "rings"\nnear = "{text}"\nsince = 2026-01-19T16:40:00\nsteps = [{{after = "0h", radius_m = 600}}]'
        told = json.dumps({"format": 1, "rule": rule}) if way == "json" else f"format = 1\n[rule]\n{table}\n"
        (folder / f"area{suffix}").write_text(told, encoding="utf-8")
    (folder / "corners.csv").write_text(CORNERS, encoding="utf-8")
    geoalert.build_places(folder / "corners.csv", folder / "places.sqlite")
    return folder / "alert.toml"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", REFUSED)
def test_a_corner_that_is_not_one_place_is_never_issued(tmp_path: Path, text: str, way: str) -> None:
    """One error with the candidates, or the nearest; no plan is stored."""
    alert = project(tmp_path, text, way)

    told = CliRunner().invoke(main, ["plan", str(alert), "--as", "m.roy", "--project", str(tmp_path), "--json"], catch_exceptions=False)

    error = json.loads(told.stderr)
    assert told.exit_code == 1
    assert error["code"] == REFUSED[text][0]
    assert REFUSED[text][1] in f"{error['message']} {error['do']}"
    assert not list(tmp_path.rglob("*.plan"))


@pytest.mark.parametrize("way", WAYS)
def test_a_corner_that_is_one_place_is_planned_as_an_area_of_it(tmp_path: Path, way: str) -> None:
    """However it is written; the label names both streets, and no number."""
    alert = project(tmp_path, "Spadina/Queen Street West", way)

    with geoalert.open(tmp_path / "geoalert.toml") as desk:
        read = desk.read_alert(alert)

    assert (read.area.rule["lon"], read.area.rule["lat"]) == (-79.3966, 43.64867)
    assert read.area.label == "Spadina Ave and Queen St W area"


@pytest.mark.parametrize("text", REFUSED)
def test_match_asks_back_too(tmp_path: Path, text: str) -> None:
    """`match --near`, with the code."""
    project(tmp_path, text, "alert")

    told = CliRunner().invoke(
        main, ["match", "--near", text, "--radius", "600", "--project", str(tmp_path), "--json"], catch_exceptions=False
    )

    assert told.exit_code == 1
    assert json.loads(told.stderr)["code"] == REFUSED[text][0]
