"""What leaves the house of a plan is the same with a venue at a withheld place as without that venue, and a leak would be seen.

The map is compared with that of a venue skipped for another reason: a place that everybody knows and that has no mark stands out.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from shapely.geometry import Point

import geoalert.app.draft
import geoalert.directory.venues
import geoalert.frames.tables
import geoalert.plan.page
from geoalert.alert.restricted import Withheld
from geoalert.app.desk import Desk
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.frames import write
from tests.app.project import ALERT, START, VENUES, write_project
from tests.scenarios.search import png_texts, traces
from tests.scenarios.test_withhold import AREA, INLINE, LAT, LON, WITHHOLD, Evening, write_shape

NAME = "The Other Club"
THERE = f"club-2,{NAME},nightlife.nightclub,43.6513,-79.3952,,,,en,public,,,,\n"
CLOSED = THERE.replace(",,,,\n", ",,,,2020-01-01\n")
SUFFIXES = ("gpkg", "geojson", "kml", "zip")


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Keeps all that is logged meanwhile."""
    kept, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(kept), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield kept
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def planned(folder: Path, withhold: str, venues: str) -> Evening:
    """Plans, approves, sends, and writes the plan in every format, its map and its page."""
    write_project(folder, alert=ALERT.replace(INLINE, 'area = "area.toml"'), venues=venues)
    (folder / "area.toml").write_text(AREA + withhold, encoding="utf-8")
    (folder / "restricted").mkdir()
    write_shape(folder / "restricted" / "home.geojson", Point(LON, LAT).buffer(0.0001, quad_segs=4))
    found = Evening(folder)
    with listening() as kept, Desk(read_project(folder / "geoalert.toml"), clock=fixed_clock(START)) as desk:
        plan = desk.plan(desk.read_alert(folder / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh", reason="exercise")
        desk.send(plan)
        for suffix in SUFFIXES:
            write(plan, folder / f"plan.{suffix}", layers=desk.layers)
        (folder / "map.png").write_bytes(plan.picture)
        (folder / "plan.html").write_bytes(plan.page)
    found.logged = kept.getvalue()
    return found


def leaks(found: Evening, without: Evening, closed: Evening) -> list[str]:
    """Returns what tells of the place: its coordinates anywhere, its venue's name in what goes round, a difference in what is public."""
    written, plain = dict(found.files()), dict(without.files()) | {"map.png": (closed.folder / "map.png").read_bytes()}
    told = ["log"] if traces(found.logged.encode(), lon=LON, lat=LAT) else []
    for name, content in written.items():
        picture = png_texts(content) if content.startswith(b"\x89PNG") else b""
        if name != "venues.csv" and traces(content + picture, lon=LON, lat=LAT):
            told.append(f"place in {name}")
        if (name.endswith(".html") or name.startswith(("posts/", "plan."))) and (NAME.encode() in content or b"club-2" in content):
            told.append(f"venue in {name}")
        if _goes_round(name) and content != plain[name]:
            told.append(f"difference in {name}")
    return told


def _goes_round(name: str) -> bool:
    # A receipt names the folder that it lies in, another for each plan here.
    return not name.endswith("receipt.json") and (
        name == "map.png" or name.startswith(("posts/", *(f"plan.{suffix}" for suffix in SUFFIXES)))
    )


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    """The same plan where there is neither secret nor venue."""
    return planned(tmp_path_factory.mktemp("without") / "project", "", VENUES)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    """The same plan where the venue is skipped because it has closed."""
    return planned(tmp_path_factory.mktemp("closed") / "project", "", VENUES + CLOSED)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    """A plan with a secret place and a venue in it."""
    return planned(tmp_path_factory.mktemp("there") / "project", WITHHOLD, VENUES + THERE)


def test_nothing_that_leaves_the_house_tells_of_the_place(there: Evening, without: Evening, closed: Evening) -> None:
    """Four exports, posts and map to the byte; plan, page, ledger and log by search."""
    names = {name for name, _ in there.files()}

    assert leaks(there, without, closed) == []
    assert {"plan.gpkg", "plan.geojson", "plan.kml", "plan.zip/selections.dbf", "map.png", "plan.html"} <= names
    assert ".geoalert/plans/S1.r1.plan/plan.json" in names


def test_the_map_has_the_same_pixels(there: Evening, closed: Evening) -> None:
    """The mark of any venue that is skipped, and no gap where one is known to be."""
    one, other = (Image.open(each.folder / "map.png") for each in (there, closed))

    assert one.size == other.size
    assert one.tobytes() == other.tobytes()


def test_the_page_counts_what_it_does_not_list(there: Evening, without: Evening) -> None:
    """The approver learns that a restricted rule was at work, and not on whom; the rest of the page is the same."""
    lines, plain = (_page_without_map(each) for each in (there, without))

    differing = [line for line in lines if line not in plain]
    assert [line for line in differing if "restricted rule" in line] == ['<p class="why">Not listed, by a restricted rule: 1.</p>']
    assert [line for line in differing if "places skipped" not in line and "restricted rule" not in line] == []


def _page_without_map(found: Evening) -> list[str]:
    drawn = (found.folder / "map.png").read_bytes()
    page = (found.folder / "plan.html").read_text("utf-8")
    for told in (base64.b64encode(drawn).decode(), hashlib.sha256(drawn).hexdigest()[:12]):
        assert told in page
        page = page.replace(told, "the map")
    return page.splitlines()


def test_the_venue_is_there_without_the_secret(tmp_path: Path, without: Evening, closed: Evening) -> None:
    """So that finding nothing of it says something."""
    open_one = planned(tmp_path / "project", "", VENUES + THERE)

    found = leaks(open_one, without, closed)

    assert {f"venue in plan.{suffix}" for suffix in ("gpkg", "geojson", "kml", "html")} <= {*found}
    assert {"venue in plan.zip/selections.dbf", "difference in map.png"} <= {*found}


def _keeps_the_place(patch: pytest.MonkeyPatch) -> None:
    def kept(one: Any, **changes: Any) -> Any:
        return dataclasses.replace(one, **{name: value for name, value in changes.items() if name not in ("lon", "lat")})

    patch.setattr(geoalert.directory.venues, "replace", kept)


def _logs_the_place(patch: pytest.MonkeyPatch) -> None:
    holds = Withheld.holds

    def logged(self: Withheld, *given: Any) -> Any:
        logging.getLogger("geoalert").debug("withheld round %s", self.geometry.centroid)
        return holds(self, *given)

    patch.setattr(Withheld, "holds", logged)


def _draws_the_place(patch: pytest.MonkeyPatch) -> None:
    points = geoalert.app.draft._points
    patch.setattr(geoalert.app.draft, "_points", lambda *given: [*points(*given), (LON, LAT, "skipped")])


PLANTED: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], set[str]]] = {
    "a row in the exports": (
        lambda patch: patch.setattr(geoalert.frames.tables, "SECRET_REASON", "another"),
        {*(f"venue in plan.{suffix}" for suffix in ("gpkg", "geojson", "kml")), "venue in plan.zip/selections.dbf"},
    ),
    "a name on the page": (lambda patch: patch.setattr(geoalert.plan.page, "WITHHELD", "another"), {"venue in plan.html"}),
    "a place in the plan": (_keeps_the_place, {"place in .geoalert/plans/S1.r1.plan/plan.json"}),
    "a line in the log": (_logs_the_place, {"log"}),
    "a mark on the map": (_draws_the_place, {"difference in map.png"}),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_leak_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: Evening, closed: Evening, name: str) -> None:
    """The search fails where it should."""
    plant, expected = PLANTED[name]
    plant(monkeypatch)

    found = planned(tmp_path / "project", WITHHOLD, VENUES + THERE)

    assert expected <= {*leaks(found, without, closed)}
