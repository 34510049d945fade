"""AreaRule: a target area as data, with what is taken off it in public and what is withheld in secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geoalert import geo
from geoalert.alert.restricted import Withheld
from geoalert.area import Area
from geoalert.errors import AreaError, ExplainedError
from geoalert.targeting.parts import check_asked, check_depth, layer_names
from geoalert.targeting.rings import Rings
from geoalert.targeting.rule import Near, Rule, area_from_rule, combined, drawn_shape, placed_rule, rings_of

if TYPE_CHECKING:
    from geoalert.boundaries.model import Layer

_DRAWN = ("geometry", "coordinates", "points")


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRule:
    """How a target area is defined; the same rule over the same layers always makes the same bytes.

        rule = AreaRule(rule={"type": "circle", "lon": -79.3474, "lat": 43.77531, "radius_m": 1200},
                        minus=({"type": "circle", "lon": -79.343, "lat": 43.779, "radius_m": 150},))
        rule.area(layers={}).area_m2

    Attributes:
        rule: as `area_from_rule` reads it; geometries may be shapely ones.
        label: the only words for the place that the public gets.
        author, reason: who drew it and why; for the plan, never printed in posts.
        minus: rules taken off, exactly and in public; `distance_m` widens one first.
        withhold: rules of places kept secret, each with `distance_m`; nothing that `area` returns depends on them.
        file: where it was read from, for errors.
        row_of: returns the line of a dotted field in that file, for errors.
        zone: of times in errors; without one they are in UTC.

    Raises:
        AreaError: code too_deep.
    """

    rule: Rule
    label: str | None = None
    author: str | None = None
    reason: str | None = None
    minus: tuple[Rule, ...] = ()
    withhold: tuple[Rule, ...] = field(default=(), repr=False)
    file: str | None = None
    row_of: Callable[[str], int | None] | None = field(default=None, repr=False, compare=False)
    zone: ZoneInfo | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        for each in (self.rule, *self.minus, *self.withhold):
            check_depth(each)

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that have to be handed in."""
        return tuple(dict.fromkeys(name for each in (self.rule, *self.minus, *self.withhold) for name in layer_names(each)))

    def area(
        self,
        *,
        layers: Mapping[str, Layer],
        near: Near | None = None,
        at: datetime | None = None,
        signals: Collection[str] = (),
        delta: bool = False,
    ) -> Area:
        """Returns the public area; of rings the one reached at that instant, or after those signals.

        Args:
            layers, near, at, signals: as for `area_from_rule`.
            delta: of rings, only what the ring reached adds to the one before it.

        Raises:
            AreaError, LayerNotFound, GeometryError: as `area_from_rule`; the field of a minus is `minus.NUMBER`.
        """
        check_asked(self.rule, signals, delta=delta)
        with self.placing("rule"):
            made = area_from_rule(self.rule, layers=layers, near=near, at=at, signals=signals)
            if delta:
                made = self._rings(near).delta(made.rule["ring"]).labelled(made.label)
        return self._finished(made, layers, near)

    def rings(self, *, near: Near | None = None) -> Rings | None:
        """Returns the steps of a rule of type rings, None of any other."""
        return rings_of(placed_rule(self.rule, near)[0]) if self.rule.get("type") == "rings" else None

    def deltas(self, *, layers: Mapping[str, Layer], near: Near | None = None) -> tuple[Area | None, ...]:
        """Returns what each ring adds to those before it, minus taken off; None where the minus takes all of it.

        Raises:
            AreaError: code no_rings; the rule has none.
        """
        found: list[Area | None] = []
        for delta in self._rings(near).deltas():
            try:
                found.append(self._finished(delta, layers, near))
            except AreaError as err:
                if err.code != "nothing_left":
                    raise
                found.append(None)
        return tuple(found)

    def withheld(self, *, layers: Mapping[str, Layer], near: Near | None = None) -> tuple[Withheld, ...]:
        """Returns the secret places, for the alert's Restricted.

        Raises:
            AreaError: code withhold_unusable, which never says where.
        """
        with self.placing():
            return tuple(_withheld(each, number, layers, near) for number, each in enumerate(self.withhold, 1))

    def to_dict(self) -> dict[str, Any]:
        """Returns the public part JSON-ready: rule, label, author, reason and minus."""
        plain: dict[str, Any] = json.loads(
            json.dumps({"rule": dict(self.rule), "minus": [dict(each) for each in self.minus]}, default=_json_ready)
        )
        return plain | {"label": self.label, "author": self.author, "reason": self.reason}

    def _rings(self, near: Near | None) -> Rings:
        check_asked(self.rule, (), delta=True)
        return rings_of(placed_rule(self.rule, near)[0])

    @contextmanager
    def placing(self, field: str | None = None) -> Iterator[None]:
        """Adds file and row to an error that has none, and the table to its field as the file writes it; times are told in the zone."""
        try:
            yield
        except ExplainedError as err:
            if err.code == "no_ring_yet" and err.value is not None and self.zone is not None:
                err.value = datetime.fromisoformat(err.value).astimezone(self.zone).isoformat()
            if err.file is None and self.file is not None:
                err.file = self.file
                if field is not None:
                    err.field = f"{field}.{err.field}" if err.field else field
                err.field = err.field and self._written(err.field)
                if err.row is None and err.field and self.row_of is not None:
                    err.row = self.row_of(err.field)
            raise

    def _written(self, field: str) -> str:
        """Returns the name of a field in the file: what a geometry file drew is wrong in `file`."""
        table, *names = field.split(".")
        rule = self.rule
        if table == "minus" and names:
            rule = self.minus[int(names.pop(0)) - 1]
        while len(names) > 2 and names[0] == "of":
            rule, names = rule["of"][int(names[1]) - 1], names[2:]
        if names[-1:] not in (["geometry"], ["points"]):
            return field
        last = "file" if isinstance(rule.get("geometry"), BaseGeometry) else next(iter(rule.keys() & {*_DRAWN}), names[-1])
        return f"{field.rpartition('.')[0]}.{last}"

    def _finished(self, made: Area, layers: Mapping[str, Layer], near: Near | None) -> Area:
        with self.placing():
            cuts = [_cut(each, number, layers, near) for number, each in enumerate(self.minus, 1)]
            if cuts:
                made = combined("minus", [made, *cuts])
        return made if self.label is None else made.labelled(self.label)


