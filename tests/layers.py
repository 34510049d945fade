"""Real layers of the shared folder, read without the package's reader, for the tests of any room."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geoalert.boundaries.model import Layer


def geojson_layer(path: Path, *, name: str, id: str, label: str, **fields: Any) -> Layer:
    """Returns the features of a GeoJSON file as a layer, untouched."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return Layer(
        name=name,
        ids=[feature["properties"][id] for feature in features],
        labels=[feature["properties"][label] for feature in features],
        geometries=shapely.from_geojson(np.array([json.dumps(feature["geometry"]) for feature in features])),
        **fields,
    )


def toronto_divisions(shared: Path) -> Layer:
    """Returns the 16 police divisions."""
    return geojson_layer(shared / "data/toronto_boundaries/tps_divisions.geojson", name="division", id="DIV", label="UNIT_NAME", lead=True)


def toronto_neighbourhoods(shared: Path) -> Layer:
    """Returns the 158 neighbourhoods of the present model."""
    path = shared / "data/toronto_boundaries/neighbourhoods_158.geojson"
    return geojson_layer(path, name="neighbourhood", id="AREA_SHORT_CODE", label="AREA_NAME")


def toronto_neighbourhoods_140(shared: Path) -> Layer:
    """Returns the 140 neighbourhoods of the older model, whose ids are numbers in the file."""
    path = shared / "data/toronto_boundaries/neighbourhoods_140.geojson"
    return geojson_layer(path, name="neighbourhood_140", id="AREA_SHORT_CODE", label="AREA_NAME")
