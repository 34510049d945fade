"""GeoJSON (RFC 7946), its sequences and the old `crs` member, read strictly: a fault names its feature.

GDAL reads GeoJSON too, but closes its eyes to members that are missing, wrong or not numbers; here those are errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.boundaries.load.raw import RawTable, named
from geoalert.errors import BoundaryError, CRSError, GeometryError
from geoalert.findings import Finding

GEOMETRY_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
_RFC = "RFC 7946"
_CRS84 = "OGC:CRS84"
_DEEPEST = 16


@dataclass(slots=True)
class _Seen:
    """What reading the rings of a file met and mended, by row."""

    closed: dict[int, int] = field(default_factory=dict)
    dropped: dict[int, int] = field(default_factory=dict)
    boxes: list[int] = field(default_factory=list)
    ordinates: set[int] = field(default_factory=set)

    def notes(self) -> tuple[Finding, ...]:
        """Returns one Finding per ring-closing row, one for stray ordinates, one for wrong bbox members."""
        found = [
            Finding(
                "note",
                "ring_closed",
                f"row {row}: the last position of {count} ring(s) was not the first: closed",
                source=_RFC,
                where=f"row {row}",
            )
            for row, count in self.closed.items()
        ]
        found += [
            Finding(
                "note", "ring_dropped", f"row {row}: {count} ring(s) of fewer than four positions dropped", source=_RFC, where=f"row {row}"
            )
            for row, count in self.dropped.items()
        ]
        if self.ordinates:
            found.append(
                Finding("note", "height_dropped", f"heights or further ordinates dropped in {len(self.ordinates)} row(s)", source=_RFC)
            )
        if self.boxes:
            rows = named(self.boxes)
            found.append(Finding("note", "bbox_ignored", f"a bbox member is malformed and was not used: row {rows}", source=_RFC))
        return tuple(found)


def read_geojson(documents: list[Any], name: str) -> RawTable:
    """Returns the table of one GeoJSON document, or of many features in sequence.

    Raises:
        BoundaryError: codes invalid_geojson, incomplete_file.
        GeometryError: codes invalid_coordinates, ring_too_short, not_finite.
        CRSError: code invalid_crs, for a `crs` member that names none.
    """
    features: list[Any] = []
    crs: str | None = None
    default: str | None = _CRS84
    seen = _Seen()
    for number, document in enumerate(documents, start=1):
        _check_object(document, number if len(documents) > 1 else None)
        if document.get("crs", ...) is not ...:
            crs, default = _old_crs(document["crs"]), None
        if document["type"] == "FeatureCollection":
            features.extend(_members(document))
            _check_bbox(document, 0, seen)
        elif document["type"] == "Feature":
            features.append(document)
        else:
            features.append({"type": "Feature", "properties": None, "geometry": document})
    geometries = np.empty(len(features), dtype=object)
    names: dict[str, None] = {}
    for row, feature in enumerate(features, start=1):
        geometries[row - 1] = _feature(feature, row, seen)
        names.update(dict.fromkeys(feature.get("properties") or ()))
    columns = {key: [(feature.get("properties") or {}).get(key) for feature in features] for key in names}
    ids = [feature.get("id") for feature in features]
    form = "GeoJSON sequence" if len(documents) > 1 else "GeoJSON"
    return RawTable(form, name, columns, geometries, crs, feature_ids=ids, default_crs=default, notes=seen.notes())


def _check_object(document: Any, row: int | None) -> None:
    """Refuses what is no GeoJSON object; types are compared with case, as RFC 7946 section 1.4 demands."""
    known = ("FeatureCollection", "Feature", *GEOMETRY_TYPES)
    kind = document.get("type") if isinstance(document, Mapping) else None
    if kind not in known:
        raise _wrong("not a GeoJSON object", row, "type", kind, f"`type` must be one of {', '.join(known)}")


def _members(document: Mapping[str, Any]) -> list[Any]:
    """Returns the features of a collection, refusing an answer that the server cut short."""
    features = document.get("features")
    if not isinstance(features, list):
        raise _wrong("a FeatureCollection needs a list of features", None, "features", type(features).__name__, "Save the file anew")
    extras = document.get("properties")
    if document.get("exceededTransferLimit") or (isinstance(extras, Mapping) and extras.get("exceededTransferLimit")):
        raise cut_short()
    return features


def cut_short() -> BoundaryError:
    """Returns the error for a server's answer that holds only the first part of a layer."""
    return BoundaryError(
        "the server cut this answer short (exceededTransferLimit)",
        code="incomplete_file",
        field="exceededTransferLimit",
        do="Fetch every page of the layer, or use `geoalert boundaries install`",
    )


