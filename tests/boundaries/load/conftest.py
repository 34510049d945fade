"""Small boundary files: two neighbouring squares of Toronto in every format."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas
import pytest
from shapely.geometry import box, mapping

WEST = box(-79.40, 43.64, -79.39, 43.65)
EAST = box(-79.39, 43.64, -79.38, 43.65)

Save = Callable[..., Path]


@pytest.fixture
def squares() -> geopandas.GeoDataFrame:
    """Two squares with ids that a careless reader would change."""
    return geopandas.GeoDataFrame({"CODE": ["097", "098"], "NAME": ["Côté West", "East"]}, geometry=[WEST, EAST], crs="EPSG:4326")


@pytest.fixture
def save_geojson(tmp_path: Path) -> Save:
    """Writes geometries, or GeoJSON geometry objects, as a FeatureCollection."""

    def save(geometries: Sequence[Any], *, properties: Sequence[Any] | None = None, name: str = "layer.geojson", **members: Any) -> Path:
        features = [
            {
                "type": "Feature",
                "properties": properties[at] if properties is not None else {"CODE": f"{at + 1:03}"},
                "geometry": shape if shape is None or isinstance(shape, dict) else mapping(shape),
            }
            for at, shape in enumerate(geometries)
        ]
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": features}), encoding="utf-8")
        return path

    return save
