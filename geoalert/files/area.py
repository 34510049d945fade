"""Read area.toml, and the area rules inside other files, into an AreaRule."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from glob import escape
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from shapely.geometry.base import BaseGeometry

from geoalert.errors import AlertError, AreaError, ExplainedError
from geoalert.files.area_schema import AreaFile, RuleTable
from geoalert.files.beside import path_beside
from geoalert.files.times import read_instant
from geoalert.files.toml import Document, read_document, validate
from geoalert.targeting.arearule import AreaRule

_HIDDEN = ("withhold",)
_OTHERS = 0o077


class Drawn(Protocol):
    """What a geometry file draws, in lon/lat."""

    @property
    def geometry(self) -> BaseGeometry:
        """All its shapes as one."""

    @property
    def native_crs(self) -> str | None:
        """The CRS it was converted from."""

    @property
    def accuracy_m(self) -> float | None:
        """The stated accuracy of that conversion."""


class ReadShapes(Protocol):
    """Reads a geometry file: `geoalert.boundaries.load.shapes.read_shapes`, which belongs to a room beside this one."""

    def __call__(self, path: str | Path, *, table: str | None = None, crs: str | None = None) -> Drawn:
        """Returns what the file draws."""


def read_area_rule(path: Path | str, *, zone: ZoneInfo | None, shapes: ReadShapes | None = None) -> AreaRule:
    """Reads an area file; the geometry files that it names lie beside it or below and are read too.

    Args:
        path: TOML, or JSON with the same fields where the name ends so.
        zone: of local times; without one `since` has to carry its offset.
        shapes: reads geometry files.

    Raises:
        AlertError: with file, line and field.
        AreaError: codes withhold_unusable, withhold_readable (a file with a secret place that others than its owner can read),
            file_not_available.
        BoundaryError: a geometry file that cannot be read.

    Example:
        read_area_rule("area.toml", zone=ZoneInfo("America/Toronto"), shapes=read_shapes).area(layers={})
    """
    document = read_document(path, refusal=AlertError, what="area file")
    return area_rule_from(document, folder=Path(path).parent, zone=zone, shapes=shapes)


def area_rule_from(document: Document, *, folder: Path, zone: ZoneInfo | None, shapes: ReadShapes | None = None) -> AreaRule:
    """Returns the rule that a document already read says; `folder` is where its files start."""
    written = validate(document, AreaFile, refusal=AlertError, hide=_HIDDEN)
    reading = _Reading(folder, zone, shapes)
    with document.placing():
        return AreaRule(
            rule=reading.rule(written.rule, "rule"),
            label=written.label,
            author=written.author,
            reason=written.reason,
            file=document.file,
            row_of=document.line_named,
            zone=zone,
            minus=tuple(reading.rule(each, f"minus.{number}") for number, each in enumerate(written.minus, 1)),
            withhold=tuple(_withheld(reading, each, number, document.file) for number, each in enumerate(written.withhold, 1)),
        )


def rule_from(table: RuleTable, *, folder: Path, zone: ZoneInfo | None, shapes: ReadShapes | None = None, field: str) -> AreaRule:
    """Returns the rule of a table inside another file."""
    return AreaRule(rule=_Reading(folder, zone, shapes).rule(table, field), zone=zone)


class _Reading:
    """Turns tables into rules without files and local times in them."""

    def __init__(self, folder: Path, zone: ZoneInfo | None, shapes: ReadShapes | None) -> None:
        self._folder = folder
        self._zone = zone
        self._shapes = shapes

    def rule(self, table: RuleTable, field: str) -> dict[str, Any]:
        """Returns one table as a rule; its geometry, where a file draws it, is a shapely one."""
        values = table.model_dump(exclude_none=True, exclude={"of"})
        if table.since is not None:
            values["since"] = read_instant(table.since, self._zone, field=f"{field}.since").isoformat()
        if table.file is not None:
            values = self._drawn(values, field)
        if table.of is not None:
            values["of"] = [self.rule(part, f"{field}.of.{number}") for number, part in enumerate(table.of, 1)]
        return values | {"type": values.get("type") or _likely_type(values)}

    def path(self, name: str, field: str) -> Path:
        """Returns where a file that a table names is."""
        return path_beside(self._folder, name, field=f"{field}.file")

    def _drawn(self, values: Mapping[str, Any], field: str) -> dict[str, Any]:
        kept = {name: value for name, value in values.items() if name not in ("file", "table", "crs")}
        if self._shapes is None:
            raise AreaError(
                "geometry files cannot be read here",
                code="file_not_available",
                field=f"{field}.file",
                value=values["file"],
                do="Open the project, or give the points or the geometry.",
            )
        twice = sorted({"geometry", "coordinates", "points"} & kept.keys())
        if twice:
            raise AreaError(f"{twice[0]} stands beside a file", code="invalid_field", field=f"{field}.{twice[0]}", do="Keep one of them.")
        path = self.path(values["file"], field)
        drawn = self._shapes(path, table=values.get("table"), crs=values.get("crs"))
        kept["geometry"] = drawn.geometry
        kept.setdefault("type", "polygon")
        if drawn.native_crs is not None:
            kept |= {"native_crs": drawn.native_crs, "accuracy_m": drawn.accuracy_m}
        return kept


def _likely_type(values: Mapping[str, Any]) -> str:
    for field, kind in (("geometry", "polygon"), ("coordinates", "polygon"), ("ids", "named"), ("each_side_m", "corridor")):
        if field in values:
            return kind
    if "points" in values:
        return "series"
    return "circle" if "radius_m" in values else "point"


def _withheld(reading: _Reading, table: RuleTable, number: int, within: str) -> dict[str, Any]:
    """Returns the rule of a withheld place; its errors name the file and never what is in it.

    Args:
        within: the area file, which holds the place itself where the table names no file.
    """
    for each in _leaves(table):
        if each.file is None:
            _refuse_readable([Path(within)], shown=Path(within).name, field=f"withhold.{number}")
        else:
            path = reading.path(each.file, f"withhold.{number}")
            parts = path.parent.glob(f"{escape(path.stem)}.*") if path.suffix.lower() == ".shp" else [path]
            _refuse_readable(parts, shown=each.file, field=f"withhold.{number}.file")
    try:
        return reading.rule(table, f"withhold.{number}")
    except ExplainedError as err:
        why = err.code
    except (TypeError, ValueError):
        why = "invalid_value"
    # Outside of the except clause, so that the error carries no cause that would say where.
    raise AreaError(
        f"a withheld place cannot be used: {why.replace('_', ' ')}",
        code="withhold_unusable",
        field=f"withhold.{number}" + (".file" if table.file else ""),
        value=table.file,
        do="Correct it where you may see it.",
    )


def _leaves(table: RuleTable) -> Iterator[RuleTable]:
    """Yields the tables that say where something is: the rule itself, or the parts that it joins."""
    if table.of is None:
        yield table
    for part in table.of or ():
        yield from _leaves(part)


def _refuse_readable(paths: Iterable[Path], *, shown: str, field: str) -> None:
    """Refuses a secret place in a file that its owner's group, or everyone, can read; Windows has no such modes.

    Raises:
        AreaError: code withhold_readable.
    """
    for path in paths if os.name == "posix" else ():
        if path.exists() and path.stat().st_mode & _OTHERS:
            raise AreaError(
                "others can read a file that holds a withheld place",
                code="withhold_readable",
                field=field,
                value=shown,
                do=f"Let its owner alone read it: chmod {'700' if path.is_dir() else '600'} {path.name}",
            )
