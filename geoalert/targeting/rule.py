"""Area rules as people write them, in alert.toml or area.toml, and the areas they mean."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import LineString, shape
from shapely.geometry.base import BaseGeometry

from geoalert import geo
from geoalert.area import Area
from geoalert.errors import AreaError, BoundaryError, ExplainedError, LayerNotFound
from geoalert.targeting.editions import edition_for
from geoalert.targeting.parts import check_asked, check_depth
from geoalert.targeting.rings import Rings
from geoalert.text import nearest

if TYPE_CHECKING:
    from geoalert.boundaries.model import Layer

Rule = Mapping[str, Any]
Near = Callable[[str], tuple[float, float, str]]
"""Finds a place by name: (lon, lat, the public words for it), or an error where it is ambiguous or unknown."""

_FIELDS = {
    "point": ("lon", "lat"),
    "circle": ("lon", "lat", "radius_m"),
    "series": ("points", "radius_m"),
    "corridor": ("points", "geometry", "each_side_m", "caps", "crs", "native_crs", "accuracy_m"),
    "polygon": ("geometry", "coordinates", "crs", "native_crs", "accuracy_m"),
    "named": ("layer", "ids", "layer_digest", "version"),
    "rings": ("lon", "lat", "since", "steps", "ring", "delta"),
    "union": ("of",),
    "intersection": ("of",),
    "minus": ("of",),
}


def area_from_rule(
    rule: Rule, *, layers: Mapping[str, Layer], near: Near | None = None, at: datetime | None = None, signals: Collection[str] = ()
) -> Area:
    """Returns the area that a rule means, such as {"type": "circle", "lon": -79.3966, "lat": 43.64867, "radius_m": 600}.

    Every rule that an Area keeps is read back here. Points are [lon, lat].

    Args:
        rule: type, its fields, and optionally `label`; files are read before, by `geoalert.files.area`.
        layers: the project's layers by name, for `named`; `DayLayers` also has the edition that a rule's `version` names.
        near: finds a place by name, for `near`.
        at: when, for `rings`, aware; without it, and without signals, the first ring.
        signals: what has been signalled by then, for `rings`.

    Raises:
        AreaError: codes near_not_available, file_not_available, unknown_area_type, unknown_field, missing_field, invalid_field,
            nothing_left (a minus takes everything), no_ring_yet, no_rings (a signal, and nothing waits for any), too_deep, and those of
            Rings; the field of a part is `of.NUMBER` and its own.
        LayerNotFound: codes unknown_layer, unknown_boundary.
        BoundaryError: code layer_changed; the edition that a rule names by `version` or `layer_digest` is not at hand.
    """
    check_depth(rule)
    check_asked(rule, signals)
    return _resolved(rule, layers, near, at, signals)


def _resolved(rule: Rule, layers: Mapping[str, Layer], near: Near | None, at: datetime | None, signals: Collection[str]) -> Area:
    placed, words = placed_rule(rule, near)
    kind = _kind(placed)
    if kind == "named":
        made = _named(placed, layers)
    elif kind == "rings":
        made = _rings(placed, at, signals)
    elif kind in _COMBINED:
        made = combined(kind, [_part(part, number, layers, near, at, signals) for number, part in enumerate(_parts(placed), 1)])
    else:
        made = _MAKERS[kind](placed)
    # A kept rule says where its lon/lat was converted from; that is not converted again.
    origin = {field: placed[field] for field in ("native_crs", "accuracy_m") if field in placed}
    if origin:
        made = Area.resolved(made.geometry, made.rule | origin)
    label = placed.get("label", words)
    return made if label is None else made.labelled(str(label))


def _part(rule: Rule, number: int, layers: Mapping[str, Layer], near: Near | None, at: datetime | None, signals: Collection[str]) -> Area:
    try:
        return _resolved(rule, layers, near, at, signals)
    except ExplainedError as err:
        err.field = f"of.{number}" + (f".{err.field}" if err.field else "")
        raise


def placed_rule(rule: Rule, near: Near | None) -> tuple[Rule, str | None]:
    """Returns the rule with lon and lat in the place of `near`, and the public words for that place."""
    if "near" not in rule:
        return rule, None
    if "lon" in rule or "lat" in rule:
        raise AreaError("near stands beside lon and lat", code="invalid_field", field="near", value=rule["near"], do="Keep one of them.")
    if near is None:
        raise AreaError(
            "places by name are not available here",
            code="near_not_available",
            field="near",
            value=rule["near"],
            do="Give lon = and lat = instead.",
        )
    lon, lat, words = near(str(rule["near"]))
    return {field: value for field, value in rule.items() if field != "near"} | {"lon": lon, "lat": lat}, words


def _kind(rule: Rule) -> str:
    if "file" in rule:
        raise AreaError(
            "the file of this rule was not read",
            code="file_not_available",
            field="file",
            value=rule["file"],
            do="Read it from an alert or area file, or give the points or the geometry.",
        )
    kind = rule.get("type")
    if kind not in _FIELDS:
        raise AreaError("no such area rule", code="unknown_area_type", field="type", value=kind, do=f"Give one of {', '.join(_FIELDS)}.")
    for field in rule:
        if field not in (*_FIELDS[kind], "type", "label"):
            near = nearest(field, _FIELDS[kind], most=1) or _FIELDS[kind]
            raise AreaError(f"a {kind} has no such field", code="unknown_field", field=field, do=f"Did you mean {', '.join(near)}?")
    return str(kind)


def _value(rule: Rule, field: str) -> Any:
    if field not in rule:
        raise AreaError(f"a {rule['type']} needs {field}", code="missing_field", field=field, do=f"Add {field} = ... .")
    return rule[field]


def _number(rule: Rule, field: str) -> float:
    value = _value(rule, field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AreaError(f"{field} is not a number", code="invalid_field", field=field, value=value, do="Write it without quotes.")
    return float(value)


def _points(rule: Rule) -> list[tuple[float, float]]:
    value = _value(rule, "points")
    try:
        return [(float(lon), float(lat)) for lon, lat in value]
    except (TypeError, ValueError) as err:
        raise AreaError(
            "points are not pairs", code="invalid_field", field="points", value=value, do="Write [[lon, lat], [lon, lat]]."
        ) from err


def _geometry(rule: Rule) -> Any:
    value = rule.get("geometry")
    if value is None and rule["type"] == "polygon" and "coordinates" in rule:
        value = {"type": "Polygon", "coordinates": rule["coordinates"]}
    if value is None:
        value = _value(rule, "geometry")
    if isinstance(value, shapely.Geometry):
        return value
    try:
        return shape(value)
    except (ShapelyError, AttributeError, TypeError, ValueError, KeyError, IndexError) as err:
        raise AreaError(
            "not a GeoJSON geometry", code="invalid_field", field="geometry", value=value, do="Rings close on their first point."
        ) from err


def drawn_shape(rule: Rule) -> BaseGeometry:
    """Returns the geometry of a polygon rule in lon/lat, whatever kind of shape it is.

    Raises:
        AreaError: codes unknown_field, invalid_field. CRSError: an unknown or too inaccurate `crs`.
    """
    _kind(rule)
    drawn: BaseGeometry = _geometry(rule)
    named = geo.parse_crs(_crs(rule))
    if named.is_lonlat:
        return drawn
    converted: BaseGeometry = geo.to_lonlat(np.array([shapely.force_2d(drawn)], dtype=object), named).geometries[0]
    return converted


def _crs(rule: Rule) -> str:
    return str(rule.get("crs", "EPSG:4326"))


def _point(rule: Rule) -> Area:
    return Area.point(lon=_number(rule, "lon"), lat=_number(rule, "lat"))


def _circle(rule: Rule) -> Area:
    return Area.circle(lon=_number(rule, "lon"), lat=_number(rule, "lat"), radius_m=_number(rule, "radius_m"))


def _series(rule: Rule) -> Area:
    return Area.series(_points(rule), radius_m=_number(rule, "radius_m"))


def _corridor(rule: Rule) -> Area:
    if "geometry" in rule:
        line = _geometry(rule)
    else:
        points = _points(rule)
        line = LineString(points) if len(points) > 1 else LineString()
    return Area.corridor(line, each_side_m=_number(rule, "each_side_m"), caps=rule.get("caps", "round"), crs=_crs(rule))


def _polygon(rule: Rule) -> Area:
    return Area.polygon(_geometry(rule), crs=_crs(rule))


def _named(rule: Rule, layers: Mapping[str, Layer]) -> Area:
    name = str(_value(rule, "layer"))
    if name not in layers:
        near = ", ".join(nearest(name, layers) or sorted(layers)) or "none"
        raise LayerNotFound("no layer of that name", code="unknown_layer", field="layer", value=name, do=f"There is {near}.")
    ids = _value(rule, "ids")
    if not isinstance(ids, str | int | list | tuple) or isinstance(ids, bool):
        raise AreaError("ids are not a list", code="invalid_field", field="ids", value=ids, do='Write ids = ["D14", "D52"].')
    layer = edition_for(layers, name, version=rule.get("version"), digest=rule.get("layer_digest"))
    try:
        return Area.named(layer, *([ids] if isinstance(ids, str | int) else ids))
    except BoundaryError as err:
        err.field = "ids"
        raise


def rings_of(rule: Rule) -> Rings:
    """Returns the rings of a rule whose place is given as lon and lat."""
    lon, lat = _number(rule, "lon"), _number(rule, "lat")
    return Rings.of({**rule, "lon": lon, "lat": lat})


def reached(rings: Rings, at: datetime | None, signals: Collection[str]) -> int:
    """Returns the number of the ring reached, the first where no time is given; other rings' signals are nothing to these."""
    return rings.reached(rings.begins(1) if at is None else at, [each for each in signals if each in rings.signals])


