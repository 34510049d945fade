"""Reading the 158 neighbourhoods from GeoJSON, checked, indexed and with a digest at hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

from geoalert.boundaries.load import read_layer
from geoalert.boundaries.model import Layer
from tests.bench.runner import Bench, Side


def bench(shared: Path) -> Bench:
    """Returns the reading bench; the peer only reads."""
    path = shared / "data/toronto_boundaries/neighbourhoods_158.geojson"

    def ours() -> Layer:
        return read_layer(path, name="neighbourhood", id="AREA_SHORT_CODE", label="AREA_NAME")

    def check() -> None:
        theirs = gpd.read_file(path)
        layer = ours()
        assert layer.ids.tolist() == theirs["AREA_SHORT_CODE"].tolist()
        assert shapely.equals_exact(layer.geometries, theirs.geometry.to_numpy(), 0).all()

    return Bench(
        name="read",
        promise="158 boundaries read from GeoJSON, every ring checked",
        sides=(Side("geoalert", ours), Side("geopandas.read_file", lambda: gpd.read_file(path), limit=1 / 1.3)),
        rounds=15,
        check=check,
    )
