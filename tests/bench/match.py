"""One warm match of a 600 m circle against 16 divisions and 158 neighbourhoods, with all shares."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Transformer

from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.targeting.match import match
from tests.bench.runner import Bench, Side
from tests.places import toronto_layers

METRIC = "EPSG:2952"


class Plain:
    """The plain-shapely peer: layers projected and indexed before; a tree query, then `intersection().area` of each boundary met."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        self.forward = Transformer.from_crs("EPSG:4326", METRIC, always_xy=True)
        self.projected = [self.project(layer.geometries) for layer in layers]
        self.trees = [shapely.STRtree(geometries) for geometries in self.projected]

    def project(self, geometry: Any) -> Any:
        """Returns lon/lat geometry in metres."""
        return shapely.transform(geometry, lambda at: np.column_stack(self.forward.transform(at[:, 0], at[:, 1])))

    def circle(self, lon: float, lat: float, radius_m: float) -> Any:
        """Returns a circle in metres, of 64 corners as shapely makes it."""
        return shapely.Point(*self.forward.transform(lon, lat)).buffer(radius_m)

    def shares(self, circle: Any, predicate: str | None = None) -> list[tuple[str, float, float]]:
        """Returns id, share of the area and share of the boundary; nothing else that a Match says."""
        found = []
        whole = circle.area
        for layer, tree, geometries in zip(self.layers, self.trees, self.projected, strict=True):
            for row in tree.query(circle, predicate=predicate):
                part = geometries[row].intersection(circle).area
                if part > 0:
                    found.append((layer.ids[row], part / whole, part / layer.areas_m2[row]))
        return found


def bench(shared: Path) -> Bench:
    """Returns the match bench.

    All sides start from boundaries that are loaded. Geopandas as one writes it overlays and projects in each call; its other side, and
    plain shapely, have boundaries and circle projected and indexed before.
    """
    layers = toronto_layers(shared)
    area = Area.circle(lon=-79.39660, lat=43.64867, radius_m=600)
    frames = [
        gpd.GeoDataFrame({"id": layer.ids, "boundary_m2": layer.areas_m2}, geometry=list(layer.geometries), crs="EPSG:4326")
        for layer in layers
    ]
    wanted = gpd.GeoDataFrame(geometry=[area.geometry], crs="EPSG:4326")
    plain = Plain(layers)
    circle = plain.project(area.geometry)

    def with_geopandas() -> list[tuple[str, float, float]]:
        found = []
        whole = wanted.to_crs(METRIC).area.iloc[0]
        for frame in frames:
            met = gpd.overlay(frame, wanted, how="intersection", keep_geom_type=True)
            parts = met.to_crs(METRIC).area
            found += list(zip(met["id"], parts / whole, parts / met["boundary_m2"], strict=True))
        return found

    projected = [
        gpd.GeoDataFrame({"id": layer.ids, "boundary_m2": layer.areas_m2}, geometry=geometries, crs=METRIC)
        for layer, geometries in zip(layers, plain.projected, strict=True)
    ]
    for frame in projected:
        assert frame.sindex.size == len(frame)

    def with_sindex() -> list[tuple[str, float, float]]:
        found = []
        whole = circle.area
        for frame in projected:
            met = frame.iloc[frame.sindex.query(circle, predicate="intersects")]
            parts = met.geometry.intersection(circle).area
            found += list(zip(met["id"], parts / whole, parts / met["boundary_m2"], strict=True))
        return found

    def check() -> None:
        ours = {found.id: found.share_of_area for found in match(area, layers)}
        for theirs in (plain.shares(circle), plain.shares(circle, "intersects"), with_geopandas(), with_sindex()):
            assert ours.keys() == {each for each, _, _ in theirs}
            assert all(abs(share - (ours[each] or 0.0)) < 1e-5 for each, share, _ in theirs)

    return Bench(
        name="match",
        promise="a warm match of a 600 m circle against 16 + 158 boundaries, with all shares; ours adds relations and reasons",
        sides=(
            Side("geoalert", lambda: match(area, layers)),
            Side("geopandas overlay and to_crs in each call, area", with_geopandas, limit=40),
            Side("geopandas sindex and intersection, projected before", with_sindex),
            Side("STRtree query + intersection().area, projected before", lambda: plain.shares(circle), limit=1),
            Side("the same with predicate=intersects", lambda: plain.shares(circle, "intersects")),
        ),
        rounds=15,
        check=check,
    )
