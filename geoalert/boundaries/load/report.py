"""What `geoalert boundaries check` prints: columns, uniqueness, CRS, repairs, and the block to paste."""

from __future__ import annotations

import json
import re
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
from geoalert.boundaries.load.raw import located
from geoalert.errors import GeoAlertError
from geoalert.findings import Finding

_EXAMPLES = 3
_MOST_RIVALS = 3
_LONG = 12
_CODE_WORDS = re.compile(r"code|num|div|precinct|pct|beat|ward|district|sector|hood|(?<![a-z])(?:no|nr|nbr|cd|id)(?![a-z])")
_LABEL_WORDS = ("name", "label", "nom", "title", "desc", "address")
_KEY_OF_SYSTEM = re.compile(r"_?(?:objectid|ogc_fid|fid|gid|globalid|id|shape_*(?:area|leng(?:th)?)|the_geom)(?:_?\d+)?")
_PORTAL_DIGITS = 6


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
        rivals: other columns that could be the id, likeliest first.
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
    rivals: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Finding, ...]:
        """What makes `read_layer` refuse the file; a block for such a file would not read."""
        return tuple(finding for finding in self.repairs if finding.level == "refuse")

    @property
    def unique_columns(self) -> tuple[str, ...]:
        """The columns that could be ids: no blank, no value twice."""
        return tuple(column.name for column in self.columns if column.unique)

    def toml_block(self, name: str, *, file: str | None = None) -> str:
        """Returns the `[layers.NAME]` block of geoalert.toml for this table.

        Args:
            name: of the layer.
            file: how that geoalert.toml, from its own folder, names the file; the path that was inspected.
        """
        lines = [f"[layers.{name if name.replace('-', '').replace('_', '').isalnum() and name.isascii() else _quoted(name)}]"]
        lines.append(f"file = {_quoted(file or self.file)}")
        if len(self.tables) > 1:
            lines.append(f"table = {_quoted(self.table)}")
        lines.append(
            f"id = {_quoted(self.id)}" if self.id else f'id = "{fields.ROW}"    # no column is unique; name one and add dissolve = true'
        )
        if self.rivals:
            lines.append(f"# unique too, should that not be the official id: {', '.join(map(_quoted, self.rivals))}")
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
    likely = _likely_ids(columns)
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
        id=likely[0] if likely else None,
        label=_likely_label(columns),
        rivals=likely[1 : 1 + _MOST_RIVALS],
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


def _likely_ids(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Returns the unique columns that could be ids, the likeliest first; keys of systems and names only where nothing else is unique.

    An official id is short and its column says code or number. A key that a portal counts up, such as AREA_ID = 25886861, changes when
    the portal loads its table anew.
    """

    def rank(column: Column) -> tuple[bool, bool, bool, bool]:
        name = column.name.casefold()
        return _of_system(column), _speaks(column), _of_portal(column), not _CODE_WORDS.search(name.replace("_", " "))

    whole = [column for column in columns if column.kind == "number" and not any("." in text for text in column.examples)]
    able = [column for column in columns if column.unique and (column.kind in ("text", "integer") or column in whole)]
    ordered = sorted(able, key=rank)
    return tuple(column.name for at, column in enumerate(ordered) if at == 0 or not (_of_system(column) or _speaks(column)))


def _of_system(column: Column) -> bool:
    return _KEY_OF_SYSTEM.fullmatch(column.name.casefold()) is not None


def _of_portal(column: Column) -> bool:
    counted = column.kind in ("integer", "number") and all(len(text) >= _PORTAL_DIGITS for text in column.examples)
    return counted and column.name.casefold().endswith("id")


def _speaks(column: Column) -> bool:
    """Returns whether a column holds names or sentences rather than codes."""
    told = column.kind == "text" and any(word in column.name.casefold() for word in _LABEL_WORDS)
    return told or any(len(text) > _LONG for text in column.examples)


def _likely_label(columns: tuple[Column, ...]) -> str | None:
    """Returns the text column without blanks whose name says that it holds names, a unique one first."""
    texts = [column for column in columns if column.kind == "text" and not column.blanks]
    told = [column for column in texts if any(word in column.name.casefold() for word in _LABEL_WORDS)]
    return max(told, key=lambda column: column.unique).name if told else None


def _quoted(text: str) -> str:
    """Returns a TOML basic string."""
    return json.dumps(text, ensure_ascii=False)
