"""`geoalert places` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoalert.boundaries.folder import boundaries_folder
from geoalert.cli import main
from geoalert.places.load import read_corners, read_places

DEMO = boundaries_folder() / "toronto-demo" / "places.csv"


def run(*arguments: object) -> Result:
    """Calls the command line in this process."""
    return CliRunner().invoke(main, ["places", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def gazetteer(tmp_path: Path) -> Path:
    """The demonstration's corners, built."""
    out = tmp_path / "places.sqlite"
    assert run("build", DEMO, "-o", out).exit_code == 0
    return out


def test_build_says_what_it_made(tmp_path: Path) -> None:
    """Counts in words, or as one JSON document."""
    told = run("build", DEMO, "-o", tmp_path / "a.sqlite")
    document = json.loads(run("build", DEMO, "-o", tmp_path / "b.sqlite", "--json").stdout)

    assert "85 corners" in told.stdout
    assert document["corners"] == 85
    assert document["left_out"] == {}


def test_find_prints_one_place(gazetteer: Path) -> None:
    """Table or JSON, exit status 0."""
    told = run("find", "Spadina/Queen W", "--places", gazetteer)
    document = json.loads(run("find", "Spadina/Queen W", "--places", gazetteer, "--json").stdout)

    assert told.exit_code == 0
    assert "Spadina Ave and Queen St W area" in told.stdout
    assert document["status"] == "one"
    assert document["places"][0] | {"apart_m": 0} == document["places"][0]
    assert (document["places"][0]["lon"], document["places"][0]["lat"]) == (-79.3966, 43.64867)


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("Quen & Spadina", "unknown_place", "none"),
        ("312 Queen St W", "not_an_intersection", None),
    ],
)
def test_find_refuses_with_status_1(gazetteer: Path, text: str, code: str, status: str | None) -> None:
    """The findings go to standard output, the coded error to standard error."""
    result = run("find", text, "--places", gazetteer, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stderr)["code"] == code
    assert json.loads(result.stderr)["do"]
    assert status is None or json.loads(result.stdout)["status"] == status


def test_find_lists_what_may_be_meant(tmp_path: Path) -> None:
    """Candidates with their metres, as text and as JSON."""
    source = tmp_path / "corners.csv"
    source.write_text("street,cross_street,lon,lat\nA St,B Dr,-79.4,43.65\nA St,B Dr,-79.4,43.66\n", encoding="utf-8")

    told = run("find", "A & B", "--places", source)
    document = json.loads(run("find", "A & B", "--places", source, "--json").stdout)

    assert told.exit_code == 1
    assert "2 corners may be meant" in told.stdout
    assert "1,111" in told.stdout
    assert [each["apart_m"] for each in document["places"]] == [0, 1111]


def test_find_takes_the_gazetteer_of_the_folder(gazetteer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --places it is places.sqlite of the project, else of the folder; where none is, the error says how to build it."""
    monkeypatch.chdir(gazetteer.parent)
    monkeypatch.delenv("GEOALERT_PROJECT", raising=False)

    assert run("find", "Queen & Spadina").exit_code == 0
    gazetteer.unlink()
    assert "geoalert places build" in run("find", "Queen & Spadina").stderr


def test_the_demonstration_names_true_corners_only() -> None:
    """No river, railway, shore, ramp or house number; every corner finds itself."""
    gathered = read_corners(DEMO)

    assert gathered.left_out == {}
    assert len(gathered.corners) == 85
    assert not any(word in name for name in gathered.spellings.values() for word in (" River", "rail", "shore", "wall", "extended", "Pkwy"))
    with read_places(DEMO) as places:
        for corner in gathered.corners:
            names = gathered.spellings[corner.street], gathered.spellings[corner.cross_street]
            assert places.near(" & ".join(names)).lat == corner.lat
