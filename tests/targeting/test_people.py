"""How many people live in an area, where a layer says how many live in each boundary."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import box

from geoalert.area import Area
from geoalert.boundaries.load import read_layer
from geoalert.boundaries.model import Layer
from geoalert.errors import BoundaryError
from geoalert.targeting import coverage, survey
from geoalert.targeting.people import people_in

WEST, EAST = box(10.0, 50.0, 10.01, 50.01), box(10.01, 50.0, 10.02, 50.01)
HALF_AND_WHOLE = Area.polygon(box(10.005, 50.0, 10.02, 50.01))
ROWS = f'id,people,wkt\nA,{{a}},"{WEST.wkt}"\nB,{{b}},"{EAST.wkt}"\n'


def hoods(*people: float) -> Layer:
    """Returns two neighbourhoods with as many people."""
    return Layer(name="hood", ids=["A", "B"], geometries=[WEST, EAST], population=people)


def told(layer: Layer) -> list[str]:
    """Returns what the guard says of people."""
    found = coverage(HALF_AND_WHOLE, survey(HALF_AND_WHOLE, [layer]), [layer], spoken=[])
    return [each.text for each in found if each.code == "area_population"]


def test_people_are_counted_by_the_share_of_each_boundary() -> None:
    """Half of 12,000 and all of 8,460, in three figures."""
    layer = hoods(12_000, 8_460)

    people, unknown = people_in(survey(HALF_AND_WHOLE, [layer]).matches, layer)

    assert people == pytest.approx(14_460, rel=1e-6)
    assert unknown == 0
    assert told(layer) == ["about 14,500 people live in the area, by its share of each hood"]


def test_a_boundary_without_a_figure_is_said() -> None:
    """The rest is counted all the same."""
    assert told(hoods(math.nan, 8_460)) == [
        "about 8,460 people live in the area, by its share of each hood; of 1 of them nobody says how many"
    ]


def test_a_layer_without_people_says_nothing() -> None:
    """Nothing is guessed."""
    assert told(Layer(name="hood", ids=["A"], geometries=[WEST])) == []


def test_the_column_is_read_with_its_blanks(tmp_path: Path) -> None:
    """Thousands may be parted by commas; the layer's digest is that of its shapes."""
    path = tmp_path / "hoods.csv"
    path.write_text(ROWS.format(a='"12,000"', b=""), "utf-8")

    layer = read_layer(path, name="hood", id="id", crs="EPSG:4326", population="people")

    assert layer.population is not None
    assert np.array_equal(layer.population, [12_000, math.nan], equal_nan=True)
    assert not layer.population.flags.writeable
    assert layer.digest == read_layer(path, name="hood", id="id", crs="EPSG:4326").digest
    assert np.array_equal(pickle.loads(pickle.dumps(layer)).population, layer.population, equal_nan=True)


def test_rows_that_are_joined_are_added_up(tmp_path: Path) -> None:
    """One id, two rows."""
    path = tmp_path / "hoods.csv"
    path.write_text(ROWS.format(a=12_000, b=500).replace("\nB,", "\nA,"), "utf-8")

    layer = read_layer(path, name="hood", id="id", crs="EPSG:4326", population="people", dissolve=True)

    assert layer.population is not None
    assert layer.population.tolist() == [12_500]


@pytest.mark.parametrize("value", ["many", "-4", "inf"])
def test_what_is_no_number_of_people_is_refused(tmp_path: Path, value: str) -> None:
    """With its row, the header being the first."""
    path = tmp_path / "hoods.csv"
    path.write_text(ROWS.format(a=1, b=value), "utf-8")

    with pytest.raises(BoundaryError) as refused:
        read_layer(path, name="hood", id="id", crs="EPSG:4326", population="people")

    assert (refused.value.code, refused.value.row, refused.value.field) == ("invalid_population", 3, "people")


@pytest.mark.parametrize(("people", "code"), [([1.0], "unequal_lengths"), ([1.0, -1.0], "invalid_population")])
def test_a_layer_made_in_python_is_checked_too(people: list[float], code: str) -> None:
    """One number for each boundary, none below zero."""
    with pytest.raises(BoundaryError) as refused:
        Layer(name="hood", ids=["A", "B"], geometries=[WEST, EAST], population=people)

    assert refused.value.code == code
