"""The two formats that are text: GeoJSON (RFC 7946) and KML 2.2, the same bytes for the same tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geoalert.frames.styles import kml_styles
from geoalert.frames.tables import FieldType, Table, merged

RENAMED = {"id": "code"}
"""What KML calls a field whose name readers take for the placemark's own; `name` is the placemark's own."""

_KML_TYPES: dict[FieldType, str] = {"text": "string", "number": "double", "truth": "bool"}
_NAMES = {"area": "label", "boundaries": "label", "selections": "name"}


def geojson(tables: Sequence[Table]) -> bytes:
    """Returns one FeatureCollection in CRS84, outer rings counter-clockwise, a feature a line; several tables by the property `table`."""
    table = merged(tables)
    features = []
    for row, geometry in zip(table.records(), table.geometries, strict=True):
        placed = None if geometry is None else mapping(shapely.orient_polygons(geometry))
        feature = {"type": "Feature", "properties": row, "geometry": placed}
        features.append(json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n").encode()


def kml(tables: Sequence[Table]) -> bytes:
    """Returns one document with a folder for each table, its fields as typed data, in the colours of the plan's map."""
    layers = [name for table in tables for name in table.layers]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<kml xmlns="http://www.opengis.net/kml/2.2">', "<Document>"]
    lines += kml_styles(len(layers))
    for table in tables:
        fields = [f'<SimpleField type="{_KML_TYPES[kind]}" name="{RENAMED.get(field, field)}"/>' for field, kind in _data_fields(table)]
        lines.append(f'<Schema name="{table.name}" id="fields-{table.name}">{"".join(fields)}</Schema>')
    for table in tables:
        lines += ["<Folder>", f"<name>{table.name}</name>"]
        for row, geometry in zip(table.records(), table.geometries, strict=True):
            lines.append(_placemark(table, row, geometry, layers))
        lines.append("</Folder>")
    return "\n".join([*lines, "</Document>", "</kml>", ""]).encode()


def _data_fields(table: Table) -> list[tuple[str, FieldType]]:
    """Returns the fields that stand in a placemark's data."""
    return [(field, kind) for field, kind in table.fields if field != "name"]


def _placemark(table: Table, row: dict[str, Any], geometry: BaseGeometry | None, layers: Sequence[str]) -> str:
    """Returns a row as a placemark: name, style, typed data and shape, in the order of the schema."""
    told = [
        f'<SimpleData name="{RENAMED.get(field, field)}">{escape(_text(row[field]), quote=False)}</SimpleData>'
        for field, _ in _data_fields(table)
        if row[field] is not None
    ]
    name = row[_NAMES[table.name]]
    parts = [
        f"<name>{escape(name, quote=False)}</name>" if name else "",
        f"<styleUrl>#{_style_of(table, row, layers)}</styleUrl>",
        f'<ExtendedData><SchemaData schemaUrl="#fields-{table.name}">{"".join(told)}</SchemaData></ExtendedData>',
        "" if geometry is None else _shape(shapely.orient_polygons(geometry)),
    ]
    return f"<Placemark>{''.join(parts)}</Placemark>"


def _style_of(table: Table, row: dict[str, Any], layers: Sequence[str]) -> str:
    """Returns the id of a row's style among `kml_styles`."""
    if table.name == "selections":
        return str(row["state"])
    if table.name == "area":
        return "area"
    return f"layer{layers.index(row['layer'])}-{'targeted' if row.get('targeted', True) else 'other'}"


def _text(value: Any) -> str:
    return ("1" if value else "0") if isinstance(value, bool) else str(value)


def _shape(geometry: BaseGeometry) -> str:
    """Returns a Point, Polygon or, of several parts, a MultiGeometry."""
    parts = shapely.get_parts(geometry)
    if len(parts) > 1:
        return f"<MultiGeometry>{''.join(map(_shape, parts))}</MultiGeometry>"
    (part,) = parts
    if part.geom_type == "Point":
        return f"<Point><coordinates>{part.x},{part.y}</coordinates></Point>"
    inner = "".join(f"<innerBoundaryIs>{_ring(ring)}</innerBoundaryIs>" for ring in part.interiors)
    return f"<Polygon><outerBoundaryIs>{_ring(part.exterior)}</outerBoundaryIs>{inner}</Polygon>"


def _ring(ring: BaseGeometry) -> str:
    corners = " ".join(f"{x},{y}" for x, y in shapely.get_coordinates(ring).tolist())
    return f"<LinearRing><coordinates>{corners}</coordinates></LinearRing>"
