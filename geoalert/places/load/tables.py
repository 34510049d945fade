"""Corners in a table: stops named after two streets, and rows of street, cross_street, lon, lat."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from geoalert.errors import BoundaryError, GeometryError
from geoalert.geo.lonlat import check_lonlat
from geoalert.places.gather import Sighting

NAMES = ("stop_name", "name", "stop")
LONS = ("stop_lon", "lon", "lng", "long", "longitude", "x")
LATS = ("stop_lat", "lat", "latitude", "y")
CORNER = ("street", "cross_street")
_BETWEEN = re.compile(r"\s(?:at|and)\s|\s?[@&]\s?|\s/\s", re.IGNORECASE)
_EITHER = re.compile(r"\s*/\s*")


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file's header, folded, and its rows with the numbers a spreadsheet shows."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, Sequence[str]], ...]

    def column(self, names: Sequence[str]) -> int | None:
        """Returns the position of the first of the names that there is."""
        return next((self.header.index(name) for name in names if name in self.header), None)


def read_table(text: str) -> Table:
    """Returns the table of a CSV text; the delimiter is the one that its header has most of.

    Raises:
        BoundaryError: codes unreadable_file, empty_file.
    """
    head = text.partition("\n")[0]
    mark = max((",", ";", "\t"), key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as err:
        raise BoundaryError(f"not a table: {err}", code="unreadable_file", do="Look for an unclosed quotation mark") from err
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise BoundaryError("the file has no header", code="empty_file", do="Begin with street,cross_street,lon,lat")
    header = tuple(cell.strip().casefold() for cell in lines[0])
    return Table(header, tuple((at, cells) for at, cells in enumerate(lines[1:], start=2) if any(cell.strip() for cell in cells)))


def corners(table: Table) -> Iterator[Sighting]:
    """Yields the rows of street, cross_street, lon, lat.

    Raises:
        BoundaryError: codes missing_column, blank_name, cell_count.
        GeometryError: a coordinate that cannot be right, with its row.
    """
    at = _positions(table, {"street": ("street",), "cross_street": ("cross_street",), "lon": LONS, "lat": LATS})
    for row, cells in table.rows:
        street, cross = (_cell(cells, at[field], row).strip() for field in CORNER)
        if not street or not cross:
            field = "cross_street" if street else "street"
            raise BoundaryError("a corner needs two streets", code="blank_name", row=row, field=field, do="Name both, or leave the row out")
        yield Sighting(street, cross, *_lonlat(cells, at, row))


def stops(table: Table, left_out: Counter[str]) -> Iterator[Sighting]:
    """Yields the stops called `A at B`, `A & B`, `A @ B` or `A / B`; the others are counted. `A at B/C` is two corners.

    Raises:
        BoundaryError: codes missing_column, cell_count.
        GeometryError: a coordinate that cannot be right, with its row.
    """
    at = _positions(table, {"stop_name": NAMES, "lon": LONS, "lat": LATS})
    for row, cells in table.rows:
        parts = _BETWEEN.split(_cell(cells, at["stop_name"], row).strip(), maxsplit=1)
        if len(parts) != 2 or not all(part.strip() for part in parts):
            left_out["not named after two streets"] += 1
            continue
        lon, lat = _lonlat(cells, at, row)
        for cross in _EITHER.split(parts[1]):
            yield Sighting(parts[0], cross, lon, lat)


def _positions(table: Table, wanted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    found = {field: table.column(names) for field, names in wanted.items()}
    missing = [field for field, position in found.items() if position is None]
    if missing:
        raise BoundaryError(
            f"missing column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; there are {', '.join(table.header) or 'none'}",
            code="missing_column",
            row=1,
            field=missing[0],
            do=f"Call them {', '.join(wanted)}",
        )
    return {field: position for field, position in found.items() if position is not None}


def _cell(cells: Sequence[str], position: int, row: int) -> str:
    if position >= len(cells):
        raise BoundaryError(f"only {len(cells)} cells in the row", code="cell_count", row=row, do="Fill the row to the header's width")
    return cells[position]


def _lonlat(cells: Sequence[str], at: Mapping[str, int], row: int) -> tuple[float, float]:
    found = []
    for field in ("lon", "lat"):
        text = _cell(cells, at[field], row).strip()
        try:
            found.append(float(text))
        except ValueError as err:
            do = "Write degrees with a point, or leave the row out"
            raise GeometryError("not a number", code="not_a_number", row=row, field=field, value=text, do=do) from err
    lon, lat = found
    check_lonlat(lon, lat, row=row)
    return lon, lat
