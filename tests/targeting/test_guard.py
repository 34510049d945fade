"""The coverage guard: misses, gaps between channels, overshoot, size, and what needs a reason."""

from __future__ import annotations

import pytest
from shapely.geometry import box

from geoalert.alert.accept import MEASURES
from geoalert.alert.limits import LIMITS, NEVER, Limit, Limits
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.errors import AreaError
from geoalert.findings import Finding
from geoalert.targeting import survey
from geoalert.targeting.guard import Spoken, check_size, coverage, guard
from tests.places import squares

LAYER = squares()
CORNER = Area.polygon(box(10.0, 50.0, 10.02, 50.01))
"""Squares A1 and B1, exactly."""


def found(area: Area, *spoken: Spoken, kind: str = "missing_person") -> dict[str, Finding]:
    """Returns the findings by code."""
    return {each.code: each for each in coverage(area, survey(area, [LAYER]), [LAYER], limits=LIMITS[kind], spoken=spoken)}


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


@pytest.mark.parametrize(("radius_m", "level"), [(300, "note"), (70, "warn")])
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

    assert list(check_size(Area.circle(lon=10, lat=50, radius_m=39_000), limits=LIMITS["wanted"], accept={})) == []
    with pytest.raises(AreaError, match=r"accept = \{size") as refused:
        list(check_size(large, limits=LIMITS["wanted"], accept={}))
    (note,) = check_size(large, limits=LIMITS["wanted"], accept={"size": "asked for by the incident commander"})

    assert refused.value.code == "area_too_large"
    assert (note.code, note.text.endswith("Accepted: asked for by the incident commander")) == ("area_large_accepted", True)


NEIGHBOURS = Layer(name="service", ids=["west"], labels=["West Example Police"], geometries=[box(9.0, 49.0, 10.0, 51.0)], neighbours=True)
LEAD = Layer(name="division", ids=["D1"], geometries=[LAYER["A1"].geometry], lead=True)
STRADDLING = Area.polygon(box(9.99, 50.0, 10.01, 50.01))
"""Half in square A1, half west of the city."""
BESIDE = Area.polygon(box(10.0, 50.0, 10.03, 50.01))
"""Squares A1, B1 and C1, of which only A1 is in the lead layer."""
EXCEEDING = {
    "outside_city": (STRADDLING, [LAYER], [speaks("A1")], "area_outside", "50.0%"),
    "no_boundary": (BESIDE, [LAYER, LEAD], [speaks("A1", "B1", "C1")], "area_uncovered", "66.7%"),
    "unreached": (BESIDE, [LAYER], [speaks()], "area_unreached", "100.0%"),
    "overshoot": (Area.circle(lon=10.005, lat=50.005, radius_m=30), [LAYER], [speaks("A1")], "channel_overshoot", "284.8 times"),
}


@pytest.mark.parametrize("measure", EXCEEDING)
def test_a_limit_that_is_exceeded_needs_a_reason(measure: str) -> None:
    """Without one the plan is refused: measure, value, limit and the line to write; with one it is a warning that says it."""
    area, layers, spoken, code, value = EXCEEDING[measure]
    seen = survey(area, layers)
    with pytest.raises(AreaError) as refused:
        guard(area, seen, layers, spoken=spoken, limits=LIMITS["suspect_appeal"])
    err = refused.value
    accepted = guard(area, seen, layers, spoken=spoken, limits=LIMITS["suspect_appeal"], accept={measure: "told at 17:10"})

    (warned,) = [each for each in accepted if "Accepted" in each.text]
    assert (err.code, err.field, err.value) == ("limit_exceeded", f"accept.{measure}", value)
    assert "needs a reason" in err.what
    assert f'accept = {{{measure} = "..."}}' in str(err.do)
    assert f"--accept {measure}=" in str(err.do)
    assert (warned.code, warned.level) == (code, "warn")
    assert warned.text.endswith("needs a reason. Accepted: told at 17:10")


def test_every_reason_that_lacks_is_asked_for_at_once() -> None:
    """Two limits exceeded are one error with both lines."""
    area = Area.polygon(box(9.99, 50.0, 10.01, 50.01))

    with pytest.raises(AreaError) as refused:
        guard(area, survey(area, [LAYER]), [LAYER], spoken=[], limits=Limits(unreached=Limit(0.0, 0.1)))

    assert 'accept = {outside_city = "...", unreached = "..."}' in str(refused.value.do)
    assert refused.value.what.count("needs a reason") == 2


