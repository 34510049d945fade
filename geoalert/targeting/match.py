"""Which boundaries an area meets, by how much, and whether the rule targets them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import shapely

from geoalert import geo
from geoalert.boundaries.ids import natural_key
from geoalert.boundaries.model import Layer
from geoalert.errors import AreaError, BoundaryError
from geoalert.targeting.ground import Ground, Rows, ground_of
from geoalert.targeting.rules import Relation, TargetRule, at_most_m, judge_point, judge_shares, parse_rule

if TYPE_CHECKING:
    from geoalert.area import Area

TOLERANCE_M = 30.0
_natural_key = lru_cache(maxsize=8192)(natural_key)
_NOTHING_M2 = 1e-4
_LEAST_M2 = 1e-6
_WHOLE = 1 - 1e-9
_DEGREE_M = 110_000.0


@dataclass(frozen=True, slots=True)
class Match:
    """One boundary that an area meets.

    Attributes:
        layer, id, label: which boundary.
        share_of_area: part of the area inside the boundary, 0 to 1; None for a bare point.
        share_of_boundary: part of the boundary inside the area, 0 to 1; None for a bare point.
        distance_m: metres between the two; 0 where they meet.
        relation: inside (the area lies wholly in the boundary), overlaps, touches, near.
        targeted: whether the rule wants this boundary.
        reason: why, in one sentence.
    """

    layer: str
    id: str
    label: str
    share_of_area: float | None
    share_of_boundary: float | None
    distance_m: float
    relation: Relation
    targeted: bool
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Returns the match as JSON-ready fields."""
        return {name: getattr(self, name) for name in self.__slots__}


def match(
    area: Area, layers: Iterable[Layer] | Layer, rule: str = "overlap", as_of: date | None = None, *, tolerance_m: float = TOLERANCE_M
) -> list[Match]:
    """Returns every boundary the area meets, largest share first, ties in natural order of the ids; the order of the input never matters.

        match(Area.circle(lon=-79.39660, lat=43.64867, radius_m=600), [divisions, neighbourhoods])

    Args:
        area: what was drawn.
        layers: layers of different names.
        rule: overlap, touches, centroid, share:20% or within:150m; only the last lists boundaries that the area does not meet.
        as_of: the day on which every layer must hold.
        tolerance_m: how far outside a boundary a bare point still counts as near it.

    Raises:
        AreaError: code unknown_rule, negative_tolerance, empty_area.
        BoundaryError: code layer_not_valid, duplicate_layer.
    """
    checked = checked_layers(layers, as_of)
    policy = parse_rule(rule)
    if area.is_point:
        if not 0 <= tolerance_m <= geo.MAX_RADIUS_M:
            raise AreaError("a tolerance is 0 to 1,000 km", code="negative_tolerance", field="tolerance_m", value=tolerance_m)
        found = _point_matches(area, checked, policy, tolerance_m)
    else:
        found = _area_matches(area, checked, policy)
    found.sort(key=_order)
    return found


def _order(found: Match) -> tuple[float, float, Any, str]:
    return -round(found.share_of_area or 0.0, 9), found.distance_m, _natural_key(found.id), found.layer


def checked_layers(layers: Iterable[Layer] | Layer, as_of: date | None) -> list[Layer]:
    """Returns the layers, each of its own name and holding on the day; one alone may stand for its list.

    Raises:
        BoundaryError: code layer_not_valid, duplicate_layer.
    """
    checked = [layers] if isinstance(layers, Layer) else list(layers)
    names = [layer.name for layer in checked]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise BoundaryError(
            "two layers have one name", code="duplicate_layer", field="layers", value=", ".join(twice), do="Give each a name."
        )
    if as_of is not None:
        day = as_of.date() if isinstance(as_of, datetime) else as_of
        for layer in checked:
            if not layer.valid_on(day):
                raise BoundaryError(
                    f"layer {layer.name} does not hold on {day}: it is valid {_validity(layer)}",
                    code="layer_not_valid",
                    field="as_of",
                    value=day.isoformat(),
                    do="Use the edition of the layer for that day.",
                )
    return checked


def _validity(layer: Layer) -> str:
    since = f"from {layer.valid_from}" if layer.valid_from else ""
    until = f"to {layer.valid_to}" if layer.valid_to else ""
    return " ".join(part for part in (since, until) if part)


