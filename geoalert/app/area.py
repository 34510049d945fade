"""Area rules from files, with the project's layers where there is a project: for `geoalert area` and `match --area`."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from geoalert.app.desk import Desk, open_project
from geoalert.app.disk import write_whole
from geoalert.area import Area
from geoalert.boundaries.load.shapes import read_shapes
from geoalert.errors import AlertError, AreaError, ConfigurationError, LayerNotFound
from geoalert.files.area import area_rule_from, read_area_rule
from geoalert.files.area_text import area_text
from geoalert.files.times import format_local, read_instant
from geoalert.files.times import zone as zone_of
from geoalert.files.toml import parse_document
from geoalert.places.typed import check_no_address
from geoalert.targeting.arearule import AreaRule
from geoalert.targeting.editions import DayLayers
from geoalert.targeting.parts import check_asked
from geoalert.targeting.rule import reached

if TYPE_CHECKING:
    from geoalert.boundaries.model import Layer
    from geoalert.targeting.rule import Near

_AREA_FILES = (".toml", ".json")


@dataclass(frozen=True, slots=True)
class AreaDesk:
    """Area files read with the project named or nearest, or with none.

    Attributes:
        desk: the project, None where there is none; then local times need an offset and layers come from `given`.
        given: layers that files gave, by name.
        near: finds a place by name.
        as_of: the day whose editions are used; None for today.
    """

    desk: Desk | None
    given: Mapping[str, Layer] = field(default_factory=dict)
    near: Near | None = None
    as_of: date | None = None

    @classmethod
    def of(
        cls, project: Path | None, *, given: Mapping[str, Layer] | None = None, near: Near | None = None, as_of: date | None = None
    ) -> AreaDesk:
        """Opens the project, where there is one."""
        try:
            desk = open_project(project)
        except ConfigurationError as err:
            if err.code != "no_project" or project is not None:
                raise
            desk = None
        return cls(desk, given or {}, near or (desk.near if desk else None), as_of)

    def __enter__(self) -> AreaDesk:
        return self

    def __exit__(self, *_: object) -> None:
        if self.desk is not None:
            self.desk.close()

    def instant(self, text: str | None) -> datetime | None:
        """Returns the instant that a local time of the project, or a time with its offset, names.

        Raises:
            AlertError: as `read_time`; AreaError: code zone_needed, for a local time without a project.
        """
        return None if text is None else read_instant(text, self.zone, field="at")

    @property
    def zone(self) -> ZoneInfo | None:
        """The project's zone."""
        return None if self.desk is None else self.desk.project.zone

    def read(self, text: str) -> AreaRule:
        """Returns the rule of FILE, an area file, or of FILE or FILE:TABLE, which draws polygons.

        Raises:
            AlertError, AreaError, BoundaryError: with the file.
        """
        path, table = split_table(text)
        return read_area(path, zone=self.zone, table=table)

    def layers(self, rule: AreaRule) -> DayLayers:
        """Returns the layers that a rule names, as far as they are known; where one is not, all, so that the nearest can be named."""
        found = dict(self.given)
        desk = self.desk
        if desk is None:
            return DayLayers(found)
        for name in (name for name in rule.layers if name not in found):
            try:
                found[name] = desk.layer(name, as_of=self.as_of)
            except LayerNotFound:
                found = {**desk.layers_on(self.as_of or desk.today), **found}
        return DayLayers(found, editions=desk.editions_named)

    def area(self, rule: AreaRule, *, at: datetime | None = None, signals: Collection[str] = (), delta: bool = False) -> Area:
        """Returns a rule's public area; of rings the first, unless a time or a signal is given; with `delta` what it adds.

        Raises:
            AreaError: code no_rings, for a time, a signal or a delta of a rule without any; and as `AreaRule.area`.
        """
        check_asked(rule.rule, signals, at=at, delta=delta)
        with nullcontext() if self.desk is None else self.desk.retired_told(self.as_of):
            return rule.area(layers=self.layers(rule), near=self.near, at=at, signals=signals, delta=delta)

    def check(self, rule: AreaRule) -> int:
        """Resolves everything that a rule says, secret places included, and returns how many of these there are.

        Raises:
            AreaError: the first thing that is wrong; code label_is_address.
        """
        with rule.placing():
            check_no_address(rule.label)
        check_no_address(self.area(rule).label)
        layers = self.layers(rule)
        if rule.rings(near=self.near) is not None:
            rule.deltas(layers=layers, near=self.near)
        return len(rule.withheld(layers=layers, near=self.near))

    def rings(self, rule: AreaRule, *, at: datetime | None = None, signals: Collection[str] = ()) -> list[dict[str, Any]]:
        """Returns each ring with its start, size, what it adds, and whether it is the one reached; JSON-ready, none for other rules."""
        rings = rule.rings(near=self.near)
        if rings is None:
            return []
        number_reached = reached(rings, at, signals)
        added = rule.deltas(layers=self.layers(rule), near=self.near)
        rows = []
        for number, (step, delta) in enumerate(zip(rings.steps, added, strict=True), 1):
            begins = rings.begins(number)
            rows.append(
                {
                    "ring": number,
                    "begins": begins.isoformat() if self.zone is None else format_local(begins, self.zone),
                    "or_on": step.or_on,
                    "radius_m": step.radius_m,
                    "reached": number == number_reached,
                    "adds_m2": 0.0 if delta is None else delta.area_m2,
                }
            )
        return rows


