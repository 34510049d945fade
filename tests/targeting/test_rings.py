"""Rings by time or signal, and what each adds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoalert.area import Area
from geoalert.errors import GeoAlertError
from geoalert.targeting import area_from_rule
from geoalert.targeting.arearule import AreaRule
from geoalert.targeting.rings import Ring, Rings, read_delay

SINCE = datetime(2027, 1, 19, 21, 40, tzinfo=UTC)
STEPS = (Ring("0h", 800), Ring("2h", 1600), Ring("4h", 2500, "transit-sighting"))
RINGS = Rings(lon=-79.47999, lat=43.66007, since=SINCE, steps=STEPS)
HOME = {"type": "circle", "lon": -79.482, "lat": 43.662, "radius_m": 900}


@pytest.mark.parametrize(
    ("hours", "signals", "ring"),
    [
        (-1, (), 0),
        (0, (), 1),
        (1.99, (), 1),
        (2, (), 2),
        (3.99, (), 2),
        (4, (), 3),
        (0.5, ("transit-sighting",), 3),
        (-1, ("transit-sighting",), 3),
    ],
)
def test_time_or_a_signal_begins_a_ring(hours: float, signals: tuple[str, ...], ring: int) -> None:
    """To the second, and a signal begins the rings within it too."""
    assert RINGS.reached(SINCE + timedelta(hours=hours), signals) == ring


@pytest.mark.parametrize("ring", [1, 2, 3])
def test_a_ring_is_a_circle_and_its_rule_makes_it_again(ring: int) -> None:
    """The kept rule says which ring was reached."""
    area, delta = RINGS.area(ring), RINGS.delta(ring)

    assert area.geometry.equals(Area.circle(lon=-79.47999, lat=43.66007, radius_m=STEPS[ring - 1].radius_m).geometry)
    assert [area_from_rule(each.rule, layers={}).digest for each in (area, delta)] == [area.digest, delta.digest]


@settings(max_examples=60)
@given(
    lon=st.floats(-170, -90),
    lat=st.floats(20, 65),
    radii=st.lists(st.floats(0.5, 40_000), min_size=1, max_size=6, unique=True).map(sorted),
)
def test_deltas_add_up_to_the_last_ring_exactly(lon: float, lat: float, radii: list[float]) -> None:
    """Their union is the last ring, point for point, and no two overlap."""
    steps = tuple(Ring(f"{n}h", radius_m) for n, radius_m in enumerate(radii))
    rings = Rings(lon=lon, lat=lat, since=SINCE, steps=steps)

    last = rings.area(len(steps)).geometry
    deltas = [each.geometry for each in rings.deltas()]

    assert shapely.union_all(deltas).equals(last)
    assert sum(each.area for each in deltas) == pytest.approx(last.area, rel=1e-9)


def test_a_minus_is_taken_off_every_delta() -> None:
    """None stands for a ring of which nothing is left."""
    rule = AreaRule(rule=RINGS.rule(), minus=(HOME | {"radius_m": 1500},))

    deltas = rule.deltas(layers={})

    assert deltas[0] is None
    whole = rule.area(layers={}, at=SINCE + timedelta(hours=4))
    assert sum(each.area_m2 for each in deltas if each is not None) == pytest.approx(whole.area_m2, rel=1e-9)


def test_the_instant_chooses_the_ring() -> None:
    """Without one it is the first; before it there is none."""
    rule = AreaRule(rule=RINGS.rule(), label="Example Corner area")

    found = [rule.area(layers={}, at=at) for at in (None, SINCE, SINCE + timedelta(hours=2))]

    assert [each.rule["ring"] for each in found] == [1, 1, 2]
    assert rule.area(layers={}, at=SINCE, signals=("transit-sighting",)).rule["ring"] == 3
    added = rule.area(layers={}, at=SINCE + timedelta(hours=2), delta=True)
    assert added == RINGS.delta(2).labelled("Example Corner area")
    with pytest.raises(GeoAlertError) as refused:
        rule.area(layers={}, at=SINCE - timedelta(seconds=1))
    assert refused.value.code == "no_ring_yet"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"steps": [{"after": "0h", "radius_m": 800}, {"after": "2h", "radius_m": 700}]}, "rings_shrink", "steps.2.radius_m"),
        ({"steps": [{"after": "0h", "radius_m": 800}, {"after": "2h", "radius_m": 800}]}, "rings_shrink", "steps.2.radius_m"),
        ({"steps": [{"after": "2h", "radius_m": 800}, {"after": "90m", "radius_m": 900}]}, "rings_not_later", "steps.2.after"),
        ({"steps": [{"after": "2h", "radius_m": 800}, {"after": "120m", "radius_m": 900}]}, "rings_not_later", "steps.2.after"),
        ({"since": "9999-12-31T00:00:00+00:00", "steps": [{"after": "2d", "radius_m": 800}]}, "time_out_of_range", "steps.1.after"),
        ({"since": "0001-01-01T00:00:00+05:00"}, "time_out_of_range", "since"),
        ({"steps": [{"after": "99999d" * 99, "radius_m": 800}]}, "time_out_of_range", "steps.1.after"),
        ({"steps": [{"after": "0h", "radius_m": 800, "or_on": 5}]}, "invalid_field", "steps.1.or_on"),
        ({"steps": [{"after": "soon", "radius_m": 800}]}, "invalid_delay", "steps.1.after"),
        ({"steps": [{"after": "0h", "radius_m": -1}]}, "radius_out_of_range", "steps.1.radius_m"),
        ({"steps": [{"after": "0h"}]}, "invalid_field", "steps.1"),
        ({"steps": []}, "no_rings", "steps"),
        ({"steps": 3}, "missing_field", "steps"),
        ({"since": None}, "missing_field", "since"),
        ({"since": "2027-01-19T16:40:00"}, "naive_time", "since"),
        ({"ring": 4}, "unknown_ring", "ring"),
        ({"radius_m": 5}, "unknown_field", "radius_m"),
    ],
)
def test_rings_that_cannot_be_are_refused(changes: dict[str, object], code: str, field: str) -> None:
    """One code and field each."""
    with pytest.raises(GeoAlertError) as refused:
        area_from_rule(RINGS.rule() | changes, layers={})

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize("radius_m", [1029.0, 2534.5, 36180.0])
def test_a_ring_holds_the_one_before_it(radius_m: float) -> None:
    """Whole, though circles of so like a radius cross where the number of their corners differs."""
    rings = Rings(lon=-79.4, lat=43.66, since=SINCE, steps=(Ring("0h", radius_m), Ring("1h", radius_m + 0.01)))
    plain = [Area.circle(lon=-79.4, lat=43.66, radius_m=step.radius_m).geometry for step in rings.steps]

    assert not plain[1].covers(plain[0])
    missing = plain[0].difference(rings.area(2).geometry).area
    assert missing < plain[0].difference(plain[1]).area * 1e-6


@pytest.mark.parametrize(("at", "code"), [(datetime(2027, 1, 20, 9, 0), "naive_time"), ("2027-01-20", "invalid_field")])  # noqa: DTZ001
def test_an_instant_needs_its_offset(at: datetime, code: str) -> None:
    """No local time is guessed."""
    with pytest.raises(GeoAlertError) as refused:
        RINGS.reached(at)

    assert (refused.value.code, refused.value.field) == (code, "at")


def test_an_unknown_signal_names_the_known() -> None:
    """So that a misspelt one does not wait forever."""
    with pytest.raises(GeoAlertError, match="transit-sighting") as refused:
        RINGS.reached(SINCE, ("transit-siting",))

    assert refused.value.code == "unknown_signal"


@pytest.mark.parametrize(("text", "minutes"), [("0h", 0), ("90m", 90), ("1h30m", 90), ("2 h", 120), ("1d", 1440)])
def test_delays(text: str, minutes: int) -> None:
    """Days, hours and minutes."""
    assert read_delay(text, field="after") == timedelta(minutes=minutes)
