"""`Layer.locate` of one million points in the 158 neighbourhoods, against what one would write with geopandas or shapely."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import shapely

from tests.bench.runner import Bench, Side
from tests.layers import toronto_neighbourhoods

POINTS = 1_000_000


def bench(shared: Path) -> Bench:
    """Points uniform over the layer's box; every side starts from the same x and y arrays."""
    layer = toronto_neighbourhoods(shared)
    west, south, east, north = shapely.total_bounds(layer.geometries)
    rng = np.random.default_rng(158)
    xs, ys = rng.uniform(west, east, POINTS), rng.uniform(south, north, POINTS)
    frame = geopandas.GeoDataFrame({"id": layer.ids}, geometry=layer.geometries, crs="EPSG:4326")
    prepared = layer.geometries.copy()
    shapely.prepare(prepared)
    tree = shapely.STRtree(prepared)

    def sjoin() -> geopandas.GeoDataFrame:
        points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(xs, ys), crs="EPSG:4326")
        return geopandas.sjoin(points, frame, how="inner", predicate="intersects")

    def strtree() -> np.ndarray:
        points, rows = tree.query(shapely.points(xs, ys))
        inside = shapely.intersects_xy(prepared[rows], xs[points], ys[points])
        answers = np.full(POINTS, -1)
        answers[points[inside]] = rows[inside]
        return answers

    def check() -> None:
        found = layer.locate(xs, ys)
        joined = sjoin()
        if not (np.array_equal(found, strtree()) and np.array_equal(found[joined.index.to_numpy()], joined["index_right"].to_numpy())):
            raise AssertionError("locate, sjoin and STRtree disagree on points that lie on no edge")
        if (found >= 0).sum() != len(joined):
            raise AssertionError("locate and sjoin find another number of points")

    return Bench(
        name="locate",
        promise="one million points against 158 neighbourhoods, from x and y arrays",
        sides=(
            Side("geoalert", lambda: layer.locate(xs, ys)),
            Side("geopandas.sjoin", sjoin, limit=20, calls=1),
            Side("shapely STRtree and prepared polygons", strtree, calls=1),
        ),
        rounds=5,
        check=check,
    )