def read_area(path: str | Path, *, zone: ZoneInfo | str | None = None, table: str | None = None, crs: str | None = None) -> AreaRule:
    """Returns the rule of an area file, TOML or JSON, or of any other file that draws polygons.

    Args:
        zone: of the local times in an area file, such as "America/Toronto"; without one they need their offset.
        table, crs: of a file that draws polygons: which table, and its CRS where it names none.

    Raises:
        AlertError, AreaError, BoundaryError: with the file; of an area file also line and field.

    Example:
        geoalert.read_area("area.toml", zone="America/Toronto").area(layers=desk.layers, near=desk.near)
    """
    path = Path(path)
    if table is None and crs is None and is_area_file(path):
        return read_area_rule(path, zone=zone_of(zone, field="zone") if isinstance(zone, str) else zone, shapes=read_shapes)
    drawn = read_shapes(path, table=table, crs=crs)
    rule: dict[str, Any] = {"type": "polygon", "geometry": drawn.geometry}
    if drawn.native_crs is not None:
        rule |= {"native_crs": drawn.native_crs, "accuracy_m": drawn.accuracy_m}
    return AreaRule(rule=rule)


def make_area(
    desk: AreaDesk,
    out: Path,
    *,
    rule: dict[str, Any],
    minus: list[dict[str, Any]],
    withhold: list[dict[str, Any]],
    label: str | None = None,
    author: str | None = None,
    reason: str | None = None,
) -> Area:
    """Writes an area file where none is, once everything that it says could be read, and returns its area.

    Args:
        rule, minus, withhold: the fields of their tables; files as the person named them, which lie beside `out` or below.
        label, author, reason: words about the area.

    Raises:
        AreaError: codes file_exists, unknown_format; and whatever reading the file refuses.
    """
    suffix = out.suffix.lower()
    if suffix not in _AREA_FILES:
        do = f"Give a name that ends in {' or '.join(_AREA_FILES)}; geoalert area export writes geometry."
        raise AreaError("an area file is TOML or JSON", code="unknown_format", field="-o", value=out, do=do)
    if os.path.lexists(out):
        raise AreaError("the file is there already", code="file_exists", field="-o", value=out, do=f"Give another name: -o NAME{suffix}.")
    tables = [rule, *minus, *withhold]
    for table in tables:
        if "file" in table:
            table["file"] = _beside(out, table["file"])
    text = area_text(rule, minus=minus, withhold=withhold, label=label, author=author, reason=reason, suffix=suffix)
    document = parse_document(text, path=out, refusal=AlertError, what="area file")
    made = area_rule_from(document, folder=out.parent, zone=desk.zone, shapes=read_shapes)
    desk.check(made)
    write_whole(out, text.encode("utf-8"), mode=0o644)
    return desk.area(made)


def _beside(out: Path, name: str) -> str:
    """Returns a file's name from the folder of the area file, where it lies there or below; else as it was given."""
    whole, folder = Path(name).resolve(), out.parent.resolve()
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else name


def split_table(text: str) -> tuple[Path, str | None]:
    """Returns FILE and TABLE of `FILE:TABLE`; a colon in a name that exists is part of it."""
    if Path(text).exists() or ":" not in text:
        return Path(text), None
    file, _, table = text.rpartition(":")
    return (Path(file), table) if Path(file).exists() else (Path(text), None)


def is_area_file(path: Path) -> bool:
    """Returns whether a file is an area file and not a drawn geometry: by its ending, JSON by its `rule`."""
    if path.suffix.lower() == ".toml":
        return True
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    try:
        told = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and "rule" in told and "features" not in told
