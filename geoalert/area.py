"""Target areas: a geometry that keeps the rule it was made by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely
from shapely.geometry import Point, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from geoalert import geo
from geoalert.boundaries import hooks
from geoalert.errors import AreaError, GeometryError
from geoalert.geo.lonlat import check_number

if TYPE_CHECKING:
    from geoalert.boundaries.model import Layer

_POLYGONS = {"Polygon", "MultiPolygon"}
_OPERATIONS = {"union", "intersection"}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Area:
    """A target area in lon/lat with the rule that made it; areas combine by `|`, `&` and `-`, and keep the left one's label.

    A union keeps a label only where both have the same.

        near_spadina = Area.circle(lon=-79.39660, lat=43.64867, radius_m=600)
        near_spadina - Area.circle(lon=-79.39660, lat=43.64867, radius_m=100)

    Attributes:
        geometry: Polygon or MultiPolygon, EPSG:4326, x = lon; a Point for a bare point.
        rule_text: the rule as canonical JSON, from which `rule` is read.
        label: the only words for the place that the public gets.

    Raises:
        AreaError: code empty_area.
        GeometryError: an invalid or impossible geometry.
    """

    geometry: BaseGeometry
    rule_text: str
    label: str | None = None
    _area_m2: float = field(init=False, default=-1.0)
    _strips: geo.Strips | Literal[False] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        _check(self.geometry)

    @classmethod
    def resolved(cls, geometry: BaseGeometry, rule: Mapping[str, Any], label: str | None = None) -> Area:
        """Returns the area of a lon/lat geometry that a JSON-ready rule was resolved to."""
        return cls(geometry, json.dumps(rule, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False), label)

    @classmethod
    def point(cls, *, lon: float, lat: float, label: str | None = None) -> Area:
        """Returns a bare point, which is matched with a tolerance."""
        geo.check_lonlat(lon, lat)
        return cls.resolved(Point(lon, lat), {"type": "point", "lon": float(lon), "lat": float(lat)}, label)

    @classmethod
    def circle(cls, *, lon: float, lat: float, radius_m: float, label: str | None = None) -> Area:
        """Returns everything within `radius_m` of a point, along geodesics.

        Raises:
            GeometryError: code radius_out_of_range, not_a_number, crosses_antimeridian, covers_pole, or as check_lonlat.
        """
        geo.check_lonlat(lon, lat)
        check_number(radius_m, field="radius_m")
        rule = {"type": "circle", "lon": float(lon), "lat": float(lat), "radius_m": float(radius_m)}
        return cls.resolved(geo.circle_polygon(lon, lat, radius_m), rule, label)

    @classmethod
    def series(cls, points: Iterable[tuple[float, float]], *, radius_m: float, label: str | None = None) -> Area:
        """Returns the union of circles of one radius round (lon, lat) points."""
        sites = []
        for lon, lat in points:
            geo.check_lonlat(lon, lat)
            sites.append((float(lon), float(lat)))
        if not sites:
            raise AreaError("a series needs at least one point", code="empty_area", field="points", do="Give points as [[lon, lat], ...].")
        circles = [cls.circle(lon=lon, lat=lat, radius_m=radius_m).geometry for lon, lat in sites]
        rule = {"type": "series", "points": [list(site) for site in sites], "radius_m": float(radius_m)}
        return cls.resolved(shapely.union_all(circles), rule, label)

    @classmethod
    def polygon(cls, geometry: BaseGeometry, *, crs: str = "EPSG:4326", label: str | None = None) -> Area:
        """Returns the area of a Polygon or MultiPolygon, holes kept.

        Raises:
            CRSError: an unknown or too inaccurate `crs`.
            AreaError: code empty_area.
            GeometryError: codes not_an_area, invalid_geometry, not_finite, crosses_antimeridian, or as check_bounds.
        """
        converted, made = _converted(geometry, crs)
        if converted.geom_type not in _POLYGONS:
            raise _not_an_area(converted)
        return cls.resolved(converted, {"type": "polygon", "geometry": mapping(converted)} | made, label)

    @classmethod
    def corridor(
        cls, line: BaseGeometry, *, each_side_m: float, caps: geo.Cap = "round", crs: str = "EPSG:4326", label: str | None = None
    ) -> Area:
        """Returns everything within `each_side_m` of a line; flat caps stop at its ends, round ones go past them.

        Raises:
            AreaError: code corridor_needs_line; fewer than two different points.
            GeometryError: codes radius_out_of_range, not_a_number, not_finite, unknown_cap, crosses_antimeridian, covers_pole.
        """
        kind = getattr(line, "geom_type", type(line).__name__)
        if kind not in ("LineString", "MultiLineString") or line.is_empty or line.length == 0:
            raise AreaError(
                "a corridor needs a line of two different points",
                code="corridor_needs_line",
                field="points",
                value=kind,
                do="Give two points or more, or a circle for one.",
            )
        check_number(each_side_m, field="each_side_m")
        geo.check_radius(each_side_m, field="each_side_m")
        converted, made = _converted(line, crs)
        geo.check_bounds(converted.bounds, field="points")
        _check_crossing(converted)
        wide = geo.buffer_m(converted, each_side_m, cap=caps)
        rule: dict[str, Any] = {"type": "corridor", "each_side_m": float(each_side_m), "caps": caps} | made
        if converted.geom_type == "LineString":
            rule["points"] = [list(point) for point in converted.coords]
        else:
            rule["geometry"] = mapping(converted)
        return cls.resolved(wide, rule, label)

    @classmethod
    def named(cls, layer: Layer, *ids: object, label: str | None = None) -> Area:
        """Returns the boundaries of a layer by id, such as `Area.named(divisions, "D14", "52")`.

        Raises:
            LayerNotFound: no such boundary.
            AreaError: code empty_area; no id was given.
        """
        if not ids:
            raise AreaError("no boundary was named", code="empty_area", field="ids", do=f"Give ids of layer {layer.name}.")
        found = list({boundary.id: boundary for boundary in (layer[each] for each in ids)}.values())
        rule = {"type": "named", "layer": layer.name, "ids": [boundary.id for boundary in found], "layer_digest": layer.digest}
        if layer.version is not None:
            rule["version"] = layer.version
        return cls.resolved(shapely.union_all([boundary.geometry for boundary in found]), rule, label)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Area:
        """Returns the area that `to_dict` wrote.

        Raises:
            AreaError: code area_changed; geometry or rule no longer have the digest written beside them.
        """
        area = cls.resolved(shape(document["geometry"]), document["rule"], document.get("label"))
        if document.get("digest", area.digest) != area.digest:
            raise AreaError(
                "the area was changed after it was written",
                code="area_changed",
                value=document["digest"],
                do="Make it from its rule again.",
            )
        return area

    @property
    def rule(self) -> dict[str, Any]:
        """The rule as JSON-ready values, such as {"type": "circle", "lon": ..., "lat": ..., "radius_m": ...}; a fresh copy."""
        rule: dict[str, Any] = json.loads(self.rule_text)
        return rule

    @property
    def is_point(self) -> bool:
        """Whether this is a bare point."""
        return bool(self.geometry.geom_type == "Point")

    @property
    def area_m2(self) -> float:
        """Size in square metres, 0 for a bare point."""
        if self._area_m2 < 0:
            object.__setattr__(self, "_area_m2", geo.area_m2(self.geometry))
        return self._area_m2

    @property
    def strips(self) -> geo.Strips | None:
        """What measures its part of other polygons, made once; None for a shape that has none."""
        if self._strips is None:
            object.__setattr__(self, "_strips", geo.Strips.of(self.geometry) or False)
        return self._strips or None

    @property
    def digest(self) -> str:
        """SHA-256 in hex of the normalised little-endian WKB and the rule; the label does not enter."""
        wkb = shapely.to_wkb(shapely.normalize(self.geometry), byte_order=1, output_dimension=2, include_srid=False)
        return hashlib.sha256(wkb + b"\n" + self.rule_text.encode()).hexdigest()

    def labelled(self, text: str | None) -> Area:
        """Returns the same area with other words for the public."""
        return Area(self.geometry, self.rule_text, text)

    def to_dict(self) -> dict[str, Any]:
        """Returns rule, label, GeoJSON geometry, area_m2 and digest, JSON-ready."""
        geometry = json.loads(shapely.to_geojson(self.geometry))
        return {"rule": self.rule, "label": self.label, "geometry": geometry, "area_m2": self.area_m2, "digest": self.digest}

    def to_geodataframe(self) -> Any:
        """Returns the area as a GeoDataFrame of one row: label, rule, area_m2."""
        return hooks.resolve("to_geodataframe")(self)

    def __or__(self, other: Area) -> Area:
        return self._combined(other, "union", shapely.union)

    def __and__(self, other: Area) -> Area:
        return self._combined(other, "intersection", shapely.intersection)

    def __sub__(self, other: Area) -> Area:
        return self._combined(other, "minus", shapely.difference)

    def _combined(self, other: Area, operation: str, combine: Any) -> Area:
        if not isinstance(other, Area):
            return NotImplemented
        if self.is_point or other.is_point:
            raise AreaError("a bare point cannot be combined", code="point_has_no_area", value=operation, do="Give it a radius_m.")
        rules: list[dict[str, Any]] = []
        for rule in (self.rule, other.rule):
            flat = operation in _OPERATIONS and rule["type"] == operation
            rules += rule["of"] if flat else [rule]
        # Words for one part of a union would send the public there and nowhere else.
        label = self.label if operation != "union" or self.label == other.label else None
        return Area.resolved(_polygons_of(combine(self.geometry, other.geometry)), {"type": operation, "of": rules}, label)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Area) and (self.digest, self.label) == (other.digest, other.label)

    def __hash__(self) -> int:
        return hash(self.rule_text)

    def __repr__(self) -> str:
        return f"<Area {json.loads(self.rule_text)['type']}: {self.area_m2 / 1e6:.3f} km2{f', {self.label!r}' if self.label else ''}>"


def _converted(geometry: BaseGeometry, crs: str) -> tuple[BaseGeometry, dict[str, Any]]:
    """Returns the 2-D geometry in lon/lat, and what the rule says of a conversion."""
    if geometry is not None and not isinstance(geometry, BaseGeometry):
        raise GeometryError(
            "a geometry is a shapely one",
            code="not_an_area",
            field="geometry",
            value=type(geometry).__name__,
            do="Make it so, such as with shapely.from_wkt or shapely.geometry.shape.",
        )
    if geometry is None or geometry.is_empty:
        raise AreaError("the geometry is empty", code="empty_area", field="geometry", do="Give a polygon with an area.")
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise GeometryError(
            "a coordinate is not a finite number",
            code="not_finite",
            field="geometry",
            do="Give each corner its place, or leave it out.",
        )
    flat = shapely.force_2d(geometry)
    named = geo.parse_crs(crs)
    if named.is_lonlat:
        return flat, {}
    conversion = geo.to_lonlat(np.array([flat], dtype=object), named)
    return conversion.geometries[0], {"native_crs": named.text, "accuracy_m": conversion.accuracy_m}


def _polygons_of(geometry: BaseGeometry) -> BaseGeometry:
    """Returns the polygons of an overlay's result; lines and points where shapes only touch are no area."""
    if geometry.geom_type in _POLYGONS:
        return geometry
    parts: Sequence[BaseGeometry] = [part for part in shapely.get_parts(geometry) if part.geom_type in _POLYGONS]
    return shapely.union_all(parts) if len(parts) else Polygon()


