"""Areas: what they are made of, how they combine, and what is refused."""

from __future__ import annotations

import json
import math

import numpy as np
import pyproj
import pytest
import shapely

from geoalert.area import Area
from geoalert.errors import AreaError, CRSError, GeoAlertError, GeometryError, LayerNotFound
from geoalert.targeting import area_from_rule
from tests.places import squares

BOW_TIE = shapely.Polygon([(10, 50), (10.1, 50.1), (10.1, 50), (10, 50.1)])
RING = shapely.box(10, 50, 10.1, 50.1) - shapely.box(10.04, 50.04, 10.06, 50.06)


def circle(radius_m: float = 600, lon: float = -79.39660, lat: float = 43.64867) -> Area:
    """Returns a circle at Queen and Spadina."""
    return Area.circle(lon=lon, lat=lat, radius_m=radius_m)


def test_a_circle_keeps_its_rule_and_has_its_size() -> None:
    """Pi r squared, less what the chords cut off."""
    area = circle()

    assert area.rule == {"type": "circle", "lon": -79.3966, "lat": 43.64867, "radius_m": 600.0}
    assert area.area_m2 == pytest.approx(math.pi * 600**2, rel=1e-3)
    assert not area.is_point


def test_the_rule_cannot_be_changed_from_outside() -> None:
    """Each reading is a fresh copy."""
    area = circle()

    area.rule["radius_m"] = 1

    assert area.rule["radius_m"] == 600


def test_union_intersection_and_minus_compose_geometry_and_rules() -> None:
    """Sizes follow set algebra, unions stay flat, and the left label stays."""
    left, right = circle().labelled("Queen and Spadina area"), circle(400, lon=-79.3900)

    both, common, rest = left | right, left & right, left - right

    assert both.area_m2 == pytest.approx(left.area_m2 + right.area_m2 - common.area_m2, rel=1e-9)
    assert rest.area_m2 == pytest.approx(left.area_m2 - common.area_m2, rel=1e-9)
    assert [each["type"] for each in (both | circle(50)).rule["of"]] == ["circle"] * 3
    assert rest.rule == {"type": "minus", "of": [left.rule, right.rule]}
    assert rest.label == "Queen and Spadina area"


def test_the_digest_follows_geometry_and_rule_but_not_the_label() -> None:
    """Two areas of one rule are one area; start of a ring and label do not matter."""
    box = shapely.box(10, 50, 10.1, 50.1)
    turned = shapely.Polygon([*box.exterior.coords[2:], *box.exterior.coords[1:3]])

    assert circle().digest == circle().labelled("elsewhere").digest
    assert circle().digest != circle(601).digest
    assert shapely.normalize(turned) == shapely.normalize(box)
    assert Area.polygon(box).digest == Area.polygon(box).digest
    assert circle() == circle()
    assert len({circle(), circle(), circle(5)}) == 2


@pytest.mark.parametrize("area", [circle(), circle() - circle(100), Area.point(lon=10, lat=50), Area.polygon(RING, label="ring")])
def test_an_area_comes_back_from_its_document(area: Area) -> None:
    """Through JSON text and back without loss."""
    assert Area.from_dict(json.loads(json.dumps(area.to_dict()))) == area


def test_a_changed_document_is_refused() -> None:
    """Moving one corner breaks the digest."""
    document = json.loads(json.dumps(Area.polygon(RING).to_dict()))
    document["geometry"]["coordinates"][0][1][0] += 0.001

    with pytest.raises(AreaError) as refused:
        Area.from_dict(document)

    assert refused.value.code == "area_changed"


def test_holes_are_kept() -> None:
    """A hole is no part of the area."""
    assert len(Area.polygon(RING).geometry.interiors) == 1


def test_a_polygon_in_metres_is_converted_and_says_so() -> None:
    """The rule records the system and the accuracy of the conversion."""
    forward = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:26917", always_xy=True)
    corners = [forward.transform(lon, lat) for lon, lat in [(-79.4, 43.6), (-79.3, 43.6), (-79.3, 43.7)]]

    area = Area.polygon(shapely.Polygon(corners), crs="EPSG:26917")

    assert shapely.get_coordinates(area.geometry)[0] == pytest.approx([-79.4, 43.6], abs=1e-7)
    assert (area.rule["native_crs"], area.rule["accuracy_m"]) == ("EPSG:26917", 4.0)


