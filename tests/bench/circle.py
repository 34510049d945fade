"""A geodesic 600 m circle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from pyproj import Transformer

from geoalert.geo import circle_polygon
from tests.bench.runner import Bench, Side

LON, LAT, RADIUS_M = -79.39660, 43.64867, 600


def bench(shared: Path) -> Bench:
    """Returns the circle bench."""

    def with_transformer() -> shapely.Polygon:
        back = Transformer.from_crs(f"+proj=aeqd +lon_0={LON} +lat_0={LAT} +datum=WGS84", "EPSG:4326", always_xy=True)
        circle = shapely.Point(0, 0).buffer(RADIUS_M, quad_segs=14)
        return shapely.transform(circle, lambda at: np.column_stack(back.transform(at[:, 0], at[:, 1])))

    return Bench(
        name="circle",
        promise="a 600 m circle within 0.5 m of its radius",
        sides=(
            Side("geoalert", lambda: circle_polygon(LON, LAT, RADIUS_M)),
            Side("azimuthal transformer made per alert, buffer", with_transformer, limit=50),
        ),
    )
