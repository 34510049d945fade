"""Points of a CSV file, each named by the boundary it lies in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoalert.boundaries.model import Layer
from geoalert.directory.checks import bounds_of
from geoalert.directory.load.table import decoded, delimiter, read_bytes
from geoalert.errors import DirectoryError, GeometryError
from geoalert.geo import check_lonlat
from geoalert.text import nearest


@dataclass(frozen=True, slots=True)
class Located:
    """Rows as read, and for each layer the id of each row's boundary, None for none.

    Attributes:
        blank: rows without coordinates, or with a marker that records use for an unknown place, such as (0, 0) or a latitude of exactly 0.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    ids: dict[str, list[str | None]]
    blank: int

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Points in a boundary and points in none, by layer; rows without coordinates in neither."""
        placed = len(self.rows) - self.blank
        return {name: (inside := sum(id is not None for id in ids), placed - inside) for name, ids in self.ids.items()}  # noqa: A001

    def table(self) -> Iterator[list[str]]:
        """Yields the header and every row, with one more column a layer."""
        yield [*self.columns, *self.ids]
        for number, row in enumerate(self.rows):
            yield [*(row.get(column, "") for column in self.columns), *((ids[number] or "") for ids in self.ids.values())]

    def to_csv(self) -> str:
        """Returns the table as CSV."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self.table())
        return text.getvalue()

    def to_dict(self) -> dict[str, Any]:
        """Returns rows with their ids by layer, and counts, JSON-ready."""
        rows = [{**row, "boundaries": {name: ids[number] for name, ids in self.ids.items()}} for number, row in enumerate(self.rows)]
        counts = {name: {"inside": inside, "outside": outside} for name, (inside, outside) in self.counts.items()}
        return {"points": rows, "counts": counts, "blank": self.blank}


def locate_file(path: Path, layers: Sequence[Layer], *, lon_column: str, lat_column: str) -> Located:
    """Reads a CSV file of points and locates each in each layer.

    Args:
        path: CSV in any encoding and with any separator that spreadsheets write.
        layers: each answers on its own.
        lon_column, lat_column: degrees, EPSG:4326.

    Raises:
        DirectoryError: with file, row, field and value: a missing column, one named like a layer, or a value that is no coordinate.
        GeometryError: the same of a place that cannot be, or that lies near the layers only swapped or with the other sign.
    """
    import numpy as np

    columns, rows, lines = _read(path, (lon_column, lat_column))
    _refuse_taken(columns, [layer.name for layer in layers], path)
    for column in (lon_column, lat_column):
        if column not in columns:
            near = nearest(column, columns) or columns
            raise DirectoryError("no such column", code="unknown_field", file=path, field=column, do=f"It has {', '.join(near)}")
    placed, lons, lats = [], [], []
    within = bounds_of(layers)
    for number, row in enumerate(rows):
        if not row[lon_column].strip() and not row[lat_column].strip():
            continue
        lon, lat = (_degrees(row[column], path, lines[number], column) for column in (lon_column, lat_column))
        try:
            check_lonlat(lon, lat, within=within, file=path, row=lines[number])
        except GeometryError as err:
            if err.code in ("null_island", "unknown_marker"):
                continue
            err.field = lon_column if err.field == "lon" else lat_column
            raise
        placed.append(number)
        lons.append(lon)
        lats.append(lat)
    ids: dict[str, list[str | None]] = {}
    for layer in layers:
        found: list[str | None] = [None] * len(rows)
        for number, position in zip(placed, layer.locate(np.array(lons), np.array(lats)), strict=True):
            found[number] = str(layer.ids[position]) if position >= 0 else None
        ids[layer.name] = found
    return Located(tuple(columns), tuple(rows), ids, len(rows) - len(placed))


def _read(path: Path, known: tuple[str, str]) -> tuple[list[str], list[dict[str, str]], list[int]]:
    """Returns columns, rows, and the number that a spreadsheet shows for each row: blank rows are left out, but counted."""
    text = decoded(read_bytes(path), str(path))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text.partition("\n")[0], known), strict=True)
    try:
        table = [(number, cells) for number, cells in enumerate(reader, 1) if any(cell.strip() for cell in cells)]
    except csv.Error as err:
        raise DirectoryError(f"not a table: {err}", code="unreadable_file", file=path, do="Look for an unclosed quotation mark") from err
    if not table:
        raise DirectoryError("the file is empty", code="empty_file", file=path, do=f"Begin with a header that names {' and '.join(known)}")
    columns = [cell.strip() for cell in table[0][1]]
    if twice := [name for name in columns if name and columns.count(name) > 1]:
        raise DirectoryError(
            "the column is there twice", code="duplicate_column", file=path, row=table[0][0], field=twice[0], do="Remove or rename one"
        )
    for number, cells in table[1:]:
        if len(cells) != len(columns):
            raise DirectoryError(f"{len(cells)} cells where the header has {len(columns)}", code="cell_count", file=path, row=number)
    return columns, [dict(zip(columns, cells, strict=True)) for _, cells in table[1:]], [number for number, _ in table[1:]]


def _refuse_taken(columns: Sequence[str], names: Sequence[str], path: Path) -> None:
    taken = [name for name in names if name in columns]
    if taken:
        raise DirectoryError(
            "the file has a column named like a layer, where the ids would stand",
            code="duplicate_column",
            file=path,
            row=1,
            field=taken[0],
            do="Rename the column, or give the layer another name by --layer",
        )


def _degrees(text: str, path: Path, row: int, column: str) -> float:
    try:
        return float(text)
    except ValueError as err:
        raise DirectoryError(
            "not a number of degrees",
            code="invalid_coordinate",
            file=path,
            row=row,
            field=column,
            value=text,
            do="Write it as -79.39660",
        ) from err
