"""The domain's ten scenarios, each from an area file, on the official boundaries."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from shapely.geometry import Point

from geoalert.alert.limits import LIMITS
from geoalert.area import Area
from geoalert.boundaries.load.shapes import read_shapes
from geoalert.boundaries.model import Layer
from geoalert.files.area import read_area_rule
from geoalert.targeting import survey
from geoalert.targeting.arearule import AreaRule
from geoalert.targeting.guard import Spoken, coverage
from tests.places import toronto_layers

pytestmark = pytest.mark.shared

TORONTO = ZoneInfo("America/Toronto")
S2_SINCE = datetime(2027, 1, 19, 16, 40, tzinfo=TORONTO)
FLIGHT = "[[-79.32360, 43.68336], [-79.32872, 43.69588], [-79.32946, 43.69760]]"
RULES = {
    "S1": 'type = "circle"\nlon = -79.39660\nlat = 43.64867\nradius_m = 600',
    "S2": (
        'type = "rings"\nlon = -79.47999\nlat = 43.66007\nsince = 2027-01-19T16:40:00\nsteps = [{after = "0h", radius_m = 800}, '
        '{after = "2h", radius_m = 1600}, {after = "4h", or_on = "transit-sighting", radius_m = 2500}]'
    ),
    "S3": (
        'type = "circle"\nlon = -79.34740\nlat = 43.77531\nradius_m = 1200\n'
        '[[minus]]\ntype = "circle"\nlon = -79.3430\nlat = 43.7790\nradius_m = 150'
    ),
    "S4": 'type = "series"\npoints = [[-79.28831, 43.78326], [-79.27495, 43.74959], [-79.23170, 43.77647]]\nradius_m = 750',
    "S5 flat": f'type = "corridor"\npoints = {FLIGHT}\neach_side_m = 300\ncaps = "flat"',
    "S5 round": f'type = "corridor"\npoints = {FLIGHT}\neach_side_m = 300\ncaps = "round"',
    "S6": 'type = "circle"\nlon = -79.39838\nlat = 43.70714\nradius_m = 1000',
    "S7": (
        'type = "corridor"\npoints = [[-79.39511, 43.64564], [-79.40240, 43.64397], [-79.41489, 43.64152], [-79.42727, 43.63889]]\n'
        "each_side_m = 250"
    ),
    "S8": 'type = "circle"\nlon = -79.30179\nlat = 43.68805\nradius_m = 500',
    "S9": 'type = "circle"\nlon = -79.44557\nlat = 43.79234\nradius_m = 2000',
    "S10": 'type = "circle"\nlon = -79.39190\nlat = 43.63764\nradius_m = 1500',
}
SHARES = {
    "S1": {"D14": 52.1, "D52": 47.9, "164": 50.8, "078": 49.2},
    "S3": {"D33": 100.0, "047": 43.5, "053": 39.4, "046": 10.0, "150": 7.0},
    "S4": {"D41": 33.3, "D42": 33.3, "D43": 33.3, "126": 32.5, "142": 24.8, "118": 16.8, "128": 16.5, "141": 8.6, "125": 0.6},
    "S5 flat": {"D55": 100.0, "059": 50.2, "066": 25.4, "058": 24.3},
    "S5 round": {"D55": 100.0, "064": 5.5, "065": 5.5},
    "S6": {"D53": 100.0, "100": 43.4, "174": 21.0, "099": 16.7, "173": 12.8, "103": 6.1},
    "S7": {"D14": 93.6, "D52": 6.4, "162": 41.7, "164": 27.1, "085": 20.1, "163": 8.5, "084": 2.6},
    "S8": {"D55": 100.0, "062": 84.6, "061": 8.4, "060": 6.9},
    "S9": {"D32": 50.5, "036": 29.3, "035": 18.5, "034": 2.6},
    "S10": {
        "D52": 41.8, "D14": 29.2, "D51": 0.1,
        "166": 44.0, "165": 16.1, "164": 13.9, "163": 10.8, "162": 5.0, "170": 3.7, "078": 3.0,
    },
}  # fmt: skip
S2_RINGS = (
    (0.0, {"D11": 100.0, "089": 45.9, "088": 25.8, "090": 25.5, "114": 2.8}),
    (2.0, {"D11": 87.0, "D12": 11.7, "D22": 1.3}),
    (4.0, {"D11": 64.4, "D12": 23.7, "D22": 11.8}),
)
AREAS_KM2 = {
    "S1": 1.129, "S3": 4.446, "S4": 5.293, "S5 flat": 0.991, "S5 round": 1.273, "S6": 3.137, "S7": 1.547, "S8": 0.784, "S9": 12.546,
    "S10": 7.057,
}  # fmt: skip


def rule_of(folder: Path, name: str) -> AreaRule:
    """Writes the scenario's area file and reads it."""
    path = folder / "area.toml"
    text = f'format = 1\nauthor = "b.okafor"\nreason = "scenario {name}"\nlabel = "Example area"\n[rule]\n{RULES[name]}\n'
    path.write_text(text, encoding="utf-8")
    return read_area_rule(path, zone=TORONTO, shapes=read_shapes)