def _area_matches(area: Area, layers: Sequence[Layer], policy: TargetRule) -> list[Match]:
    if not layers:
        return []
    ground = ground_of(layers)
    rows = ground.meeting(area.geometry)
    if not len(rows) and not policy.reach_m:
        return []
    size = area.area_m2
    if size < _LEAST_M2:
        raise AreaError("the area has no size", code="empty_area", field="area", value=area, do="Give it a radius_m or more width.")
    nothing_m2 = min(_NOTHING_M2, size * 1e-9)
    shared, holding = ground.shared_m2(area, rows)
    boundaries_m2 = ground.areas_m2[rows].tolist()
    centre = set(_centre_rows(area, ground)) if policy.kind == "centroid" else ()
    found = []
    relation: Relation
    for row, part, boundary_m2, inside in zip(rows.tolist(), shared, boundaries_m2, holding, strict=True):
        at, nth = ground.owners[row]
        layer = layers[at]
        share, of_boundary, relation = 0.0, 0.0, "touches"
        if part > nothing_m2:
            share, of_boundary = min(1.0, part / size), part / max(part, boundary_m2)
            # What was cut at a boundary lies in it, though a corner may be off its edge by the last bit.
            relation = "inside" if inside or share > _WHOLE else "overlaps"
        name, label = layer.ids[nth], layer.labels[nth]
        shown = label if label != name else f"{layer.name} {label}"
        targeted, reason = judge_shares(policy, shown, share, of_boundary, relation, 0.0, holds_centre=row in centre)
        found.append(Match(layer.name, name, label, share, of_boundary, 0.0, relation, targeted, reason))
    if policy.reach_m:
        for row, away_m in _near_rows(area, ground, policy.reach_m, known=rows):
            at, nth = ground.owners[row]
            layer = layers[at]
            targeted, reason = judge_shares(policy, _label(layer, nth), 0.0, 0.0, "near", away_m, holds_centre=False)
            found.append(Match(layer.name, layer.ids[nth], layer.labels[nth], 0.0, 0.0, away_m, "near", targeted, reason))
    return found


def _label(layer: Layer, row: int) -> str:
    label: str = layer.labels[row]
    return label if label != layer.ids[row] else f"{layer.name} {label}"


def _centre_rows(area: Area, ground: Ground) -> list[int]:
    frame = geo.Frame.of(area.geometry)
    lon, lat = shapely.get_coordinates(frame.to_lonlat(shapely.centroid(frame.to_metres(area.geometry))))[0].tolist()
    rows: list[int] = ground.meeting(shapely.points(lon, lat)).tolist()
    return rows


def _near_rows(area: Area, ground: Ground, reach_m: float, *, known: Rows) -> list[tuple[int, float]]:
    """Returns the rows within `reach_m` of the area that are not known to meet it, with their distance in metres."""
    west, south, east, north = area.geometry.bounds
    dlat = reach_m / _DEGREE_M
    widest = min(89.0, max(abs(south), abs(north)) + dlat)
    dlon = dlat / math.cos(math.radians(widest))
    rows = ground.beside(shapely.box(west - dlon, south - dlat, east + dlon, north + dlat), known)
    if not len(rows):
        return []
    if reach_m > 20_000:
        pairs = [(int(row), geo.distance_m(area.geometry, ground.geometries[row])) for row in rows]
    else:
        frame = geo.Frame.of(area.geometry)
        boundaries, asked = geo.cut_edges(ground.geometries[rows]), geo.cut_edges(area.geometry)
        apart = shapely.distance(frame.to_metres(boundaries), frame.to_metres(asked))
        pairs = list(zip(rows.tolist(), apart.tolist(), strict=True))
    return [(row, away_m) for row, away_m in pairs if at_most_m(away_m, reach_m)]


def _point_matches(area: Area, layers: Sequence[Layer], policy: TargetRule, tolerance_m: float) -> list[Match]:
    if not layers:
        return []
    ground = ground_of(layers)
    inside = ground.meeting(area.geometry)
    held = [(row, 0.0, True) for row in inside.tolist()]
    near = [(row, away_m, False) for row, away_m in _near_rows(area, ground, max(tolerance_m, policy.reach_m), known=inside)]
    found = []
    for row, away_m, holds in held + near:
        at, nth = ground.owners[row]
        layer = layers[at]
        targeted, reason = judge_point(policy, _label(layer, nth), away_m, tolerance_m, inside=holds)
        relation: Relation = "inside" if holds else "near"
        found.append(Match(layer.name, layer.ids[nth], layer.labels[nth], None, None, away_m, relation, targeted, reason))
    return found
