"""What a match says, whatever the order of what it is given."""

from __future__ import annotations

import json
import random
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoalert import geo
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.errors import AreaError, BoundaryError, LayerNotFound
from geoalert.targeting import match, survey
from tests.places import squares

SIDE = 0.01
GRID = squares(side=SIDE)


def box(west: float, south: float, east: float, north: float) -> Area:
    """Returns a box whose corners count in squares of the grid."""
    return Area.polygon(shapely.box(10 + west * SIDE, 50 + south * SIDE, 10 + east * SIDE, 50 + north * SIDE))


def shares(area: Area, layer: Layer = GRID, rule: str = "overlap") -> dict[str, float | None]:
    """Returns share_of_area by id."""
    return {found.id: found.share_of_area for found in match(area, [layer], rule)}


def test_an_area_in_one_boundary_lies_inside_it() -> None:
    """Share 1, and the part of the boundary it takes."""
    (found,) = match(box(0.25, 0.25, 0.75, 0.75), [GRID])

    assert (found.id, found.share_of_area, found.relation, found.targeted) == ("A1", 1.0, "inside", True)
    assert found.share_of_boundary == pytest.approx(0.25, rel=1e-3)


def test_overlap_targets_by_either_share_and_lists_slivers() -> None:
    """Half of a boundary is enough, 0.5 % of the area is not, and each says why."""
    tiny = Layer(
        name="tiny",
        ids=["half", "sliver", "touching", "most"],
        geometries=[
            shapely.box(*each) for each in [(10, 50, 10.0005, 50.0005), (10, 50.05, 10.0005, 50.1), (9, 50, 10, 51), (10.001, 50, 11, 51)]
        ],
    )

    found = {each.id: each for each in match(Area.polygon(shapely.box(10, 50, 10.1, 50.1)), [tiny])}

    assert {each.id: (each.relation, each.targeted) for each in found.values()} == {
        "most": ("overlaps", True),
        "sliver": ("overlaps", True),
        "half": ("overlaps", True),
        "touching": ("touches", False),
    }
    assert found["half"].reason.startswith("100.0 % of tiny half lies in the area")
    assert found["touching"].share_of_area == 0


def test_a_sliver_is_listed_with_its_reason() -> None:
    """0.5 % of the area and 0.5 % of the boundary."""
    found = {each.id: each for each in match(box(0.005, 0, 1.005, 1), [GRID])}

    assert not found["B1"].targeted
    assert found["B1"].reason == "only 0.5 % of the area lies in squares B1; overlap wants at least 1 %"
    assert found["A1"].reason == "99.5 % of the area lies in squares A1; overlap wants at least 1 %"


@pytest.mark.parametrize(
    ("rule", "targeted"),
    [
        ("overlap", {"A1", "B1"}),
        ("touches", {"A1", "B1", "A2", "B2"}),
        ("centroid", {"A1"}),
        ("share:40%", {"A1"}),
        ("share: 30 %", {"A1", "B1"}),
        ("within:150m", {"A1", "B1", "A2", "B2"}),
        ("within:1km", {"A1", "B1", "A2", "B2", "C1", "C2"}),
    ],
)
def test_each_rule_targets_its_own(rule: str, targeted: set[str]) -> None:
    """Two thirds in A1, a third in B1, an edge along A2 and B2, C1 some 480 m away."""
    assert {found.id for found in match(box(0, 0.5, 1.5, 1) - box(1, 0.5, 1.5, 0.7), [GRID], rule) if found.targeted} <= targeted

    area = box(0.333, 0.5, 1.333, 1)

    assert {found.id for found in match(area, [GRID], rule) if found.targeted} == targeted


def test_within_lists_near_boundaries_with_their_distance() -> None:
    """Share 0, relation near, metres as the geodesic says."""
    found = {each.id: each for each in match(box(0.2, 0.2, 0.5, 0.5), [GRID], "within:400m")}

    assert found["A1"].distance_m == 0
    assert (found["B1"].relation, found["B1"].share_of_area) == ("near", 0.0)
    assert found["B1"].distance_m == pytest.approx(geo.length_m(shapely.LineString([(10.005, 50.005), (10.01, 50.005)])), abs=0.05)
    assert "the rule wants at most 400 m" in found["B1"].reason


