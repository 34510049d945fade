"""What `geoalert boundaries check` prints: columns, uniqueness, CRS, repairs, and the block to paste."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.boundaries.load import fields, repairs
from geoalert.boundaries.load.formats import read_table
from geoalert.boundaries.load.frame import Placed, place
from geoalert.boundaries.load.opening import opened
from geoalert.boundaries.load.raw import RawTable, located
from geoalert.errors import GeoAlertError
from geoalert.findings import Finding

_EXAMPLES = 3
_ID_WORDS = ("code", "num", "no", "nr", "div", "precinct", "pct", "beat", "ward", "id")
_LABEL_WORDS = ("name", "label", "nom", "title")
_KEYS_OF_SYSTEMS = ("objectid", "_id", "fid", "ogc_fid", "gid", "globalid", "id", "shape_area", "shape_leng", "shape_length", "the_geom")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the kind of its values (text, integer, number, other), blanks, uniqueness and three examples."""

    name: str
    kind: str
    unique: bool
    blanks: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What one table of a boundary file holds.

    Attributes:
        bounds: west, south, east, north in lon/lat; None where the geometry is refused.
        crs: the CRS the file is read in, None where none is known.
        crs_named: whether the caller named it, because the file does not.
        accuracy_m: stated accuracy of the conversion to lon/lat, None where none is made.
        repairs: what reading changes, and, at level refuse, what makes `read_layer` refuse the file.
        id, label: the columns that look most like them; None where no column is unique.
    """

    file: str
    format: str
    table: str
    tables: tuple[str, ...]
    rows: int
    columns: tuple[Column, ...]
    crs: str | None
    crs_named: bool
    accuracy_m: float | None
    bounds: tuple[float, float, float, float] | None
    repairs: tuple[Finding, ...]
    id: str | None
    label: str | None

    @property
    def unique_columns(self) -> tuple[str, ...]:
        """The columns that could be ids: no blank, no value twice."""
        return tuple(column.name for column in self.columns if column.unique)

    def toml_block(self, name: str) -> str:
        """Returns the `[layers.NAME]` block of geoalert.toml for this table."""
        lines = [f"[layers.{name if name.replace('-', '').replace('_', '').isalnum() and name.isascii() else _quoted(name)}]"]
        lines.append(f"file = {_quoted(self.file)}")
        if len(self.tables) > 1:
            lines.append(f"table = {_quoted(self.table)}")
        lines.append(
            f"id = {_quoted(self.id)}" if self.id else f'id = "{fields.ROW}"    # no column is unique; name one and add dissolve = true'
        )
        if self.label:
            lines.append(f"label = {_quoted(self.label)}")
        if self.crs_named and self.crs:
            lines.append(f"crs = {_quoted(self.crs)}")
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Returns the report as JSON-ready values."""
        return asdict(self) | {"repairs": [finding.to_dict() for finding in self.repairs], "unique_columns": list(self.unique_columns)}


def inspect_file(path: str | Path, *, table: str | None = None, crs: str | None = None) -> FileReport:
    """Returns what a boundary file holds, without knowing its id column; what would refuse it is a Finding of level refuse.

        report = inspect_file("HPS_Divisions.zip")
        print(report.unique_columns, report.crs, report.accuracy_m)
        print(report.toml_block("division"))

    Args:
        path: file or folder, as for `read_layer`.
        table: which table, where there are several.
        crs: the CRS to try on a file that names none; it then stands in the block too.

    Raises:
        BoundaryError: the file cannot be read at all, or holds several tables and none is named (several_tables).
    """
    with located(path), opened(Path(path)) as sources:
        raw, tables = read_table(sources, table)
    columns = tuple(_column(name, values) for name, values in raw.columns.items())
    found = raw.notes
    placed: Placed | None = None
    try:
        repairs.check_kinds(raw)
        placed = place(raw, crs=crs, accept_accuracy_m=5.0)
        found += placed.notes
    except GeoAlertError as err:
        where = None if err.row is None else f"row {err.row}"
        found += (Finding("refuse", err.code, f"{err.what}. {err.do}" if err.do else err.what, where=where),)
    return FileReport(
        file=str(path),
        format=raw.format,
        table=raw.name,
        tables=tables,
        rows=len(raw),
        columns=columns,
        crs=placed.crs if placed else crs or raw.crs or raw.default_crs,
        crs_named=crs is not None and raw.crs is None,
        accuracy_m=placed.accuracy_m if placed else None,
        bounds=_bounds(placed),
        repairs=found,
        id=_likely_id(columns, raw),
        label=_likely_label(columns),
    )


def _bounds(placed: Placed | None) -> tuple[float, float, float, float] | None:
    """Returns west, south, east, north of what was placed."""
    if placed is None:
        return None
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(placed.geometries))
    return west, south, east, north


def _column(name: str, values: Sequence[Any] | NDArray[Any]) -> Column:
    """Returns what is worth knowing of a column; examples are cut at 60 characters."""
    filled = [value for value in values if not fields.is_blank(value)]
    examples = tuple(dict.fromkeys(fields.value_text(value)[:60] for value in filled))[:_EXAMPLES]
    return Column(name, _kind(filled), len(values) > 0 and fields.is_unique(values), len(values) - len(filled), examples)


def _kind(values: Sequence[Any]) -> str:
    """Returns the kind that all values share; an empty column is "other"."""
    if values and all(isinstance(value, str) for value in values):
        return "text"
    if values and all(isinstance(value, int | np.integer) and not isinstance(value, bool) for value in values):
        return "integer"
    if values and all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in values):
        return "number"
    return "other"


def _likely_id(columns: tuple[Column, ...], raw: RawTable) -> str | None:
    """Returns the unique column that reads most like an official id: short values, a telling name, not a system's own key."""

    def rank(column: Column) -> tuple[bool, bool, bool, int]:
        name = column.name.casefold()
        long = max(len(text) for text in column.examples) > 12
        told = any(word in name.replace("-", "_") for word in _ID_WORDS)
        return name in _KEYS_OF_SYSTEMS, long, not told, raw_names.index(column.name)

    raw_names = list(raw.columns)
    able = [column for column in columns if column.unique and column.kind in ("text", "integer")]
    whole = [column for column in columns if column.unique and column.kind == "number" and not any("." in text for text in column.examples)]
    candidates = able or whole
    return min(candidates, key=rank).name if candidates else None


def _likely_label(columns: tuple[Column, ...]) -> str | None:
    """Returns the text column without blanks whose name says that it holds names, a unique one first."""
    texts = [column for column in columns if column.kind == "text" and not column.blanks]
    told = [column for column in texts if any(word in column.name.casefold() for word in _LABEL_WORDS)]
    return max(told, key=lambda column: column.unique).name if told else None


def _quoted(text: str) -> str:
    """Returns a TOML basic string."""
    return json.dumps(text, ensure_ascii=False)
