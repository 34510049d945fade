"""The domain's scenarios on the official boundaries: shares within half a point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from geoalert.area import Area
from geoalert.geo import area_m2
from geoalert.targeting import match, survey
from tests.places import scenario_areas, toronto_layers

pytestmark = pytest.mark.shared

EXPECTED = {
    "S1": ({"D14": 52.1, "D52": 47.9}, {"164": 50.7, "078": 49.3}),
    "S4": ({"D41": 33.3, "D42": 33.3, "D43": 33.3}, {"126": 32.5, "142": 24.8, "118": 16.8, "128": 16.5, "141": 8.6, "125": 0.6}),
    "S5 flat": ({"D55": 100.0}, {"059": 50.2, "066": 25.4, "058": 24.3}),
    "S5 round": ({"D55": 100.0}, {"064": 5.5, "065": 5.5}),
    "S6": ({"D53": 100.0}, {"100": 43.4, "174": 21.0, "099": 16.7, "173": 12.8, "103": 6.1}),
    "S7": ({"D14": 93.6, "D52": 6.4}, {"162": 41.7, "164": 27.1, "085": 20.1, "163": 8.5, "084": 2.6}),
    "S8": ({"D55": 100.0}, {"062": 84.6, "061": 8.4, "060": 6.9}),
    "S9": ({"D32": 50.5}, {"036": 29.3, "035": 18.5, "034": 2.6}),
    "S10": (
        {"D52": 41.8, "D14": 29.2, "D51": 0.1},
        {"166": 44.0, "165": 16.1, "164": 13.9, "163": 10.8, "162": 5.0, "170": 3.7, "078": 3.0},
    ),
}
UNCOVERED = {"S1": (0.0, 0.0), "S4": (0.0, 0.0), "S9": (49.5, 49.5), "S10": (28.8, 3.4)}
SLIVERS = {"S4": {"125"}, "S10": {"D51"}}
AREAS_KM2 = {
    "S1": 1.129,
    "S4": 5.293,
    "S5 flat": 0.991,
    "S5 round": 1.273,
    "S6": 3.137,
    "S7": 1.547,
    "S8": 0.784,
    "S9": 12.546,
    "S10": 7.057,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_shares_are_those_of_the_domain_page(shared: Path, name: str) -> None:
    """Each expected share is met within half a point."""
    expected = EXPECTED[name][0] | EXPECTED[name][1]

    shares = {found.id: (found.share_of_area or 0) * 100 for found in match(scenario_areas()[name], toronto_layers(shared))}

    assert {each: share for each, share in expected.items() if abs(shares.get(each, 0.0) - share) > 0.5} == {}


@pytest.mark.parametrize("name", AREAS_KM2)
def test_areas_are_those_of_the_domain_page(name: str) -> None:
    """Sizes agree to a quarter of a per cent: the page measured circles of other vertices."""
    assert scenario_areas()[name].area_m2 / 1e6 == pytest.approx(AREAS_KM2[name], rel=2.5e-3)


@pytest.mark.parametrize("name", UNCOVERED)
def test_uncovered_shares(shared: Path, name: str) -> None:
    """Steeles Avenue and the harbour leave part of the area in no boundary."""
    found = survey(scenario_areas()[name], toronto_layers(shared))

    assert [found.uncovered["division"] * 100, found.uncovered["neighbourhood"] * 100] == pytest.approx(UNCOVERED[name], abs=0.5)


@pytest.mark.parametrize("name", SLIVERS)
def test_slivers_are_listed_and_not_targeted(shared: Path, name: str) -> None:
    """Less than one per cent of the area stays in the list with its reason."""
    found = {each.id: each for each in match(scenario_areas()[name], toronto_layers(shared))}

    assert all(not found[each].targeted and "only" in found[each].reason for each in SLIVERS[name])


def test_a_point_on_the_water_has_a_neighbourhood_and_no_division(shared: Path) -> None:
    """The paddler's last position: neighbourhood 166, the nearest division D52 at 354 m, which nobody assumes."""
    area = Area.point(lon=-79.3835, lat=43.6345)

    plain = survey(area, toronto_layers(shared))
    wide = {found.id: found for found in match(area, toronto_layers(shared), "within:400m")}

    assert [found.id for found in plain.matches] == ["166"]
    assert plain.uncovered == {"division": 1.0, "neighbourhood": 0.0}
    assert "division" not in plain.leads
    assert wide["D52"].distance_m == pytest.approx(354, abs=1)
    assert wide["D52"].relation == "near"


def test_shares_equal_plain_intersections(shared: Path) -> None:
    """Shortcuts change nothing: every share is that of intersecting each boundary, to 1e-9; and that of a projected plane, to 1e-6."""
    forward = Transformer.from_crs("EPSG:4326", "+proj=laea +lon_0=-79.4 +lat_0=43.7 +ellps=WGS84", always_xy=True)

    def project(geometry: object) -> object:
        return shapely.transform(shapely.segmentize(geometry, 0.0005), lambda at: np.column_stack(forward.transform(at[:, 0], at[:, 1])))

    random = np.random.default_rng(2027)
    sites = zip(random.uniform(-79.6, -79.15, 60), random.uniform(43.6, 43.82, 60), random.choice([60, 600, 2500], 60), strict=True)
    areas = [*scenario_areas().values(), *(Area.circle(lon=lon, lat=lat, radius_m=float(radius)) for lon, lat, radius in sites)]
    for area in areas:
        for layer in toronto_layers(shared):
            ours = {found.id: found.share_of_area for found in match(area, [layer])}
            for row in layer.tree.query(area.geometry, predicate="intersects"):
                piece = shapely.intersection(layer.geometries[row], area.geometry)
                assert ours[layer.ids[row]] == pytest.approx(area_m2(piece) / area.area_m2, rel=1e-9, abs=1e-12)
                assert ours[layer.ids[row]] == pytest.approx(project(piece).area / project(area.geometry).area, abs=1e-6)
