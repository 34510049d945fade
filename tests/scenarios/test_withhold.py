"""A withheld place is searched for in everything that an evening leaves behind."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import struct
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner
from shapely.geometry import Point, Polygon, box, mapping

from geoalert.app.desk import Desk, open_project
from geoalert.cli import main
from geoalert.clock import fixed_clock
from geoalert.errors import ExplainedError
from geoalert.frames import write
from geoalert.plan import unpack
from tests.app.project import ALERT, START, VENUES, write_project
from tests.scenarios.search import png_texts, traces

LON, LAT = -79.3951237, 43.6512349
INLINE = 'area = {type = "circle", lon = -79.39660, lat = 43.64867, radius_m = 600}'
AREA = """\
format = 1
author = "b.okafor"
reason = "last seen here"
label = "Queen St W and Spadina Ave area"
[rule]
type = "circle"
lon = -79.39660
lat = 43.64867
radius_m = 600
[[minus]]
type = "circle"
lon = -79.4
lat = 43.646
radius_m = 100
"""
WITHHOLD = '[[withhold]]\nfile = "restricted/home.geojson"\ndistance_m = 60\n'
COMMANDS = (
    ("match", "--area", "area.toml"),
    ("area", "show", "area.toml"),
    ("area", "check", "area.toml"),
    ("check",),
    ("plan", "alert.toml", "--as", "m.roy"),
    ("show", "S1", "--all", "--posts"),
    ("approve", "S1", "--as", "t.singh", "--reason", "exercise"),
    ("send", "S1"),
    ("status", "S1"),
    ("directory", "check"),
)
SAME = (("match", "--area", "area.toml"), ("area", "show", "area.toml"))
"""Commands whose output may not differ by a byte; `area check` counts secret places, a plan's digest covers them."""


@dataclass
class Evening:
    """What one run of every command left."""

    folder: Path
    printed: dict[tuple[str, ...], str] = field(default_factory=dict)
    logged: str = ""

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yields every file that the run wrote, zips and databases opened; of a plan all but its restricted folder."""
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if not path.is_file() or name in ("area.toml", "restricted/home.geojson"):
                continue
            if path.suffix in (".plan", ".zip"):
                with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                    inside = {member: archive.read(member) for member in archive.namelist() if not member.startswith("restricted/")}
                yield from ((f"{name}/{member}", content) for member, content in inside.items())
                continue
            yield name, path.read_bytes()
            if path.suffix == ".sqlite":
                with closing(sqlite3.connect(path)) as opened:
                    yield f"{name} dumped", "\n".join(opened.iterdump()).encode()


def evening(folder: Path, withhold: str, *, venues: str = VENUES) -> Evening:
    """Runs every command in a project whose area file ends in `withhold`."""
    write_project(folder, alert=ALERT.replace(INLINE, 'area = "area.toml"'), venues=venues)
    (folder / "area.toml").write_text(AREA + withhold, encoding="utf-8")
    (folder / "restricted").mkdir()
    home = Point(LON, LAT).buffer(0.0001, quad_segs=4)
    write_shape(folder / "restricted" / "home.geojson", home)
    found = Evening(folder)
    for command in COMMANDS:
        for more in ((), ("--json",)):
            found.printed[*command, *more] = run(folder, *command, *more)
    found.printed["area", "export"] = run(folder, "area", "export", "area.toml", "-o", str(folder / "out.geojson"))
    return found


def write_shape(path: Path, shape: object) -> None:
    """Writes one shape as GeoJSON."""
    feature = {"type": "Feature", "properties": {"id": "1"}, "geometry": mapping(shape)}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    path.chmod(0o600)


def run(folder: Path, *command: str) -> str:
    """Returns all that one command prints, standard error included."""
    named = [str(folder / word) if word in ("area.toml", "alert.toml") else word for word in command]
    result = CliRunner().invoke(main, [*named, "--project", str(folder)], catch_exceptions=False)
    return result.output


@pytest.fixture(scope="module")
def evenings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Evening, Evening]]:
    """The same evening with and without a withheld place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Desk.__init__, "__kwdefaults__", {"clock": fixed_clock(START), "sleep": None})
        kept = io.StringIO()
        listening = logging.StreamHandler(kept)
        root = logging.getLogger()
        root.addHandler(listening)
        root.setLevel(logging.DEBUG)
        # In one folder after the other's run was moved away, for a plan covers where its accounts write.
        room = tmp_path_factory.mktemp("evenings")
        done = []
        for name, text in (("with", WITHHOLD), ("none", "")):
            found = evening(room / "project", text)
            found.folder = (room / "project").rename(room / name)
            done.append(found)
        with_place, without = done
        root.removeHandler(listening)
        root.setLevel(logging.WARNING)
        with_place.logged = kept.getvalue()
        yield with_place, without