def _check(geometry: BaseGeometry) -> None:
    if geometry.is_empty:
        raise AreaError("the area is empty", code="empty_area", field="area", do="Check that its parts overlap as meant.")
    if geometry.geom_type == "Point":
        return
    if geometry.geom_type not in _POLYGONS:
        raise _not_an_area(geometry)
    geo.check_bounds(geometry.bounds, field="geometry")
    _check_crossing(geometry)
    if not geometry.is_valid:
        raise GeometryError(
            "the polygon is not valid",
            code="invalid_geometry",
            field="geometry",
            value=shapely.is_valid_reason(geometry),
            do="Repair it, such as with Fix geometries of QGIS, and look at the result.",
        )


def _not_an_area(geometry: BaseGeometry) -> GeometryError:
    return GeometryError(
        "an area is a Polygon or MultiPolygon",
        code="not_an_area",
        field="geometry",
        value=geometry.geom_type,
        do="Give a point a radius, or a line metres on each side, as circle, series or corridor.",
    )


def _check_crossing(geometry: BaseGeometry) -> None:
    if geo.jumps_antimeridian(geometry).any():
        raise GeometryError(
            "the shape crosses the antimeridian",
            code="crosses_antimeridian",
            field="geometry",
            do="Cut it there into one part on each side of longitude 180 (RFC 7946 section 3.1.9).",
        )
