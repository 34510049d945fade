"""Scenarios S2, S3, S4, S5, S9 and S10 in TOML and JSON, by command line and by Python, on the official boundaries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from shapely.geometry import LineString, mapping

import geoalert
from geoalert.cli import main
from geoalert.files.schema import SCHEMAS
from tests.scenarios.test_rule_files import RULES, S2_RINGS, S2_SINCE, SHARES

pytestmark = pytest.mark.shared

TORONTO = ZoneInfo("America/Toronto")
NAMES = ("S3", "S4", "S5 flat", "S5 round", "S9", "S10")
UNCOVERED = {
    "S3": (0.0, 0.0), "S4": (0.0, 0.0), "S5 flat": (0.0, 0.0), "S5 round": (0.0, 0.0), "S9": (49.5, 49.5), "S10": (28.8, 3.4),
}  # fmt: skip
SLIVERS = {"S4": {"125"}, "S10": {"D51"}}
MADE = {
    "S2": (
        *("--lat", "43.66007", "--lon", "-79.47999", "--since", "2027-01-19T16:40:00-05:00", "--ring", "0h=800", "--ring", "2h=1600"),
        *("--ring", "4h=2500,transit-sighting"),
    ),
    "S5 flat": ("--corridor", "flight.geojson", "--each-side", "300", "--caps", "flat"),
    "S9": ("--lat", "43.79234", "--lon", "-79.44557", "--radius", "2000"),
    "S10": ("--lat", "43.63764", "--lon", "-79.39190", "--radius", "1500"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with no project around it."""
    monkeypatch.delenv("GEOALERT_PROJECT", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> dict[str, Any]:
    """Returns what one command prints as JSON."""
    result = CliRunner().invoke(main, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def write(name: str, suffix: str) -> str:
    """Writes the scenario's area file in TOML, or the same fields in JSON."""
    rule = RULES[name].replace("16:40:00", "16:40:00-05:00")
    text = f'format = 1\nauthor = "b.okafor"\nreason = "scenario {name}"\nlabel = "Example area"\n[rule]\n{rule}\n'
    if suffix == ".json":
        text = json.dumps(tomllib.loads(text), default=lambda moment: moment.isoformat())
    Path(f"area{suffix}").write_text(text, encoding="utf-8")
    return f"area{suffix}"


def layers(shared: Path) -> tuple[str, ...]:
    """The two official layers as options."""
    at = shared / "data" / "toronto_boundaries"
    division = f"division={at}/tps_divisions.geojson,id=DIV,label=UNIT_NAME"
    return "--layer", division, "--layer", f"neighbourhood={at}/neighbourhoods_158.geojson,id=AREA_SHORT_CODE,label=AREA_NAME"


def off(found: dict[str, Any], expected: dict[str, float]) -> dict[str, float]:
    """Returns the shares, per cent, that are more than half a point off."""
    shares = {each["id"]: (each["share_of_area"] or 0.0) * 100 for each in found["matches"]}
    return {each: shares.get(each, 0.0) for each, share in expected.items() if abs(shares.get(each, 0.0) - share) > 0.5}


@pytest.mark.parametrize("suffix", [".toml", ".json"])
@pytest.mark.parametrize("name", NAMES)
def test_a_rule_file_matches_as_the_domain_page_says(shared: Path, name: str, suffix: str) -> None:
    """Shares and the uncovered rest within half a point; show, check, match and Python agree on the area."""
    file = write(name, suffix)

    checked, shown, matched = run("area", "check", file), run("area", "show", file), run("match", "--area", file, *layers(shared))
    area = geoalert.read_area(file).area(layers={})

    assert checked["digest"] == shown["digest"] == area.digest
    assert off(matched, SHARES[name]) == {}
    found = [matched["uncovered"][layer] * 100 for layer in ("division", "neighbourhood")]
    assert found == pytest.approx(UNCOVERED[name], abs=0.5)
    slivers = {each["id"] for each in matched["matches"] if each["id"] in SLIVERS.get(name, set()) and not each["targeted"]}
    assert slivers == SLIVERS.get(name, set())


@pytest.mark.parametrize("suffix", [".toml", ".json"])
@pytest.mark.parametrize(("hours", "expected"), S2_RINGS)
def test_rings_reach_as_far_as_the_hour(shared: Path, hours: float, expected: dict[str, float], suffix: str) -> None:
    """S2 at the sighting, after two hours and after four; a signal is as good as the fourth hour."""
    file = write("S2", suffix)
    at = (S2_SINCE + timedelta(hours=hours)).isoformat()

    assert off(run("match", "--area", file, "--at", at, *layers(shared)), expected) == {}
    if hours == 4:
        early = run("match", "--area", file, "--at", S2_SINCE.isoformat(), "--signal", "transit-sighting", *layers(shared))
        assert off(early, expected) == {}


@pytest.mark.parametrize("name", MADE)
def test_area_make_writes_the_same_area(shared: Path, name: str) -> None:
    """As the file written by hand, to the byte."""
    flight = {"type": "Feature", "properties": {}, "geometry": mapping(LineString(tomllib.loads(RULES["S5 flat"])["points"]))}
    Path("flight.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [flight]}), encoding="utf-8")
    written = write(name, ".toml")

    made = run("area", "make", *MADE[name], "-o", "made.toml")

    assert run("area", "show", "made.toml")["digest"] == made["area"]["digest"] == run("area", "show", written)["digest"]
    if name in SHARES:
        assert off(run("match", "--area", "made.toml", *layers(shared)), SHARES[name]) == {}


@pytest.mark.parametrize("name", ["S2", *NAMES])
def test_each_process_makes_the_same_bytes(tmp_path: Path, name: str) -> None:
    """Another process, another hash seed, another time zone and language: the document and the exported file do not differ."""
    file = write(name, ".toml")
    code = (
        "import sys, json, hashlib, geoalert; from pathlib import Path\n"
        "area = geoalert.read_area(sys.argv[1]).area(layers={})\n"
        "geoalert.write(area, sys.argv[2], overwrite=True)\n"
        "print(json.dumps(area.to_dict()), hashlib.sha256(Path(sys.argv[2]).read_bytes()).hexdigest())"
    )
    told = []
    for seed, zone, language in (("0", "UTC", "C"), ("4711", "Asia/Tokyo", "C.UTF-8")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language}
        done = subprocess.run(
            [sys.executable, "-c", code, file, str(tmp_path / "out.gpkg")], capture_output=True, text=True, check=False, env=environment
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)

    assert told[0] == told[1]
    assert geoalert.read_area(file).area(layers={}).digest in told[0]


@pytest.mark.parametrize("name", RULES)
def test_one_schema_takes_both_spellings(name: str) -> None:
    """The model from which the published JSON Schema is made takes TOML's values and JSON's text."""
    model = SCHEMAS["area"]
    toml = tomllib.loads(Path(write(name, ".toml")).read_text("utf-8"))
    told = json.loads(Path(write(name, ".json")).read_text("utf-8"))

    one, other = (model.model_validate(values).model_dump(exclude_none=True) for values in (toml, told))

    since = one["rule"].pop("since", None), other["rule"].pop("since", None)
    assert one == other
    assert since == (None, None) or len({datetime.fromisoformat(str(each)) for each in since}) == 1