@pytest.mark.parametrize("rule", ["", "overlaps", "share:0%", "share:101%", "share:20", "within:150", "within:-5m", "within:2000km"])
def test_an_unknown_rule_is_refused_with_the_list(rule: str) -> None:
    """The error shows what there is."""
    with pytest.raises(AreaError, match="overlap, touches, centroid, share:20%, within:150m") as refused:
        match(box(0, 0, 1, 1), [GRID], rule)

    assert refused.value.code == "unknown_rule"


def test_a_point_on_a_border_returns_both_sides() -> None:
    """20 m east of the border: inside B1, near A1 within the default 30 m, shares null."""
    lon = 10.01 + 20 / 71_700

    found = match(Area.point(lon=lon, lat=50.005), [GRID])

    assert [(each.id, each.relation, each.share_of_area, each.share_of_boundary, each.targeted) for each in found] == [
        ("B1", "inside", None, None, True),
        ("A1", "near", None, None, True),
    ]
    assert found[1].distance_m == pytest.approx(20, abs=0.1)
    assert match(Area.point(lon=lon, lat=50.005), [GRID], tolerance_m=10) == found[:1]


def test_a_point_on_a_corner_lies_in_all_four() -> None:
    """Ties come in natural order."""
    assert [(found.id, found.relation) for found in match(Area.point(lon=10.01, lat=50.01), [GRID])] == [
        (corner, "inside") for corner in ("A1", "A2", "B1", "B2")
    ]


@given(seed=st.integers(0, 2**32))
def test_the_order_of_layers_and_rows_never_matters(seed: int) -> None:
    """Shuffled layers of shuffled rows give the same list, ties in natural order."""
    chance = random.Random(seed)
    layers = [GRID, squares(name="other", west=9.9955, side=SIDE * 0.9)]
    area = box(0.5, 0.5, 2.5, 2.5)
    shuffled = []
    for layer in layers:
        rows = chance.sample(range(len(layer)), len(layer))
        shuffled.append(Layer(name=layer.name, ids=layer.ids[rows], geometries=layer.geometries[rows]))
    chance.shuffle(shuffled)

    assert [each.to_dict() for each in match(area, shuffled)] == [each.to_dict() for each in match(area, layers)]


def test_ties_go_by_natural_order() -> None:
    """D9 before D10."""
    layer = Layer(name="division", ids=["D10", "D9"], geometries=[shapely.box(10, 50, 10.01, 50.01), shapely.box(9.99, 50, 10, 50.01)])

    assert [found.id for found in match(Area.polygon(shapely.box(9.995, 50.002, 10.005, 50.008)), [layer])] == ["D9", "D10"]


COORDINATE = st.floats(-0.5, 3.5)


@given(x=COORDINATE, y=COORDINATE, wide=st.floats(0.01, 3), high=st.floats(0.01, 3))
def test_shares_and_the_uncovered_rest_make_one(x: float, y: float, wide: float, high: float) -> None:
    """Where boundaries do not overlap, everything is somewhere once."""
    found = survey(box(x, y, x + wide, y + high), [GRID])

    assert sum(each.share_of_area or 0 for each in found.matches) + found.uncovered["squares"] == pytest.approx(1, abs=1e-8)
    assert sum(each.targeted for each in found.matches) <= 9


@given(x=COORDINATE, y=COORDINATE, wide=st.floats(0.01, 3), high=st.floats(0.01, 3), corner=st.floats(0.1, 0.9))
def test_shares_are_those_of_plain_intersections(x: float, y: float, wide: float, high: float, corner: float) -> None:
    """The shortcuts over shared edges and whole boundaries change nothing, on holes and notches too."""
    notched = box(x, y, x + wide, y + high) - box(x + wide * corner, y, x + wide * 2, y + high * corner)

    for name, share in shares(notched).items():
        piece = shapely.intersection(GRID[name].geometry, notched.geometry)
        assert share == pytest.approx(geo.area_m2(piece) / notched.area_m2, rel=1e-9, abs=1e-9)