def test_heights_are_dropped() -> None:
    """A third coordinate is no part of a place on the map."""
    area = Area.polygon(shapely.force_3d(shapely.box(10, 50, 10.1, 50.1), 99.0))

    assert not area.geometry.has_z


def test_a_series_is_the_union_of_its_circles() -> None:
    """Two sites apart and one overlapping."""
    sites = [(-79.28831, 43.78326), (-79.27495, 43.74959), (-79.27495, 43.75)]

    area = Area.series(sites, radius_m=750)

    assert area.geometry.equals(shapely.union_all([circle(750, lon=lon, lat=lat).geometry for lon, lat in sites]))
    assert area.rule["points"] == [list(site) for site in sites]


def test_named_boundaries_are_joined_and_pinned() -> None:
    """Ids are written as the layer has them, with the layer's digest."""
    layer = squares()

    area = Area.named(layer, "A1", "A2")

    assert area.geometry.equals(layer["A1"].geometry | layer["A2"].geometry)
    assert (area.rule["ids"], area.rule["layer_digest"]) == (["A1", "A2"], layer.digest)


CROSSING = shapely.Polygon([(179, -17), (-179, -17), (-179, -16), (179, -16)])
with np.errstate(invalid="ignore"):
    NAN_RING = shapely.Polygon([(-79, 43), (float("nan"), 43.1), (-79, 43.2)])
    NAN_LINE = shapely.LineString([(-79, 43), (float("nan"), 43.1)])

REFUSED = [
    (lambda: Area.polygon(CROSSING), GeometryError, "crosses_antimeridian"),
    (lambda: Area.polygon(shapely.MultiPolygon([shapely.box(170, -20, 171, -19), CROSSING])), GeometryError, "crosses_antimeridian"),
    (lambda: Area.corridor(shapely.LineString([(179.9, 1), (-179.9, 1)]), each_side_m=5), GeometryError, "crosses_antimeridian"),
    (lambda: Area.corridor(shapely.LineString([(179.999, 1), (179.9999, 2)]), each_side_m=500), GeometryError, "crosses_antimeridian"),
    (lambda: Area.series([(-170, 50), (179.999, 50)], radius_m=500), GeometryError, "crosses_antimeridian"),
    (lambda: Area.resolved(CROSSING, {"type": "polygon"}), GeometryError, "crosses_antimeridian"),
    (lambda: Area.polygon(NAN_RING), GeometryError, "not_finite"),
    (lambda: Area.polygon(NAN_RING, crs="EPSG:26917"), GeometryError, "not_finite"),
    (lambda: Area.polygon(None), AreaError, "empty_area"),
    (lambda: Area.polygon("POLYGON((0 0,1 1))"), GeometryError, "not_an_area"),
    (lambda: Area.polygon({"type": "Polygon"}), GeometryError, "not_an_area"),
    (lambda: Area.corridor(None, each_side_m=5), AreaError, "corridor_needs_line"),
    (lambda: Area.corridor([(10, 50)], each_side_m=5), AreaError, "corridor_needs_line"),
    (lambda: Area.corridor(shapely.LineString(), each_side_m=5), AreaError, "corridor_needs_line"),
    (lambda: Area.corridor(NAN_LINE, each_side_m=5), GeometryError, "not_finite"),
    (lambda: circle(0), GeometryError, "radius_out_of_range"),
    (lambda: circle(-1), GeometryError, "radius_out_of_range"),
    (lambda: circle(1_000_001), GeometryError, "radius_out_of_range"),
    (lambda: circle(lon=43.64867, lat=-79.39660), GeometryError, "swapped_axes"),
    (lambda: circle(lon=0, lat=0), GeometryError, "null_island"),
    (lambda: Area.point(lon=0, lat=-85.4887), GeometryError, "unknown_marker"),
    (lambda: Area.point(lon=-98.738, lat=0.0), GeometryError, "unknown_marker"),
    (lambda: circle(True), GeometryError, "not_a_number"),
    (lambda: circle(lon="-79.4"), GeometryError, "not_a_number"),
    (lambda: Area.point(lon=None, lat=43.6), GeometryError, "not_a_number"),
    (lambda: Area.series([("a", 43.6)], radius_m=5), GeometryError, "not_a_number"),
    (lambda: Area.corridor(shapely.LineString([(10, 50), (10, 51)]), each_side_m="5"), GeometryError, "not_a_number"),
    (lambda: circle() - circle(), AreaError, "empty_area"),
    (lambda: circle() & circle(lon=-79.2), AreaError, "empty_area"),
    (lambda: Area.polygon(shapely.box(0, 0, 1, 1)) & Area.polygon(shapely.box(1, 0, 2, 1)), AreaError, "empty_area"),
    (lambda: Area.polygon(shapely.Polygon()), AreaError, "empty_area"),
    (lambda: Area.series([], radius_m=5), AreaError, "empty_area"),
    (lambda: Area.named(squares()), AreaError, "empty_area"),
    (lambda: Area.named(squares(), "Z9"), LayerNotFound, "unknown_boundary"),
    (lambda: Area.polygon(BOW_TIE), GeometryError, "invalid_geometry"),
    (lambda: Area.polygon(shapely.LineString([(10, 50), (11, 51)])), GeometryError, "not_an_area"),
    (lambda: Area.polygon(shapely.box(43, -80, 44, -79)), GeometryError, "swapped_axes"),
    (lambda: Area.polygon(shapely.box(630_000, 4_800_000, 640_000, 4_810_000)), GeometryError, "out_of_range"),
    (lambda: Area.polygon(RING, crs="Toronto"), CRSError, "unknown_crs"),
    (lambda: Area.corridor(shapely.LineString([(10, 50), (10, 50)]), each_side_m=5), AreaError, "corridor_needs_line"),
    (lambda: Area.corridor(shapely.Point(10, 50), each_side_m=5), AreaError, "corridor_needs_line"),
    (lambda: Area.corridor(shapely.LineString([(10, 50), (10, 51)]), each_side_m=0), GeometryError, "radius_out_of_range"),
    (lambda: Area.corridor(shapely.LineString([(10, 50), (10, 51)]), each_side_m=5, caps="square"), GeometryError, "unknown_cap"),
    (lambda: Area.point(lon=10, lat=50) | circle(), AreaError, "point_has_no_area"),
]