def _feature(feature: Any, row: int, seen: _Seen) -> Any:
    """Returns the geometry of one feature, None where it is null, after checking its members (RFC 7946 section 3.2)."""
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        kind = feature.get("type") if isinstance(feature, Mapping) else feature
        raise _wrong("not a Feature", row, "type", kind, "Each member of `features` must be an object of type Feature")
    if not isinstance(feature.get("properties"), Mapping | None):
        raise _wrong("`properties` must be an object or null", row, "properties", feature["properties"], "Save the file anew")
    if isinstance(feature.get("id"), dict | list | bool):
        raise _wrong("a feature id must be a text or a number", row, "id", feature["id"], "Save the file anew")
    if "geometry" not in feature:
        raise _wrong("the feature has no `geometry` member", row, "geometry", None, "Give it a geometry, or null")
    geometry = feature["geometry"]
    if geometry is None:
        return None
    _check_bbox(feature, row, seen)
    return _geometry(geometry, row, seen, 0)


def _geometry(value: Any, row: int, seen: _Seen, depth: int) -> Any:
    """Returns a geometry of any type, collections included; polygons lose their short rings here."""
    kind = value.get("type") if isinstance(value, Mapping) else None
    if kind not in GEOMETRY_TYPES:
        raise _wrong(
            "not a GeoJSON geometry",
            row,
            "geometry",
            kind if isinstance(value, Mapping) else value,
            f"`type` must be one of {', '.join(GEOMETRY_TYPES)}",
        )
    if depth > _DEEPEST:
        raise _wrong(f"collections nested more than {_DEEPEST} deep", row, "geometries", None, "Save the file with plain polygons")
    _check_bbox(value, row, seen)
    if kind == "GeometryCollection":
        parts = value.get("geometries")
        if not isinstance(parts, list):
            raise _wrong("a GeometryCollection needs a list of geometries", row, "geometries", parts, "Save the file with plain polygons")
        return shapely.GeometryCollection([_geometry(part, row, seen, depth + 1) for part in parts])
    coordinates = value.get("coordinates")
    if not isinstance(coordinates, list):
        raise _malformed(row, kind, coordinates)
    if kind in ("Polygon", "MultiPolygon"):
        made = [_polygon(part, row, seen) for part in (coordinates if kind == "MultiPolygon" else [coordinates])]
        parts = [part for part in made if part is not None]
        if made and not parts:
            raise _too_short(row)
        return parts[0] if kind == "Polygon" else shapely.MultiPolygon(parts)
    return _other(kind, coordinates, row)


def _polygon(rings: Any, row: int, seen: _Seen) -> Any:
    """Returns a polygon, None where its shell is too short to enclose anything."""
    if not isinstance(rings, list):
        raise _malformed(row, "Polygon", rings)
    if not rings:
        return shapely.Polygon()
    made = [_ring(ring, row, seen) for ring in rings]
    if made[0] is None:
        return None
    shell, *holes = [shapely.linearrings(ring) for ring in made if ring is not None]
    return shapely.polygons(shell, holes or None)


def _too_short(row: int) -> GeometryError:
    """Returns the refusal of a feature that has no ring of four positions."""
    return GeometryError(
        "no ring encloses anything; a closed ring has at least four positions",
        code="ring_too_short",
        row=row,
        do="Draw that polygon again or remove the feature",
    )


