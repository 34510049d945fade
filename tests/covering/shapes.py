"""Polygons of every trouble a cover meets, for hypothesis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from geoalert.covering.plane import Plane

TORONTO = (-79.38, 43.65)


def degrees(metric: Any, lon: float = TORONTO[0], lat: float = TORONTO[1]) -> Any:
    """Returns a geometry in metres round a place as lon/lat."""
    return shapely.transform(metric, Plane(lon, lat).to_degrees)


@st.composite
def stars(draw: st.DrawFn) -> Polygon:
    """Draws a star whose rays go from blunt to needles, in metres."""
    corners = draw(st.integers(5, 60))
    radii = draw(st.lists(st.floats(200, 3000), min_size=corners, max_size=corners))
    turns = [2 * math.pi * k / corners for k in range(corners)]
    return Polygon([(r * math.cos(t), r * math.sin(t)) for r, t in zip(radii, turns, strict=True)])


@st.composite
def troubled(draw: st.DrawFn) -> Any:
    """Draws a lon/lat geometry of a star with holes, islands and spikes."""
    shape: Any = draw(stars())
    for _ in range(draw(st.integers(0, 2))):
        shape = shape.difference(Point(draw(st.floats(-900, 900)), draw(st.floats(-900, 900))).buffer(draw(st.floats(5, 400)), quad_segs=4))
    for _ in range(draw(st.integers(0, 3))):
        island = Point(draw(st.floats(-5000, 5000)), draw(st.floats(-5000, 5000))).buffer(draw(st.floats(5, 300)), quad_segs=5)
        shape = shape.union(island)
    if draw(st.booleans()):
        turn = draw(st.floats(0, math.tau))
        tip, side = np.array([math.cos(turn), math.sin(turn)]) * 4000, np.array([-math.sin(turn), math.cos(turn)]) * 20
        shape = shape.union(Polygon([-side, side, tip]))
    parts = [each for each in shapely.get_parts(shape) if each.geom_type == "Polygon" and each.area > 1]
    whole = degrees(shapely.union_all(parts), lat=draw(st.sampled_from([-33.9, 0.3, 43.65, 69.6])))
    return whole if whole.is_valid else shapely.make_valid(whole)