def off(area: Area, shared: Path, expected: dict[str, float]) -> dict[str, float]:
    """Returns the shares, per cent, that are more than half a point off."""
    shares = {found.id: (found.share_of_area or 0.0) * 100 for found in survey(area, toronto_layers(shared)).matches}
    return {each: shares.get(each, 0.0) for each, share in expected.items() if abs(shares.get(each, 0.0) - share) > 0.5}


@pytest.mark.parametrize("name", SHARES)
def test_shares_of_a_rule_file(shared: Path, tmp_path: Path, name: str) -> None:
    """Each within half a point of the domain page, the area within a quarter of a per cent."""
    area = rule_of(tmp_path, name).area(layers={})

    assert off(area, shared, SHARES[name]) == {}
    assert area.area_m2 / 1e6 == pytest.approx(AREAS_KM2[name], rel=2.5e-3)


@pytest.mark.parametrize(("hours", "expected"), S2_RINGS)
def test_rings_of_a_missing_person(shared: Path, tmp_path: Path, hours: float, expected: dict[str, float]) -> None:
    """S2: 800 m at once, 1,600 m after two hours, 2,500 m after four."""
    area = rule_of(tmp_path, "S2").area(layers={}, at=S2_SINCE + timedelta(hours=hours))

    assert off(area, shared, expected) == {}


def test_the_last_ring_meets_thirteen_neighbourhoods(shared: Path, tmp_path: Path) -> None:
    """S2: with a tenth of a per cent of the area or more; three of them are slivers."""
    area = rule_of(tmp_path, "S2").area(layers={}, at=S2_SINCE + timedelta(hours=4))

    met = [found for found in survey(area, toronto_layers(shared)).matches if found.layer == "neighbourhood"]

    assert len([found for found in met if (found.share_of_area or 0.0) >= 0.001]) == 13
    assert len([found for found in met if found.targeted]) == 10


def test_a_sighting_widens_the_search_at_once(tmp_path: Path) -> None:
    """S2: the signal begins the third ring, of which the delta alone is new."""
    rule = rule_of(tmp_path, "S2")

    now = rule.area(layers={}, at=S2_SINCE + timedelta(minutes=20), signals=("transit-sighting",))
    first, second, third = rule.deltas(layers={})

    assert now.rule["ring"] == 3
    assert first is not None and second is not None and third is not None  # noqa: PT018
    assert [round(each.area_m2 / 1e6, 2) for each in (first, second, third)] == [2.01, 6.03, 11.59]
    assert now.geometry.equals(first.geometry.union(second.geometry).union(third.geometry))


