"""The coverage guard: misses, gaps between channels, overshoot, size."""

from __future__ import annotations

import pytest
from shapely.geometry import box

from geoalert.area import Area
from geoalert.errors import AreaError
from geoalert.findings import Finding
from geoalert.targeting import survey
from geoalert.targeting.guard import LIMITS, Spoken, check_size, coverage
from tests.places import squares

LAYER = squares()
CORNER = Area.polygon(box(10.0, 50.0, 10.02, 50.01))
"""Squares A1 and B1, exactly."""


def found(area: Area, *spoken: Spoken, kind: str = "suspect_appeal") -> dict[str, Finding]:
    """Returns the findings by code."""
    return {each.code: each for each in coverage(area, survey(area, [LAYER]), [LAYER], kind=kind, spoken=spoken)}


def speaks(*ids: str, everywhere: bool = False) -> Spoken:
    """Returns a channel for squares of the layer."""
    return Spoken(channel="page", pairs=frozenset(("squares", each) for each in ids), everywhere=everywhere)


def test_an_area_that_all_fits_says_nothing() -> None:
    """Covered by the layer, spoken for, and no larger than needed."""
    assert found(CORNER, speaks("A1", "B1")) == {}
    assert found(CORNER, speaks("A1"), speaks("B1")) == {}


def test_what_lies_in_no_boundary_is_told_and_its_share() -> None:
    """Half of the area lies west of the layer, and so outside all of them."""
    half = found(Area.polygon(box(9.99, 50.0, 10.01, 50.01)), speaks("A1"))

    assert half["area_uncovered"].text == "50.0% of the area lies in no squares"
    assert half["area_outside"].text.startswith("50.0% of the area lies outside every layer")
    assert [half[code].level for code in ("area_uncovered", "area_outside")] == ["warn", "warn"]


def test_a_hair_outside_is_a_note() -> None:
    """Below the kind's limit it is recorded and asks nobody."""
    hair = found(Area.polygon(box(9.99999, 50.0, 10.01, 50.01)), speaks("A1"))

    assert hair["area_outside"].level == hair["area_uncovered"].level == "note"


def test_a_boundary_that_nobody_speaks_for_is_named() -> None:
    """With the share that no channel reaches."""
    lacking = found(CORNER, speaks("A1"))

    assert lacking["boundary_unspoken"].text == "no chosen channel speaks for squares B1"
    assert lacking["area_unreached"].text.startswith("50.0% of the area")
    assert lacking["area_unreached"].level == "warn"
    assert found(CORNER)["area_unreached"].text.startswith("100.0%")


@pytest.mark.parametrize("one", [speaks("*"), speaks(everywhere=True)])
def test_a_channel_of_everything_leaves_no_gap(one: Spoken) -> None:
    """It speaks for each boundary, and reaches far beyond the area."""
    codes = found(CORNER, one)

    assert {*codes} == {"channel_overshoot"}
    assert "4.5 times the area" in codes["channel_overshoot"].text


@pytest.mark.parametrize(("radius_m", "level"), [(300, "note"), (50, "warn")])
def test_overshoot_is_a_ratio_with_a_limit(radius_m: float, level: str) -> None:
    """A square of 0.8 km2 for a circle: told always, a warning above the kind's limit."""
    told = found(Area.circle(lon=10.005, lat=50.005, radius_m=radius_m), speaks("A1"))["channel_overshoot"]

    assert told.level == level
    assert told.where == "page"


def test_limits_are_by_kind() -> None:
    """A person in danger is looked for widely; a person of interest is named to few."""
    area = Area.circle(lon=10.005, lat=50.005, radius_m=120)

    levels = {kind: found(area, speaks("A1"), kind=kind)["channel_overshoot"].level for kind in LIMITS}

    assert (levels["person_of_interest"], levels["missing_person"]) == ("warn", "note")


def test_a_bare_point_has_no_shares_to_guard() -> None:
    """Its boundaries are asked all the same."""
    assert found(Area.point(lon=10.005, lat=50.005), speaks("A1")) == {}
    assert {*found(Area.point(lon=10.005, lat=50.005))} == {"boundary_unspoken"}


def test_a_large_area_needs_words() -> None:
    """5,000 km2 is the most; the reason becomes a finding."""
    large = Area.circle(lon=10, lat=50, radius_m=40_000)

    assert list(check_size(Area.circle(lon=10, lat=50, radius_m=39_000), kind="wanted", accept=None)) == []
    with pytest.raises(AreaError, match="accept_area") as refused:
        list(check_size(large, kind="wanted", accept=None))
    (note,) = check_size(large, kind="wanted", accept="asked for by the incident commander")

    assert refused.value.code == "area_too_large"
    assert (note.code, note.text.endswith("Accepted: asked for by the incident commander")) == ("area_large_accepted", True)
