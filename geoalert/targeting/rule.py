"""Area rules as people write them, in alert.toml or area.toml, and the areas they mean."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import LineString, shape

from geoalert.area import Area
from geoalert.errors import AreaError, LayerNotFound
from geoalert.text import nearest

if TYPE_CHECKING:
    from geoalert.boundaries.model import Layer

Rule = Mapping[str, Any]

_FIELDS = {
    "point": ("lon", "lat"),
    "circle": ("lon", "lat", "radius_m"),
    "series": ("points", "radius_m"),
    "corridor": ("points", "geometry", "each_side_m", "caps", "crs", "native_crs", "accuracy_m"),
    "polygon": ("geometry", "coordinates", "crs", "native_crs", "accuracy_m"),
    "named": ("layer", "ids", "layer_digest", "version"),
    "union": ("of",),
    "intersection": ("of",),
    "minus": ("of",),
}


def area_from_rule(rule: Rule, *, layers: Mapping[str, Layer], folder: Path | None = None) -> Area:
    """Returns the area that a rule means, such as {"type": "circle", "lon": -79.3966, "lat": 43.64867, "radius_m": 600}.

    Every rule that an Area keeps is read back here. Points are [lon, lat].

    Args:
        rule: type, its fields, and optionally `label`.
        layers: the project's layers by name, for `named`.
        folder: where relative file names start; no rule of this version reads a file.

    Raises:
        AreaError: codes near_not_available, file_not_available, unknown_area_type, unknown_field, missing_field, invalid_field.
        LayerNotFound: codes unknown_layer, unknown_boundary.
    """
    kind = _kind(rule, folder)
    if kind == "named":
        made = _named(rule, layers)
    elif kind in _COMBINED:
        made = _combined(kind, [area_from_rule(part, layers=layers, folder=folder) for part in _parts(rule)])
    else:
        made = _MAKERS[kind](rule)
    # A kept rule says where its lon/lat was converted from; that is not converted again.
    origin = {field: rule[field] for field in ("native_crs", "accuracy_m") if field in rule}
    if origin:
        made = Area.resolved(made.geometry, made.rule | origin)
    label = rule.get("label")
    return made if label is None else made.labelled(str(label))


def _kind(rule: Rule, folder: Path | None) -> str:
    if "near" in rule:
        raise AreaError(
            "places by name are not available yet",
            code="near_not_available",
            field="near",
            value=rule["near"],
            do="Give lon = and lat = instead.",
        )
    if "file" in rule:
        raise AreaError(
            "an area rule cannot read a file yet",
            code="file_not_available",
            field="file",
            value=(folder or Path()) / str(rule["file"]),
            do="Give the points or the geometry.",
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
    return Area.named(layers[name], *([ids] if isinstance(ids, str | int) else ids))


def _parts(rule: Rule) -> list[Rule]:
    parts = _value(rule, "of")
    if not isinstance(parts, list | tuple) or len(parts) < 2:
        raise AreaError(
            f"a {rule['type']} needs two rules or more", code="invalid_field", field="of", value=parts, do="Write of = [{...}, {...}]."
        )
    return list(parts)


def _combined(kind: str, areas: list[Area]) -> Area:
    return reduce(_COMBINED[kind], areas)


_COMBINED: dict[str, Callable[[Area, Area], Area]] = {"union": operator.or_, "intersection": operator.and_, "minus": operator.sub}
_MAKERS: dict[str, Callable[[Rule], Area]] = {
    "point": _point,
    "circle": _circle,
    "series": _series,
    "corridor": _corridor,
    "polygon": _polygon,
}