def test_a_minus_is_a_hole(tmp_path: Path) -> None:
    """S3: the place is outside, everything else stays."""
    area = rule_of(tmp_path, "S3").area(layers={})

    assert not area.geometry.intersects(Point(-79.3430, 43.7790))
    assert area.area_m2 == pytest.approx(Area.circle(lon=-79.3474, lat=43.77531, radius_m=1200).area_m2 - 70_686, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "code", "share", "where"),
    [
        ("S9", "area_outside", "49.5%", None),
        ("S9", "area_uncovered", "49.5%", "division"),
        ("S10", "area_uncovered", "28.8%", "division"),
        ("S10", "area_outside", "3.4%", None),
    ],
)
def test_the_guard_tells_what_lies_outside(shared: Path, tmp_path: Path, name: str, code: str, share: str, where: str | None) -> None:
    """Beyond Steeles Avenue, and in the harbour."""
    area, layers = rule_of(tmp_path, name).area(layers={}), toronto_layers(shared)

    found = coverage(area, survey(area, layers), layers, limits=LIMITS["public_safety"], spoken=())

    told = next(each for each in found if each.code == code and each.where == where)
    assert told.level == "warn"
    assert float(told.text.partition("%")[0]) == pytest.approx(float(share.rstrip("%")), abs=0.5)


def test_a_division_reaches_far_beyond_six_hundred_metres(shared: Path, tmp_path: Path) -> None:
    """S1: the ratio of each division's size to the area."""
    area, layers = rule_of(tmp_path, "S1").area(layers={}), toronto_layers(shared)
    spoken = [Spoken(channel=name, pairs=frozenset({("division", name)})) for name in ("D14", "D52")]

    found = {each.where: each for each in coverage(area, survey(area, layers), layers, limits=LIMITS["person_of_interest"], spoken=spoken)}

    assert "14.2 km2, 12.5 times the area" in found["D14"].text
    assert found["D14"].level == "warn"


@pytest.mark.parametrize(
    ("name", "kind", "asked"),
    [
        ("S1", "suspect_appeal", {}),
        ("S9", "suspect_appeal", {"outside_city": "49.5%"}),
        ("S9", "missing_person", {}),
        ("S10", "missing_person", {}),
        ("S10", "suspect_appeal", {"no_boundary": "28.8%"}),
    ],
)
def test_which_scenarios_ask_for_a_reason(shared: Path, tmp_path: Path, name: str, kind: str, asked: dict[str, str]) -> None:
    """Beyond the city limit, and in the harbour, where a part of the city is no division's; a search is not held up."""
    divisions, hoods = toronto_layers(shared)[:2]
    lead = Layer(name=divisions.name, ids=divisions.ids, geometries=divisions.geometries, lead=True)
    area = rule_of(tmp_path, name).area(layers={})
    seen = survey(area, [lead, hoods])
    spoken = [Spoken(channel=each.id, pairs=frozenset({(lead.name, each.id)})) for each in seen.matches if each.layer == lead.name]

    found = coverage(area, seen, [lead, hoods], spoken=spoken, limits=LIMITS[kind])

    codes = {
        "area_outside": "outside_city",
        "area_uncovered": "no_boundary",
        "area_unreached": "unreached",
        "channel_overshoot": "overshoot",
    }
    told = {codes[each.code]: float(each.text.partition("%")[0]) for each in found if each.level == "refuse"}
    assert told == {measure: pytest.approx(float(share.rstrip("%")), abs=0.5) for measure, share in asked.items()}


def test_a_citywide_channel_for_six_hundred_metres_needs_a_reason(shared: Path, tmp_path: Path) -> None:
    """S1: citywide is a choice that somebody writes, never a fallback."""
    area, layers = rule_of(tmp_path, "S1").area(layers={}), toronto_layers(shared)
    city = [Spoken(channel="city", pairs=frozenset(), everywhere=True)]

    (told,) = [each for each in coverage(area, survey(area, layers), layers, spoken=city) if each.code == "channel_overshoot"]

    assert told.level == "refuse"
    assert "times the area; more than 250 times needs a reason" in told.text
