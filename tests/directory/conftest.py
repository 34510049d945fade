"""Two layers of squares around one corner, and rows of directory files to vary."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shapely import box

from geoalert.boundaries.model import Layer
from geoalert.directory.columns import CHANNEL_COLUMNS, VENUE_COLUMNS
from geoalert.directory.model import Channel, Venue

CHANNEL_CELLS = {
    "id": "ed-bia",
    "name": "Example Merchants",
    "account": "posts",
    "address": "desk@bia.example",
    "scope": "restricted",
    "speaks_for": "division:D52",
    "consent": "letter-0117",
    "consented": "2026-11-02",
}
VENUE_CELLS = {
    "id": "club-014",
    "name": "Example Club",
    "category": "nightlife.nightclub",
    "lat": "43.64702",
    "lon": "-79.39511",
    "opening_hours": "Th-Sa 22:00-02:30",
    "email": "door@club.example",
    "scope": "restricted",
    "consent": "letter-0093",
    "consented": "2026-10-02",
}


@pytest.fixture
def on() -> date:
    """The agency's day in every test."""
    return date(2027, 3, 12)


@pytest.fixture
def layers() -> dict[str, Layer]:
    """Divisions D14 | D52 that meet at lon -79.396, D11 far west; neighbourhoods 078 over 164 that meet at lat 43.6487."""
    west, middle, east, south, north = -79.420, -79.396, -79.370, 43.630, 43.670
    divisions = {"D11": box(-79.50, south, west, north), "D14": box(west, south, middle, north), "D52": box(middle, south, east, north)}
    hoods = {"078": box(west, 43.6487, east, north), "164": box(west, south, east, 43.6487), "165": box(west, 43.60, east, south)}
    return {
        "division": Layer(
            name="division", ids=list(divisions), geometries=list(divisions.values()), labels=["Ex One", "Ex Two", "Ex Three"]
        ),
        "neighbourhood": Layer(name="neighbourhood", ids=list(hoods), geometries=list(hoods.values())),
    }


@pytest.fixture
def channel() -> Callable[..., Channel]:
    """Makes a consented, restricted channel for D52, changed as asked."""

    def make(**changed: Any) -> Channel:
        values: dict[str, Any] = {
            "id": "ed-bia",
            "name": "Example Merchants",
            "account": "posts",
            "address": f"{changed.get('id', 'ed-bia')}@bia.example",
            "scope": "restricted",
            "speaks_for": (("division", "D52"),),
            "consent": "own",
        }
        return Channel(**{**values, **changed})

    return make


@pytest.fixture
def venue() -> Callable[..., Venue]:
    """Makes a consented venue near the corner, changed as asked."""

    def make(**changed: Any) -> Venue:
        values: dict[str, Any] = {
            "id": "club-014",
            "name": "Example Club",
            "category": "nightlife.nightclub",
            "lon": -79.39511,
            "lat": 43.64702,
            "email": f"door@{changed.get('id', 'club-014')}.example",
            "scope": "restricted",
            "consent": "letter-0093",
            "consented": date(2026, 10, 2),
        }
        return Venue(**{**values, **changed})

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a channels or venues file of rows that differ from a good one only as given."""

    def make(kind: str, *rows: dict[str, str], mark: str = ",", encoding: str = "utf-8", end: str = "\n") -> Path:
        columns, good = (CHANNEL_COLUMNS, CHANNEL_CELLS) if kind == "channels" else (VENUE_COLUMNS, VENUE_CELLS)
        out = io.StringIO(newline="")
        table = csv.writer(out, delimiter=mark, lineterminator=end)
        table.writerow(columns)
        for row in rows or ({},):
            table.writerow([{**good, **row}.get(column, "") for column in columns])
        path = tmp_path / f"{kind}.csv"
        path.write_bytes(out.getvalue().encode(encoding))
        return path

    return make