@given(east=st.integers(-20, 20), north=st.integers(-3, 3))
def test_moving_area_and_boundaries_together_changes_nothing(east: int, north: int) -> None:
    """A quarter of a degree east or west leaves every share; a little north or south leaves them nearly."""
    moved = squares(west=10 + east / 4, south=50 + north / 64, side=1 / 64)
    there = Area.polygon(shapely.box(10 + east / 4 + 0.005, 50 + north / 64 + 0.005, 10 + east / 4 + 0.035, 50 + north / 64 + 0.03))
    here = Area.polygon(shapely.box(10.005, 50.005, 10.035, 50.03))

    assert shares(there, moved) == pytest.approx(shares(here, squares(side=1 / 64)), abs=1e-4 if north else 1e-9)


def test_overlapping_boundaries_count_once_in_the_uncovered_rest() -> None:
    """Two boundaries over the same half leave the other half."""
    half = shapely.box(10, 50, 10.01, 50.02)
    layer = Layer(name="beats", ids=["1", "2"], geometries=[half, shapely.box(10, 50, 10.01, 50.03)])

    found = survey(Area.polygon(shapely.box(10, 50, 10.02, 50.02)), [layer])

    assert [each.share_of_area for each in found.matches] == pytest.approx([0.5, 0.5])
    assert found.uncovered["beats"] == pytest.approx(0.5)


def test_boundaries_that_lie_twice_over_a_shared_border_are_not_taken_for_a_tiling() -> None:
    """Each edge in the area is shared by exactly two, yet every place lies in two boundaries."""
    west, east = shapely.box(10, 50, 10.05, 50.1), shapely.box(10.05, 50, 10.1, 50.1)
    south, north = shapely.box(10, 50, 10.1, 50.05), shapely.box(10, 50.05, 10.1, 50.1)
    layer = Layer(name="twice", ids=["W", "E", "S", "N"], geometries=[west, east, south, north])

    assert shares(Area.polygon(shapely.box(10.02, 50.02, 10.06, 50.06)), layer) == pytest.approx(
        {"W": 0.75, "S": 0.75, "E": 0.25, "N": 0.25}, rel=1e-3
    )


def test_outside_every_boundary_is_an_empty_list_and_wholly_uncovered() -> None:
    """Nothing is assumed."""
    found = survey(box(50, 50, 51, 51), [GRID])

    assert (found.matches, found.uncovered, found.leads) == ((), {"squares": 1.0}, {})


def test_the_whole_named_boundary_matches_itself_and_touches_its_neighbours() -> None:
    """Shared edges are contact, not overlap."""
    found = {each.id: each.relation for each in match(Area.named(GRID, "B2"), [GRID])}

    assert found.pop("B2") == "inside"
    assert set(found.values()) == {"touches"}
    assert len(found) == 8


def test_a_layer_is_used_only_on_its_days() -> None:
    """The error names the validity."""
    layer = Layer(name="old", ids=["1"], geometries=[shapely.box(10, 50, 11, 51)], valid_from=date(2010, 1, 1), valid_to=date(2022, 4, 11))

    with pytest.raises(BoundaryError, match="valid from 2010-01-01 to 2022-04-11") as refused:
        match(box(0, 0, 1, 1), [layer], as_of=date(2023, 1, 1))

    assert refused.value.code == "layer_not_valid"
    assert match(box(0, 0, 1, 1), [layer], as_of=date(2021, 1, 1))


def test_two_layers_of_one_name_are_refused() -> None:
    """Matches name their layer."""
    with pytest.raises(BoundaryError) as refused:
        match(box(0, 0, 1, 1), [GRID, squares()])

    assert refused.value.code == "duplicate_layer"


def test_a_tolerance_below_zero_is_refused() -> None:
    """A point cannot be less than exact."""
    with pytest.raises(AreaError) as refused:
        match(Area.point(lon=10, lat=50), [GRID], tolerance_m=-1)

    assert refused.value.code == "negative_tolerance"