def _cut(rule: Rule, number: int, layers: Mapping[str, Layer], near: Near | None) -> Area:
    try:
        plain = {name: value for name, value in rule.items() if name != "distance_m"}
        distance_m = rule.get("distance_m")
        if distance_m is None or distance_m == 0:
            return area_from_rule(plain, layers=layers, near=near)
        geo.check_radius(distance_m, field="distance_m")
        return Area.polygon(geo.buffer_m(_shape(plain, layers, near), float(distance_m)))
    except ExplainedError as err:
        err.field = f"minus.{number}" + (f".{err.field}" if err.field else "")
        raise


def _withheld(rule: Rule, number: int, layers: Mapping[str, Layer], near: Near | None) -> Withheld:
    plain = {name: value for name, value in rule.items() if name != "distance_m"}
    try:
        return Withheld(geometry=_shape(plain, layers, near), distance_m=rule.get("distance_m", 0.0))
    except ExplainedError as err:
        why = "distance_m is missing, or no number of metres" if err.code == "withheld_distance" else err.code
    except (ShapelyError, TypeError, ValueError, KeyError, IndexError):
        why = "invalid_geometry"
    # Outside of the except clause, so that the error carries no cause that would say where.
    raise AreaError(
        f"a withheld place cannot be used: {why.replace('_', ' ')}",
        code="withhold_unusable",
        field=f"withhold.{number}",
        do="Correct it where you may see it.",
    )


def _shape(rule: Rule, layers: Mapping[str, Layer], near: Near | None) -> BaseGeometry:
    """Returns a rule's lon/lat geometry; where one was drawn also lines and points, which are no area."""
    if rule.get("type") != "polygon" or not isinstance(rule.get("geometry"), BaseGeometry | Mapping):
        return area_from_rule(rule, layers=layers, near=near).geometry
    drawn = drawn_shape(rule)
    if isinstance(rule["geometry"], Mapping) and drawn.geom_type in ("Polygon", "MultiPolygon"):
        return area_from_rule(rule, layers=layers, near=near).geometry
    return drawn


def _json_ready(value: object) -> Any:
    if isinstance(value, shapely.Geometry):
        return mapping(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON-ready")