@pytest.mark.parametrize(("make", "kind", "code"), REFUSED)
def test_what_cannot_be_meant_is_refused(make: object, kind: type[GeoAlertError], code: str) -> None:
    """One class and one code each, raised where the area is made."""
    with pytest.raises(kind) as refused:
        make()

    assert refused.value.code == code
    assert refused.value.do


@pytest.mark.parametrize(
    ("labels", "union"),
    [
        (("Queen and Spadina area", None), None),
        ((None, "Queen and Spadina area"), None),
        (("Queen and Spadina area", "Bloor and Bathurst area"), None),
        (("Queen and Spadina area", "Queen and Spadina area"), "Queen and Spadina area"),
    ],
)
def test_a_union_keeps_only_a_label_that_both_have(labels: tuple[str | None, str | None], union: str | None) -> None:
    """The words for one part are not those for the whole; what is cut keeps its own."""
    left, right = (circle(lon=lon).labelled(label) for lon, label in zip((-79.3966, -79.39), labels, strict=True))
    rules = [area.rule | ({"label": area.label} if area.label else {}) for area in (left, right)]

    assert (left | right).label == union
    assert area_from_rule({"type": "union", "of": rules}, layers={}).label == union
    assert area_from_rule({"type": "union", "of": rules, "label": "Downtown"}, layers={}).label == "Downtown"
    assert (left - right).label == (left & right).label == left.label


def test_one_boundary_named_twice_is_kept_once() -> None:
    """However its id is written."""
    layer = squares()

    assert Area.named(layer, "A1", "a01", "B2").rule["ids"] == ["A1", "B2"]
    assert Area.named(layer, "A1", "a01") == Area.named(layer, "A1")
