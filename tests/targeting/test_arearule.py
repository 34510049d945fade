"""Area rules with what is taken off them in public and what is withheld."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import LineString, Point, mapping

from geoalert import geo
from geoalert.errors import GeoAlertError
from geoalert.targeting.arearule import AreaRule

LON, LAT = -79.3951, 43.6512
CIRCLE = {"type": "circle", "lon": -79.3966, "lat": 43.64867, "radius_m": 600}
WEB = Point(-8838222.1, 5411622.3)
"""LON, LAT in EPSG:3857."""


@pytest.mark.parametrize("drawn", [WEB, mapping(WEB), LineString([WEB, (-8838220, 5411623)]), WEB.buffer(1), mapping(WEB.buffer(1))])
def test_a_drawn_shape_is_converted_from_its_crs(drawn: object) -> None:
    """Points and lines as polygons are, withheld or taken off."""
    cut = {"type": "polygon", "geometry": drawn, "crs": "EPSG:3857", "distance_m": 50}

    rule = AreaRule(rule=CIRCLE, minus=(cut,), withhold=(cut,))
    (held,) = rule.withheld(layers={})
    hole = shapely.Polygon(rule.area(layers={}).geometry.interiors[0])

    assert geo.distance_m(held.geometry, Point(LON, LAT)) < 5
    assert held.holds([LON], [LAT]).all()
    assert geo.distance_m(hole.centroid, Point(LON, LAT)) < 5


def test_a_drawn_shape_of_no_known_crs_is_refused() -> None:
    """Of a secret one nothing but the table is told."""
    cut = {"type": "polygon", "geometry": WEB, "crs": "EPSG:1", "distance_m": 50}

    with pytest.raises(GeoAlertError) as public:
        AreaRule(rule=CIRCLE, minus=(cut,)).area(layers={})
    with pytest.raises(GeoAlertError) as secret:
        AreaRule(rule=CIRCLE, withhold=(cut,)).withheld(layers={})

    assert (public.value.code, public.value.field) == ("unknown_crs", "minus.1.crs")
    assert (secret.value.code, secret.value.field) == ("withhold_unusable", "withhold.1")