def test_the_search_finds_a_place_that_is_there() -> None:
    """So that finding nothing says something."""
    for text in (
        f"[{LON},{LAT}]",
        f"{LAT} {LON}",
        "-79.395, 43.651",
        "43.6512 / -79.3951",
        '"lat": 43.65123, "lon": -79.39512',
        f"{LAT + 5 / 111_320:.6f}",
        f"{LON:.5f}",
    ):
        assert traces(text.encode(), lon=LON, lat=LAT), text
    for order in "<>":
        assert traces(b"\x01GP" + struct.pack(f"{order}2d", LON + 0.00005, LAT), lon=LON, lat=LAT)
    assert traces(b"[-79.3966,43.64867],[-79.4,43.646]", lon=LON, lat=LAT) == []


def test_no_file_tells_the_place(evenings: tuple[Evening, Evening]) -> None:
    """Posts, plan, page, pictures, ledger, approvals and export."""
    names = []
    for name, content in evenings[0].files():
        names.append(name)
        picture = png_texts(content) if content.startswith(b"\x89PNG") else b""
        assert traces(content + picture, lon=LON, lat=LAT) == [], name

    assert {".geoalert/outbox.sqlite", ".geoalert/plans/S1.r1.plan/plan.json", ".geoalert/plans/S1.r1.html", "out.geojson"} <= {*names}
    assert any(name.startswith("posts/") for name in names)
    assert any("approvals" in name for name in names)


def test_no_command_and_no_log_tells_the_place(evenings: tuple[Evening, Evening]) -> None:
    """With and without --json."""
    told = evenings[0].printed

    assert {command: found for command, text in told.items() if (found := traces(text.encode(), lon=LON, lat=LAT))} == {}
    assert traces(evenings[0].logged.encode(), lon=LON, lat=LAT) == []


def test_what_is_public_has_the_same_bytes_without_it(evenings: tuple[Evening, Evening]) -> None:
    """Posts, page, pictures, export, area; only the digests over the restricted part differ."""
    here, there = (dict(each.files()) for each in evenings)
    plans = [json.loads(each.pop(".geoalert/plans/S1.r1.plan/plan.json")) for each in (here, there)]
    digests = [(plan.pop("digest"), plan["manifest"].pop("restricted/withheld", None)) for plan in plans]
    public = [{name: content for name, content in each.items() if not _carries_digest(name)} for each in (here, there)]

    assert public[0] == public[1]
    assert plans[0] == plans[1]
    assert digests[0][0] != digests[1][0]
    assert digests[0][1] is not None
    assert digests[1][1] is None
    for command in SAME:
        for more in ((), ("--json",)):
            assert evenings[0].printed[*command, *more] == evenings[1].printed[*command, *more]


def _carries_digest(name: str) -> bool:
    return "outbox.sqlite" in name or "approvals" in name or ".plans/" in name


def test_the_place_is_in_the_restricted_part_alone(evenings: tuple[Evening, Evening]) -> None:
    """Salted, and the plan still proves itself once it is purged."""
    content = (evenings[0].folder / ".geoalert/plans/S1.r1.plan").read_bytes()
    plan = unpack(content, file="S1")

    held = plan.restricted["withheld"]

    assert traces(json.dumps(held["value"]).encode(), lon=LON, lat=LAT)
    assert len(held["salt"]) == 32
    assert held["value"][0]["distance_m"] == 60.0
    assert traces(repr(plan).encode(), lon=LON, lat=LAT) == []