@pytest.mark.parametrize(
    ("recorded", "stated", "lead", "why"),
    [
        (None, None, "A1", "largest share, 66.7 % of the area"),
        (None, {"squares": "b1"}, "B1", "stated by the operator"),
        ({"squares": "C3"}, {"squares": "B1"}, "C3", "recorded by the police"),
    ],
)
def test_the_lead_is_recorded_before_stated_before_largest(
    recorded: dict[str, str] | None, stated: dict[str, str] | None, lead: str, why: str
) -> None:
    """The record wins even over geometry."""
    found = survey(box(0, 0, 1.5, 0.5), [GRID], recorded=recorded, stated=stated).leads["squares"]

    assert (found.id, found.why) == (lead, why)


def test_a_lead_of_an_unknown_layer_names_the_known() -> None:
    """A slip in the layer's name is no silent miss."""
    with pytest.raises(LayerNotFound, match="squares") as refused:
        survey(box(0, 0, 1, 1), [GRID], stated={"square": "A1"})

    assert refused.value.code == "unknown_layer"


def test_a_survey_is_a_json_document() -> None:
    """The document of the command line."""
    document = json.loads(json.dumps(survey(box(0, 0, 1.5, 0.5), [GRID]).to_dict()))

    assert set(document) == {"matches", "uncovered", "leads"}
    assert set(document["matches"][0]) == {
        "layer",
        "id",
        "label",
        "share_of_area",
        "share_of_boundary",
        "distance_m",
        "relation",
        "targeted",
        "reason",
    }


def test_multipart_areas_and_large_layers_take_the_long_way() -> None:
    """Two boxes apart: shares weigh by size."""
    area = box(0, 0, 0.5, 0.5) | box(2, 2, 2.5, 3)

    assert shares(area) == pytest.approx({"C3": 2 / 3, "A1": 1 / 3, "B2": 0, "B3": 0, "C2": 0}, abs=1e-3)


def test_an_area_over_many_boundaries_is_exact() -> None:
    """A thousand small squares under one circle."""
    fine = squares(side=0.001, across=26, up=26)
    area = Area.circle(lon=10.013, lat=50.013, radius_m=700)

    found = shares(area, fine)

    assert sum(found.values()) == pytest.approx(1, abs=1e-9)
    pieces = geo.area_m2(shapely.intersection(fine.geometries, area.geometry))
    assert sorted(found.values()) == pytest.approx(sorted(np.asarray(pieces)[pieces > 0] / area.area_m2), abs=1e-9)


def test_boundaries_wholly_in_the_area_count_whole() -> None:
    """Nine small squares under one box: each is all in, and takes its part."""
    found = match(box(-0.5, -0.5, 3.5, 3.5), [GRID])

    assert {each.share_of_boundary for each in found} == {1.0}
    assert [each.share_of_area for each in found] == pytest.approx([1 / 16] * 9, rel=1e-3)


def test_one_layer_needs_no_list() -> None:
    """A layer alone is a list of one."""
    area = box(0.25, 0.25, 0.75, 0.75)

    assert match(area, GRID) == match(area, [GRID])
    assert survey(area, GRID) == survey(area, [GRID])


def test_no_layers_match_nothing() -> None:
    """An empty list is no error, of an area and of a point."""
    for area in (box(0, 0, 1, 1), Area.point(lon=10.005, lat=50.005)):
        assert match(area, []) == []
        assert survey(area, []).uncovered == {}


def test_layers_that_lie_on_each_other_are_uncovered_each_for_itself() -> None:
    """What two layers have in common is counted twice in neither."""
    other = squares(name="other", west=10.002, south=50.003, side=0.009, across=1, up=1)
    area = box(0, 0, 2.5, 1.5) | box(-1, 0, 0.5, 0.5)

    together = survey(area, [GRID, other]).uncovered

    assert together == pytest.approx({layer.name: survey(area, layer).uncovered[layer.name] for layer in (GRID, other)}, abs=1e-12)