def _ring(positions: Any, row: int, seen: _Seen) -> NDArray[np.float64] | None:
    """Returns the closed ring; None, and a note, where it has too few positions to enclose anything."""
    try:
        xy = np.array(positions)
    except ValueError:
        xy = np.array([])
    if xy.ndim != 2 or xy.dtype.kind not in "if" or xy.shape[1] < 2:
        xy = _uneven(positions, row, seen)
    elif xy.shape[1] > 2:
        seen.ordinates.add(row)
        xy = xy[:, :2]
    if not np.isfinite(xy).all():
        raise GeometryError("a coordinate is not a finite number", code="not_finite", row=row, do="Correct or remove that feature")
    if (xy[0] != xy[-1]).any():
        if len(xy) >= 3:
            seen.closed[row] = seen.closed.get(row, 0) + 1
        xy = np.vstack((xy, xy[:1]))
    if len(xy) < 4:
        seen.dropped[row] = seen.dropped.get(row, 0) + 1
        return None
    return xy.astype(np.float64, copy=False)


def _uneven(positions: Any, row: int, seen: _Seen) -> NDArray[np.float64]:
    """Returns a ring whose positions have different numbers of ordinates, cut to x and y."""
    try:
        xy = np.array([position[:2] for position in positions])
    except (TypeError, ValueError, IndexError, KeyError) as err:
        raise _malformed(row, "Polygon", positions) from err
    if xy.ndim != 2 or xy.dtype.kind not in "if" or xy.shape[1] != 2:
        raise _malformed(row, "Polygon", positions)
    seen.ordinates.add(row)
    return xy


def _other(kind: str, coordinates: list[Any], row: int) -> Any:
    """Returns a point or line, built only so that the table can say what it holds."""
    levels = {"Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3}[kind]
    flat = [coordinates]
    for _ in range(levels - 1):
        flat = [item for part in flat if isinstance(part, list) for item in part]
    good = all(isinstance(p, list) and len(p) >= 2 and all(isinstance(n, int | float) and not isinstance(n, bool) for n in p) for p in flat)
    if not good or not flat:
        raise _malformed(row, kind, coordinates)
    try:
        return shapely.geometry.shape({"type": kind, "coordinates": coordinates})
    except (ValueError, TypeError, IndexError, OverflowError, shapely.errors.ShapelyError) as err:
        raise _malformed(row, kind, coordinates) from err


def _check_bbox(value: Mapping[str, Any], row: int, seen: _Seen) -> None:
    """Lists a malformed `bbox`; bounds are always measured, so a wrong one does no harm."""
    box = value.get("bbox", ...)
    if box is ... or row in seen.boxes:
        return
    if not (isinstance(box, list) and len(box) in (4, 6) and all(isinstance(n, int | float) for n in box)):
        seen.boxes.append(row)


def _old_crs(member: Any) -> str | None:
    """Returns the CRS an old `crs` member names; null says that there is none."""
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, Mapping) else None
    if isinstance(properties, Mapping):
        if isinstance(properties.get("name"), str) and member.get("type") == "name":
            return str(properties["name"])
        if str(member.get("type")).upper() == "EPSG" and isinstance(properties.get("code"), int | str):
            return f"EPSG:{properties['code']}"
    raise CRSError("the `crs` member names no CRS", field="crs", value=member, do='Name it: crs="EPSG:..."')


def _wrong(what: str, row: int | None, at: str, value: object, do: str) -> BoundaryError:
    """Returns the refusal of a member that RFC 7946 does not allow."""
    return BoundaryError(what, code="invalid_geojson", row=row, field=at, value=value, do=do)


def _malformed(row: int, kind: str, value: object) -> GeometryError:
    """Returns the refusal of coordinates that are not positions at the depth their type asks for."""
    return GeometryError(
        f"the coordinates are not those of a {kind}",
        code="invalid_coordinates",
        row=row,
        field="coordinates",
        value=value,
        do="Positions are [lon, lat] numbers, nested as RFC 7946 section 3.1 shows; correct or remove that feature",
    )
