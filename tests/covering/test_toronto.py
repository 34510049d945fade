"""Real boundaries: Toronto's 174 in at most 100 points, New York's precincts and neighbourhoods."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import shapely

from geoalert.covering import cover
from geoalert.errors import AreaError
from tests.bench.cover_table import LINE_M, Row, ours, rows
from tests.covering.test_cover import what_fits
from tests.places import toronto_layers


@pytest.fixture(scope="module")
def made(shared: Path) -> list[Row]:
    """All 174 covers in at most 100 points each."""
    return [row["geoalert"] for _, _, row in rows(shared, {"geoalert": ours})]


@pytest.mark.shared
@pytest.mark.long
def test_toronto_in_a_hundred_points(made: list[Row]) -> None:
    """All 174 are covered whole, within the budget, within the United States' line of 161 m, with the median that is promised."""
    assert len(made) == 174
    assert all(row.whole and row.points <= 100 for row in made)
    assert max(row.overshoot_m for row in made) <= 161
    assert median(row.overshoot_m for row in made) <= 5


@pytest.mark.shared
@pytest.mark.long
def test_no_cover_of_toronto_reaches_over_by_more_than_100_m(made: list[Row]) -> None:
    """The promise for every one of the 174."""
    assert max(row.overshoot_m for row in made) <= 100


@pytest.mark.shared
def test_neighbouring_covers_leave_no_gap(shared: Path) -> None:
    """What lies in the union of the boundaries lies in the union of their covers."""
    boundaries = toronto_layers(shared)[1].geometries[:40]

    covers = shapely.union_all([cover(each).geometry for each in boundaries])

    assert covers.covers(shapely.union_all(boundaries))


def new_york(shared: Path, name: str) -> list[Any]:
    """Returns New York's boundaries, the one with the most corners first."""
    path = shared / "data/nyc" / name
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    boundaries = shapely.from_geojson([json.dumps(each["geometry"]) for each in json.loads(text)["features"]])
    return sorted(boundaries, key=shapely.get_num_coordinates, reverse=True)


def check_line(boundary: Any, within_m: float = LINE_M) -> bool:
    """Asks for a cover at the line; where there is none, both figures of the error have to be true. Returns whether there is one."""
    try:
        made = cover(boundary, max_overshoot_m=within_m)
    except AreaError as error:
        enough_m, enough = what_fits(error)
        assert within_m < enough_m
        made = cover(boundary, max_overshoot_m=enough_m)
        assert enough > 100
        assert cover(boundary, max_points=enough, max_overshoot_m=within_m).geometry.covers(boundary)
        assert made.geometry.covers(boundary)
        assert made.points <= 100
        return False
    assert made.geometry.covers(boundary)
    assert made.points <= 100
    return True


@pytest.mark.shared
@pytest.mark.long
def test_new_york_neighbourhoods_keep_the_line_or_say_what_would(shared: Path) -> None:
    """All 195: only the two park districts of 22 islands each pass 161 m."""
    kept = [check_line(each) for each in new_york(shared, "nta_neighbourhoods.geojson")]

    assert len(kept) == 195
    assert kept.count(False) <= 2


@pytest.mark.shared
def test_a_few_new_york_neighbourhoods_keep_the_line(shared: Path) -> None:
    """Every eighth, those of most corners among them but for the park districts."""
    assert all(check_line(each) for each in new_york(shared, "nta_neighbourhoods.geojson")[5::8])


@pytest.mark.shared
@pytest.mark.long
def test_new_york_precincts_keep_the_line_or_say_what_would(shared: Path) -> None:
    """The 66 that are not the heaviest."""
    assert all(check_line(each) for each in new_york(shared, "police_precincts_2024.geojson.gz")[11:])


@pytest.mark.shared
@pytest.mark.long
def test_heaviest_new_york_precincts_keep_the_line_or_say_what_would(shared: Path) -> None:
    """Eleven of up to 16,000 corners, marshes and airports: most keep the line, the others say what would."""
    kept = [check_line(each) for each in new_york(shared, "police_precincts_2024.geojson.gz")[:11]]

    assert kept.count(True) >= 6