def test_a_reason_for_another_measure_is_none() -> None:
    """Each limit has its own."""
    area, layers, spoken, *_ = EXCEEDING["outside_city"]

    with pytest.raises(AreaError, match="outside_city"):
        guard(area, survey(area, layers), layers, spoken=spoken, accept={"unreached": "known"})


def test_exactly_a_limit_needs_no_reason() -> None:
    """Above it one is asked for, at it none."""
    area, layers, spoken, code, _ = EXCEEDING["unreached"]
    seen = survey(area, layers)

    (told, *_) = [
        each for each in coverage(area, seen, layers, spoken=spoken, limits=Limits(unreached=Limit(0.5, 1.0))) if each.code == code
    ]

    assert told.level == "warn"


def test_a_layer_that_does_not_lead_asks_for_no_reason() -> None:
    """A layer of a few business areas leaves most of any area out."""
    few = Layer(name="bia", ids=["1"], geometries=LEAD.geometries)

    told = guard(BESIDE, survey(BESIDE, [LAYER, few]), [LAYER, few], spoken=[speaks("A1", "B1", "C1")])

    assert [(each.code, each.level, each.where) for each in told if each.code == "area_uncovered"] == [("area_uncovered", "warn", "bia")]


def test_what_lies_outside_the_city_is_not_counted_again() -> None:
    """Neither as in no division nor as reached by nobody: one fact asks for one reason."""
    layers = [LEAD]

    told = coverage(STRADDLING, survey(STRADDLING, layers), layers, spoken=[Spoken(channel="d1", pairs=[("division", "D1")])])

    assert [(each.code, each.level) for each in told] == [("area_uncovered", "warn"), ("area_outside", "refuse")]


def test_how_far_staff_channels_reach_needs_no_reason() -> None:
    """It is told, and that is all."""
    area, layers, *_ = EXCEEDING["overshoot"]
    staff = Spoken(channel="desk", pairs=[("squares", "A1")], public=False)

    (told,) = guard(area, survey(area, layers), layers, spoken=[staff])

    assert (told.level, told.where) == ("warn", "desk")


@pytest.mark.parametrize("kind", ["missing_person", "public_safety", "amber_relay", "emergency_relay"])
def test_a_directory_with_gaps_never_holds_up_a_search(kind: str) -> None:
    """Nobody to tell in a part of the area, and a channel of everywhere: warnings both."""
    for spoken in ([speaks()], [speaks(everywhere=True)]):
        found = guard(BESIDE, survey(BESIDE, [LAYER, LEAD]), [LAYER, LEAD], spoken=spoken, limits=LIMITS[kind])

        assert "refuse" not in {each.level for each in found}


def test_a_neighbouring_service_is_named_with_its_share() -> None:
    """Its ground is outside the city though a layer covers it, and its own gap is not told."""
    layers = [LAYER, NEIGHBOURS]

    told = {each.code: each for each in coverage(STRADDLING, survey(STRADDLING, layers), layers, spoken=[speaks("A1")])}

    assert told["area_outside"].text.startswith(
        "50.0% of the area lies outside every layer of the city: tell West Example Police (50.0% of the area)"
    )
    assert told["area_uncovered"].where == "squares"
    assert told["boundary_unspoken"].where == "service"


def test_the_city_does_not_grow_by_its_neighbours() -> None:
    """A channel of the whole project is measured by the city's layers alone."""
    layers = [LAYER, NEIGHBOURS]

    told = {each.code: each for each in coverage(CORNER, survey(CORNER, layers), layers, spoken=[speaks(everywhere=True)])}

    assert "4.5 times the area" in told["channel_overshoot"].text


def test_limits_are_by_measure_and_kind() -> None:
    """Every measure that `accept` names has a limit; a relayed area is another authority's."""
    assert all(isinstance(limits.of(measure), Limit) for limits in LIMITS.values() for measure in MEASURES)
    assert LIMITS["amber_relay"].outside_city.refuse == NEVER
    assert LIMITS["person_of_interest"].overshoot.refuse < LIMITS["suspect_appeal"].overshoot.refuse
    for wrong in (-1.0, float("nan"), True):
        with pytest.raises(AreaError, match="number from 0 on"):
            Limit(0.1, wrong)
