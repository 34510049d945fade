"""Area rules with what is taken off them in public and what is withheld."""

from __future__ import annotations

import traceback

import pytest
import shapely
from shapely.geometry import LineString, Point, mapping

from geoalert import geo
from geoalert.errors import AreaError, GeoAlertError
from geoalert.targeting.arearule import AreaRule
from tests.places import squares

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


@pytest.mark.parametrize(
    ("rule", "minus", "code", "field"),
    [
        ({"type": "named", "layer": "squares", "ids": None}, (), "invalid_field", "ids"),
        ({"type": "named", "layer": "squares", "ids": 1.5}, (), "invalid_field", "ids"),
        ({"type": "union", "of": [CIRCLE, 3]}, (), "invalid_field", "of"),
        ({"type": "union", "of": [CIRCLE, CIRCLE | {"radius_m": -5}]}, (), "radius_out_of_range", "of.2.radius_m"),
        (CIRCLE, (CIRCLE | {"distance_m": "abc"},), "not_a_number", "minus.1.distance_m"),
        (CIRCLE, (CIRCLE | {"distance_m": True},), "not_a_number", "minus.1.distance_m"),
        (CIRCLE, (CIRCLE | {"distance_m": float("nan")},), "radius_out_of_range", "minus.1.distance_m"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(rule: dict[str, object], minus: tuple[dict[str, object], ...], code: str, field: str) -> None:
    """By code and field, never by a bare TypeError."""
    with pytest.raises(GeoAlertError) as refused:
        AreaRule(rule=rule, minus=minus).area(layers={"squares": squares()})

    assert (refused.value.code, refused.value.field) == (code, field)


SECRETS = (-79.395123, 43.651234)
BAD_SECRETS = [
    {"type": "circle", "lon": SECRETS[0], "lat": SECRETS[1], "radius_m": -5, "distance_m": 5},
    {"type": "circle", "lon": str(SECRETS[0]), "lat": SECRETS[1], "radius_m": 5},
    {"type": "circle", "lon": SECRETS[1], "lat": SECRETS[0], "radius_m": 5},
    {"type": "blob", "lon": SECRETS[0], "lat": SECRETS[1]},
    {"type": "point", "lon": SECRETS[0], "lat": SECRETS[1]},
    {"type": "point", "lon": SECRETS[0], "lat": SECRETS[1], "distance_m": "5"},
    {"type": "point", "lon": SECRETS[0], "latitude": SECRETS[1], "distance_m": 5},
    {"type": "point", "near": "43.651234 & -79.395123", "distance_m": 5},
    {"type": "series", "points": [[*SECRETS, 1, 2]], "radius_m": 5},
    {"type": "series", "points": [SECRETS, "x"], "radius_m": 5},
    {"type": "corridor", "points": [SECRETS], "each_side_m": 5},
    {"type": "corridor", "points": [SECRETS, SECRETS], "each_side_m": 5},
    {"type": "polygon", "geometry": {"type": "Polygon", "coordinates": [[SECRETS, SECRETS]]}},
    {"type": "polygon", "geometry": Point(SECRETS)},
    {"type": "polygon", "geometry": Point(SECRETS), "crs": "EPSG:1", "distance_m": 5},
    {"type": "polygon", "geometry": Point(SECRETS[0], 943.651234), "distance_m": 5},
    {"type": "polygon", "geometry": f"POINT ({SECRETS[0]} {SECRETS[1]})", "distance_m": 5},
    {"type": "polygon", "file": "43.651234,-79.395123.geojson"},
    {"type": "named", "layer": "43.651234", "ids": ["-79.395123"]},
    {"type": "named", "layer": "squares", "ids": ["-79.395123"]},
    {"type": "named", "layer": "squares", "ids": ["A1"], "version": "43.651234"},
    {"type": "rings", "lon": SECRETS[0], "lat": SECRETS[1], "since": "43.651234", "steps": []},
    {"type": "union", "of": [{"type": "circle", "lon": SECRETS[0], "lat": SECRETS[1], "radius_m": 5}, {"type": "point"}]},
]


@pytest.mark.parametrize("rule", BAD_SECRETS)
def test_no_error_of_a_withheld_place_has_its_numbers(rule: dict[str, object]) -> None:
    """Neither words, fields, repr nor any error behind it."""
    with pytest.raises(AreaError) as refused:
        AreaRule(rule=CIRCLE, withhold=(CIRCLE | {"distance_m": 5}, rule), file="area.toml").withheld(layers={"squares": squares()})

    told, behind = "", [refused.value]
    for err in behind:
        told += "".join(map(str, (err, repr(err), err.args, vars(err), traceback.format_exception(err))))
        behind += [each for each in (err.__cause__, err.__context__) if each is not None and each not in behind]
    assert (refused.value.code, refused.value.field) == ("withhold_unusable", "withhold.2")
    assert not any(number in told for number in ("79.395", "43.651"))
    assert "43.651" not in repr(AreaRule(rule=CIRCLE, withhold=(rule,)))