def test_a_venue_there_is_skipped_and_says_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is two words, and neither list nor map gives its coordinates."""
    monkeypatch.setattr(Desk.__init__, "__kwdefaults__", {"clock": fixed_clock(START), "sleep": None})
    near = "club-2,The Other Club,nightlife.nightclub,43.6513,-79.3952,,,,en,public,,,,\n"
    found = evening(tmp_path / "project", WITHHOLD, venues=VENUES + near)

    with open_project(found.folder) as desk:
        plan = desk.store.load("S1")
        for suffix in ("gpkg", "geojson", "kml", "zip"):
            write(plan, found.folder / f"plan.{suffix}", layers=desk.layers)

    skipped = next(each for each in plan.selections if each["id"] == "club-2")
    assert (skipped["chosen"], skipped["reason"]) == (False, "restricted rule")
    assert [skipped[name] for name in ("lon", "lat", "distance_m")] == [None, None, None]
    assert next(each for each in plan.selections if each["id"] == "club-1")["chosen"]
    written = {name: content for name, content in found.files() if name != "venues.csv"}
    assert [name for name, content in written.items() if traces(content, lon=LON, lat=LAT)] == []


def test_channels_are_not_affected(evenings: tuple[Evening, Evening]) -> None:
    """They have no point of their own; both divisions get their post."""
    for each in evenings:
        with open_project(each.folder) as desk:
            assert [post.post.channel for post in desk.store.load("S1").posts] == ["d14-page", "d52-page"]


BOWTIE = Polygon([(LON, LAT), (LON + 0.001, LAT + 0.001), (LON + 0.001, LAT), (LON, LAT + 0.001)])
MENDED = ("bowtie", "open ring")
BROKEN = {
    "bowtie": (json.dumps({"type": "Polygon", "coordinates": mapping(BOWTIE)["coordinates"]}), WITHHOLD),
    "swapped": (json.dumps(mapping(Point(LAT, LON))), WITHHOLD),
    "out of range": (json.dumps(mapping(Point(LON, LAT + 100))), WITHHOLD),
    "cut short": (json.dumps(mapping(box(LON, LAT, LON + 0.1, LAT + 0.1)))[:-9], WITHHOLD),
    "not numbers": (f'{{"type": "Point", "coordinates": ["{LON}", "{LAT}"]}}', WITHHOLD),
    "open ring": (f'{{"type": "Polygon", "coordinates": [[[{LON}, {LAT}], [{LON}, 43.7], [-79.3, 43.7]]]}}', WITHHOLD),
    "inline type": ("{}", f'[[withhold]]\nlon = "{LON}"\nlat = {LAT}\n'),
    "inline swapped": ("{}", f"[[withhold]]\nlon = {LAT}\nlat = {LON}\n"),
    "inline unknown field": ("{}", f"[[withhold]]\nlon = {LON}\nlatitude = {LAT}\n"),
    "inline points": ("{}", f"[[withhold]]\npoints = [[{LON}, {LAT}, 1.0]]\nradius_m = 5\n"),
    "inline geometry": ("{}", f'[[withhold]]\ngeometry = {{type = "Polygon", coordinates = [[[{LON}, {LAT}]]]}}\n'),
    "inline radius": ("{}", f"[[withhold]]\nlon = {LON}\nlat = {LAT}\nradius_m = -5\n"),
    "inline distance": ("{}", f"[[withhold]]\nlon = {LON}\nlat = {LAT}\ndistance_m = -5\n"),
    "inline point without distance": ("{}", f"[[withhold]]\nlon = {LON}\nlat = {LAT}\n"),
    "point without distance": (json.dumps(mapping(Point(LON, LAT))), '[[withhold]]\nfile = "restricted/home.geojson"\n'),
    "readable by all": (json.dumps(mapping(Point(LON, LAT))), WITHHOLD),
    "not toml": ("{}", f"[[withhold]]\nlon = {LON} {LAT}\n"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_error_tells_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str) -> None:
    """Neither text, JSON, cause, traceback nor log; the file is named."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(Desk.__init__, "__kwdefaults__", {"clock": fixed_clock(START), "sleep": None})
    shape, withhold = BROKEN[name]
    write_project(tmp_path, alert=ALERT.replace(INLINE, 'area = "area.toml"'))
    (tmp_path / "area.toml").write_text(AREA + withhold, encoding="utf-8")
    (tmp_path / "restricted").mkdir()
    (tmp_path / "restricted" / "home.geojson").write_text(shape, encoding="utf-8")
    for path in (tmp_path / "area.toml", tmp_path / "restricted" / "home.geojson"):
        path.chmod(0o644 if name == "readable by all" else 0o600)

    told = [run(tmp_path, *command, *more) for command in (COMMANDS[2], COMMANDS[4]) for more in ((), ("--json",))]
    with open_project(tmp_path) as desk:
        try:
            desk.read_alert(tmp_path / "alert.toml")
        except ExplainedError as err:
            told += ["".join(traceback.format_exception(err)), repr(err), json.dumps(err.to_dict()), repr(err.__context__)]
        else:
            assert name in MENDED, "a mended shape is good"

    told.append(caplog.text)
    assert [traces(text.encode(), lon=LON, lat=LAT) for text in told] == [[]] * len(told)
    assert name in MENDED or all("area.toml" in text or "home.geojson" in text for text in told[:4])
