"""Area rules as data."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from geoalert.area import Area
from geoalert.errors import AreaError, GeoAlertError, LayerNotFound
from geoalert.targeting import area_from_rule
from tests.places import squares

LAYERS = {"squares": squares()}
CIRCLE = {"type": "circle", "lon": -79.3966, "lat": 43.64867, "radius_m": 600}
LINE = [[-79.3236, 43.68336], [-79.32872, 43.69588]]


def read(rule: dict[str, Any]) -> Area:
    """Returns the area of a rule over the test layers."""
    return area_from_rule(rule, layers=LAYERS)


@pytest.mark.parametrize(
    ("rule", "area"),
    [
        (CIRCLE, Area.circle(lon=-79.3966, lat=43.64867, radius_m=600)),
        ({"type": "point", "lon": 10, "lat": 50}, Area.point(lon=10, lat=50)),
        ({"type": "series", "points": LINE, "radius_m": 50}, Area.series([(-79.3236, 43.68336), (-79.32872, 43.69588)], radius_m=50)),
        (
            {"type": "corridor", "points": LINE, "each_side_m": 300, "caps": "flat"},
            Area.corridor(shapely.LineString(LINE), each_side_m=300, caps="flat"),
        ),
        ({"type": "named", "layer": "squares", "ids": ["A1", "b2"]}, Area.named(LAYERS["squares"], "A1", "B2")),
        ({"type": "named", "layer": "squares", "ids": "A1"}, Area.named(LAYERS["squares"], "A1")),
        (
            {"type": "polygon", "coordinates": [[[10, 50], [11, 50], [11, 51], [10, 50]]]},
            Area.polygon(shapely.Polygon([(10, 50), (11, 50), (11, 51)])),
        ),
        ({"type": "polygon", "geometry": shapely.box(10, 50, 11, 51)}, Area.polygon(shapely.box(10, 50, 11, 51))),
    ],
)
def test_each_type_means_its_area(rule: dict[str, Any], area: Area) -> None:
    """As the same call in Python."""
    assert read(rule) == area


@pytest.mark.parametrize(
    "area",
    [
        Area.circle(lon=10, lat=50, radius_m=600) - Area.circle(lon=10, lat=50, radius_m=100),
        (Area.circle(lon=10, lat=50, radius_m=600) | Area.circle(lon=10.01, lat=50, radius_m=600)) & Area.named(LAYERS["squares"], "A1"),
        Area.corridor(shapely.MultiLineString([[(10, 50), (10, 51)], [(11, 50), (11, 51)]]), each_side_m=50),
        Area.polygon(shapely.transform(shapely.box(10, 50, 11, 51), lambda at: at * 111_319.490793), crs="EPSG:3857"),
    ],
)
def test_what_an_area_keeps_is_read_back(area: Area) -> None:
    """The rule alone makes the same area again."""
    assert read(area.rule) == area


def test_the_label_is_kept() -> None:
    """The public's words come with the rule."""
    assert read(CIRCLE | {"label": "Queen and Spadina area"}).label == "Queen and Spadina area"


def test_near_names_lon_and_lat() -> None:
    """Places by name come later; the way out is said."""
    with pytest.raises(AreaError, match="Give lon = and lat = instead") as refused:
        read({"type": "circle", "near": "Queen St W & Spadina Ave", "radius_m": 600})

    assert refused.value.code == "near_not_available"


@pytest.mark.parametrize(
    ("rule", "kind", "code", "field"),
    [
        ({"type": "blob"}, AreaError, "unknown_area_type", "type"),
        ({}, AreaError, "unknown_area_type", "type"),
        ({"type": "polygon", "file": "zone.geojson"}, AreaError, "file_not_available", "file"),
        (CIRCLE | {"radius": 5}, AreaError, "unknown_field", "radius"),
        ({"type": "circle", "lon": 10, "lat": 50}, AreaError, "missing_field", "radius_m"),
        (CIRCLE | {"radius_m": "600"}, AreaError, "invalid_field", "radius_m"),
        (CIRCLE | {"radius_m": True}, AreaError, "invalid_field", "radius_m"),
        ({"type": "series", "points": [1, 2], "radius_m": 5}, AreaError, "invalid_field", "points"),
        ({"type": "corridor", "points": [[10, 50]], "each_side_m": 5}, AreaError, "corridor_needs_line", "points"),
        ({"type": "polygon", "geometry": {"type": "Blob"}}, AreaError, "invalid_field", "geometry"),
        ({"type": "polygon", "coordinates": [[[10, 50], [11, 50]]]}, AreaError, "invalid_field", "geometry"),
        ({"type": "polygon"}, AreaError, "missing_field", "geometry"),
        ({"type": "named", "layer": "square", "ids": ["A1"]}, LayerNotFound, "unknown_layer", "layer"),
        ({"type": "named", "layer": "squares", "ids": ["Z1"]}, LayerNotFound, "unknown_boundary", "ids"),
        ({"type": "union", "of": [CIRCLE]}, AreaError, "invalid_field", "of"),
    ],
)
def test_a_rule_that_cannot_be_read_names_its_field(rule: dict[str, Any], kind: type[GeoAlertError], code: str, field: str) -> None:
    """One class, code and field each."""
    with pytest.raises(kind) as refused:
        read(rule)

    assert (refused.value.code, refused.value.field) == (code, field)
