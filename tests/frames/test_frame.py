"""Nouns as GeoDataFrames."""

from __future__ import annotations

import geopandas
import pytest
from geopandas.testing import assert_geodataframe_equal

from geoalert import frames
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.directory.selection import Selected
from geoalert.errors import BoundaryError, GeoAlertError, LayerNotFound
from tests.frames.things import AREA, HOLED, LAYER, PLAN, POINT, SELECTIONS, SURVEY, other_edition


def test_an_area_is_one_row() -> None:
    """Its geometry, label, size and the kind of its rule, never the rule itself, which may name files."""
    frame = AREA.to_geodataframe()

    assert isinstance(frame, geopandas.GeoDataFrame)
    assert frame.crs.to_string() == "EPSG:4326"
    assert frame.geometry.tolist() == [AREA.geometry]
    assert frame.drop(columns="geometry").to_dict("records") == [{"label": AREA.label, "rule": "circle", "area_m2": AREA.area_m2}]


def test_several_areas_are_several_rows() -> None:
    """A list keeps its order."""
    frame = frames.to_geodataframe([POINT, HOLED])

    assert frame.geometry.tolist() == [POINT.geometry, HOLED.geometry]
    assert frame["area_m2"].tolist() == [0.0, HOLED.area_m2]


def test_a_layer_comes_back_from_its_frame() -> None:
    """A layer made again from its frame has the same digest."""
    again = Layer.from_geodataframe(LAYER.to_geodataframe(), name="division", id="id", label="label")

    assert again.digest == LAYER.digest


def test_matches_have_the_shapes_of_their_layer() -> None:
    """Shares, reason and whether it is targeted stand beside the boundary's geometry."""
    frame = SURVEY.to_geodataframe([LAYER])

    assert frame["id"].tolist() == [found.id for found in SURVEY.matches]
    assert frame["share_of_area"].tolist() == [found.share_of_area for found in SURVEY.matches]
    assert frame["targeted"].dtype == bool
    assert all(shape.equals(LAYER[each].geometry) for each, shape in zip(frame["id"], frame.geometry, strict=True))
    assert_geodataframe_equal(frame, frames.matches_frame(SURVEY.matches, LAYER))


def test_matches_without_layers_have_no_shapes() -> None:
    """The rows are there all the same."""
    frame = SURVEY.to_geodataframe()

    assert len(frame) == 2
    assert frame.geometry.isna().all()


def test_no_matches_are_an_empty_frame() -> None:
    """An area outside every layer gives the columns and no rows."""
    frame = frames.matches_frame([], [LAYER])

    assert len(frame) == 0
    assert "share_of_area" in frame


def test_a_match_of_another_layer_is_refused() -> None:
    """A match whose layer was not given is no row without a shape."""
    squares = Layer(name="ward", ids=["1"], geometries=LAYER.geometries[:1])

    with pytest.raises(LayerNotFound) as caught:
        frames.matches_frame(SURVEY.matches, [squares])

    assert (caught.value.code, caught.value.value) == ("unknown_layer", "division")


def test_selections_say_their_state_and_why() -> None:
    """Channels have no place; a venue is chosen, to be visited or skipped."""
    frame = frames.selections_frame(SELECTIONS)

    assert frame["state"].tolist() == ["chosen", "chosen", "visit", "skipped"]
    assert frame["reason"].tolist() == [one.reason for one in SELECTIONS[:4]]
    assert frame["languages"].tolist()[0] == "en; fr"
    assert [None if shape is None else shape.coords[0] for shape in frame.geometry][:4] == [
        None, (-79.397, 43.648), (-79.396, 43.649), (-79.395, 43.647),
    ]  # fmt: skip


def test_what_was_skipped_for_a_withheld_area_has_no_row() -> None:
    """Its name alone would point to a secret place."""
    frame = frames.selections_frame(SELECTIONS)

    assert "restricted rule" in {one.reason for one in SELECTIONS}
    assert frame["id"].tolist() == ["d14-page", "club-1", "club-2", "club-3"]
    assert frame.geometry.isna().tolist() == [True, False, False, False]


def test_selected_is_written_as_its_selections() -> None:
    """What `select` returns is taken as it is."""
    selected = Selected(selections=SELECTIONS, recipients=(), visit_list=(), findings=())

    assert_geodataframe_equal(selected.to_geodataframe(), frames.selections_frame(list(SELECTIONS)))


def test_a_plan_is_three_tables() -> None:
    """Area, boundaries met and selections, each row with alert, status and scope."""
    made = frames.table_frames(PLAN, [LAYER])

    assert {name: len(frame) for name, frame in made.items()} == {
        "area": 1,
        "boundaries": len(PLAN.matches),
        "selections": len(PLAN.selections),
    }
    for frame in made.values():
        assert set(map(tuple, frame[["alert", "status", "scope"]].to_numpy())) == {("S1.r1", "exercise", "public")}


def test_a_plan_is_also_one_frame() -> None:
    """The column `table` tells the rows apart."""
    frame = PLAN.to_geodataframe({"division": LAYER})

    assert frame["table"].value_counts().to_dict() == {"area": 1, "boundaries": len(PLAN.matches), "selections": len(PLAN.selections)}
    assert frame.geometry[0].equals(Area.circle(lon=-79.3966, lat=43.64867, radius_m=600).geometry)
    assert frame["targeted"].tolist()[0] is None


def test_a_plan_is_not_drawn_with_another_edition() -> None:
    """A layer with the same name and other shapes is refused."""
    with pytest.raises(BoundaryError) as caught:
        PLAN.to_geodataframe([other_edition()])

    assert caught.value.code == "layer_changed"


@pytest.mark.parametrize("thing", [None, [], "area", {"type": "Point"}, [AREA, SELECTIONS[0]], 3])
def test_what_is_no_place_is_refused(thing: object) -> None:
    """Nothing, a mixture, or another type is one clear error."""
    with pytest.raises(GeoAlertError) as caught:
        frames.to_geodataframe(thing)

    assert caught.value.code == "not_exportable"
