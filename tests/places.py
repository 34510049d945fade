"""Layers and areas that several tests use; the official files are read for measuring only."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import shapely
from shapely.geometry import shape

from geoalert.area import Area
from geoalert.boundaries.model import Layer


def geojson_layer(path: Path, *, name: str, id: str, label: str) -> Layer:
    """Returns a layer from a GeoJSON file, without the reader of the product."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return Layer(
        name=name,
        ids=[str(each["properties"][id]) for each in features],
        labels=[each["properties"][label] for each in features],
        geometries=[shape(each["geometry"]) for each in features],
    )


@lru_cache(maxsize=1)
def toronto_layers(shared: Path) -> tuple[Layer, Layer]:
    """Returns the 16 divisions and the 158 neighbourhoods."""
    folder = shared / "data" / "toronto_boundaries"
    return (
        geojson_layer(folder / "tps_divisions.geojson", name="division", id="DIV", label="UNIT_NAME"),
        geojson_layer(folder / "neighbourhoods_158.geojson", name="neighbourhood", id="AREA_SHORT_CODE", label="AREA_NAME"),
    )


def scenario_areas() -> dict[str, Area]:
    """Returns the areas of the domain's scenarios."""

    def circle(lat: float, lon: float, radius_m: float) -> Area:
        return Area.circle(lon=lon, lat=lat, radius_m=radius_m)

    def line(*points: tuple[float, float]) -> shapely.LineString:
        return shapely.LineString([(lon, lat) for lat, lon in points])

    flight = line((43.68336, -79.32360), (43.69588, -79.32872), (43.69760, -79.32946))
    king = line((43.64564, -79.39511), (43.64397, -79.40240), (43.64152, -79.41489), (43.63889, -79.42727))
    return {
        "S1": circle(43.64867, -79.39660, 600),
        "S4": circle(43.78326, -79.28831, 750) | circle(43.74959, -79.27495, 750) | circle(43.77647, -79.23170, 750),
        "S5 flat": Area.corridor(flight, each_side_m=300, caps="flat"),
        "S5 round": Area.corridor(flight, each_side_m=300, caps="round"),
        "S6": circle(43.70714, -79.39838, 1000),
        "S7": Area.corridor(king, each_side_m=250),
        "S8": circle(43.68805, -79.30179, 500),
        "S9": circle(43.79234, -79.44557, 2000),
        "S10": circle(43.63764, -79.39190, 1500),
    }


def squares(*, name: str = "squares", west: float = 10.0, south: float = 50.0, side: float = 0.01, across: int = 3, up: int = 3) -> Layer:
    """Returns a grid of squares named A1, A2 ... by column and row."""
    ids, geometries = [], []
    xs, ys = [west + step * side for step in range(across + 1)], [south + step * side for step in range(up + 1)]
    for column in range(across):
        for row in range(up):
            ids.append(f"{chr(65 + column)}{row + 1}")
            geometries.append(shapely.box(xs[column], ys[row], xs[column + 1], ys[row + 1]))
    return Layer(name=name, ids=ids, geometries=geometries)