def _rings(rule: Rule, at: datetime | None, signals: Collection[str]) -> Area:
    rings = rings_of(rule)
    if "ring" in rule:
        return rings.delta(rule["ring"]) if rule.get("delta") else rings.area(rule["ring"])
    number = reached(rings, at, signals)
    if number == 0:
        known = f", or give the signal {' or '.join(rings.signals)} where it came" if rings.signals else ""
        raise AreaError(
            "no ring has begun yet; the first begins at the time shown",
            code="no_ring_yet",
            field="since",
            value=rings.begins(1).isoformat(),
            do=f"Ask as of then or later{known}; if the sighting was earlier, correct since.",
        )
    return rings.area(number)


def _parts(rule: Rule) -> list[Rule]:
    parts = _value(rule, "of")
    if not isinstance(parts, list | tuple) or len(parts) < 2 or not all(isinstance(part, Mapping) for part in parts):
        raise AreaError(
            f"a {rule['type']} needs two rules or more", code="invalid_field", field="of", value=parts, do="Write of = [{...}, {...}]."
        )
    return list(parts)


def combined(kind: str, areas: list[Area]) -> Area:
    """Returns the areas joined by `union`, `intersection` or `minus`, from left to right.

    Raises:
        AreaError: codes empty_area; nothing_left, of a minus.
    """
    try:
        return reduce(_COMBINED[kind], areas)
    except AreaError as err:
        if kind != "minus" or err.code != "empty_area":
            raise
        raise AreaError(
            "nothing is left of the area once the minus is taken off",
            code="nothing_left",
            field="minus",
            do="Make what is taken off smaller, or the area wider.",
        ) from err


_COMBINED: dict[str, Callable[[Area, Area], Area]] = {"union": operator.or_, "intersection": operator.and_, "minus": operator.sub}
_MAKERS: dict[str, Callable[[Rule], Area]] = {
    "point": _point,
    "circle": _circle,
    "series": _series,
    "corridor": _corridor,
    "polygon": _polygon,
}
