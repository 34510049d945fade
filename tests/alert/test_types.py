"""Alerts made in Python from values of the wrong type, and errors that may not show the value."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from shapely.geometry import Point, box

from geoalert.alert import Alert, AudienceRule, Person, Reference, Restricted, RestrictedPerson, Vehicle, Withheld
from geoalert.errors import AlertError

Make = Callable[..., Alert]
SECRET = "Quillfeather"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"texts": ("Robbery",)}, "texts"),
        ({"texts": "Robbery"}, "texts"),
        ({"texts": None}, "texts"),
        ({"people": ({"number": 1},)}, "people"),
        ({"people": Person(number=1, label="suspect")}, "people"),
        ({"people": {"number": 1}}, "people"),
        ({"vehicles": ("red car",)}, "vehicles"),
        ({"media": (b"x",)}, "media"),
        ({"media": b"x"}, "media"),
        ({"references": ("S1.r1",)}, "references"),
        ({"order": "O-1"}, "order"),
        ({"audience": None}, "audience"),
        ({"restricted": None}, "restricted"),
        ({"young_person": "no"}, "young_person"),
        ({"young_person": None}, "young_person"),
        ({"young_person": 0}, "young_person"),
        ({"zone": None}, "zone"),
        ({"zone": 5}, "zone"),
        ({"recorded": [("division", "D52")]}, "recorded"),
        ({"bans": 5}, "bans"),
        ({"bans": {"hair": True}}, "bans"),
        ({"event_lon": "-79.4", "event_lat": 43.6}, "event_lon"),
        ({"event_lon": -79.4, "event_lat": True}, "event_lat"),
    ],
)
def test_a_part_of_the_wrong_type_is_named(make_alert: Make, changes: dict[str, Any], field: str) -> None:
    """One coded error instead of an accident inside."""
    with pytest.raises(AlertError) as refused:
        make_alert(**changes)

    assert (refused.value.code, refused.value.field) == ("wrong_type", field)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Person(number=1, label="suspect", height_cm=cast(Any, "175")), "people.1.height_cm"),
        (lambda: Person(number=1, label="suspect", height_cm=True), "people.1.height_cm"),
        (lambda: Person(number=1, label="suspect", clothing=cast(Any, 5)), "people.1.clothing"),
        (lambda: Vehicle(marks=cast(Any, None), colour="red"), "vehicles.1.marks"),
        (lambda: AudienceRule(categories=cast(Any, None)), "audience.categories"),
        (lambda: AudienceRule(channels=cast(Any, 5)), "audience.channels"),
        (lambda: AudienceRule(open=cast(Any, 5)), "audience.open"),
        (lambda: AudienceRule(open=cast(Any, (1, 2, 3))), "audience.open"),
        (lambda: Restricted(people=cast(Any, ("Doe",))), "restricted.people"),
        (lambda: RestrictedPerson(number=1, handles=cast(Any, 5)), "people.1.restricted.handles"),
    ],
)
def test_a_part_made_alone_asks_for_types_too(make: Callable[[], object], field: str) -> None:
    """People, vehicles, audience and restricted records."""
    with pytest.raises(AlertError) as refused:
        make()

    assert (refused.value.code, refused.value.field) == ("wrong_type", field)


@pytest.mark.parametrize("zone", ["", "Mars/Base", "America", "../etc", "\x00", "America/Torronto"])
def test_a_zone_that_is_none_is_unknown(make_alert: Make, zone: str) -> None:
    """Whatever the library says of it."""
    with pytest.raises(AlertError) as refused:
        make_alert(zone=zone)

    assert (refused.value.code, refused.value.field) == ("unknown_zone", "zone")


@pytest.mark.parametrize("name", ["sender", "id"])
def test_a_reference_needs_its_words(make_alert: Make, name: str, now: Any) -> None:
    """CAP repeats them."""
    whole: dict[str, Any] = {"sender": "A", "id": "S0", "revision": 1, "sent": now} | {name: 5}

    with pytest.raises(AlertError) as refused:
        make_alert(references=(Reference(**whole),))

    assert (refused.value.code, refused.value.field) == ("not_text", f"references.{name}")


def test_recorded_boundaries_are_read_only(make_alert: Make) -> None:
    """A frozen value that can be changed inside is none."""
    given = {"division": "D52"}
    alert = make_alert(recorded=given)
    given["division"] = "D14"

    with pytest.raises(TypeError):
        cast(Any, alert.recorded)["division"] = "D14"
    assert alert.recorded == {"division": "D52"}


def test_an_alert_can_be_copied(make_alert: Make) -> None:
    """Read-only inside, and still a plain value."""
    alert = make_alert(recorded={"division": "D52"}, bans=("hair",))

    for twin in (copy.deepcopy(alert), pickle.loads(pickle.dumps(alert)), replace(alert)):
        assert twin == alert


def test_lists_are_taken_as_tuples(make_alert: Make) -> None:
    """Also from something that can be read only once."""
    alert = make_alert(people=iter([Person(number=1, label="suspect")]), vehicles=[Vehicle(colour="red")])

    assert (len(alert.people), alert.vehicles) == (1, (Vehicle(colour="red"),))


PLANTS = [
    *({name: value} for name in ("surname", "gender", "diagnosis", "address", "care_status", "relationship", "notes")
      for value in (f"{SECRET}\x07", [SECRET])),
    {"handles": SECRET}, {"handles": (f"{SECRET}\x07",)}, {"handles": ([SECRET],)}, {"handles": {SECRET: 1}},
]  # fmt: skip


def shown(err: BaseException | None) -> str:
    """Returns everything that an error, its causes and contexts say."""
    said = ""
    while err is not None:
        said += f"{err} {err!r} {getattr(err, 'to_dict', SimpleNamespace)()!r} {vars(err)!r} {traceback.format_exception_only(err)}"
        assert err.__context__ is err.__cause__
        err = err.__cause__
    return said


@pytest.mark.parametrize("plant", PLANTS)
def test_an_error_about_a_restricted_field_shows_no_value(plant: dict[str, Any]) -> None:
    """Neither the text, nor the value, nor a cause."""
    with pytest.raises(AlertError) as refused:
        RestrictedPerson(number=1, **plant)

    assert refused.value.field == f"people.1.restricted.{next(iter(plant))}"
    assert refused.value.value is None
    assert SECRET not in shown(refused.value)


@pytest.mark.parametrize(
    "bans", [SECRET, (f"{SECRET}\x07",), (f'"{SECRET}\x07"',), ([SECRET],), {SECRET: 1}, (SECRET,), (f"people.1.{SECRET}",)]
)
def test_an_error_about_a_ban_shows_no_word(make_alert: Make, bans: Any) -> None:
    """A ban's word is what must not be seen."""
    with pytest.raises(AlertError) as refused:
        make_alert(bans=bans)

    assert (refused.value.field or "").startswith("bans")
    assert SECRET not in shown(refused.value)


def test_a_person_in_the_wrong_form_is_not_shown(make_alert: Make) -> None:
    """A record about a person may hold anything."""
    with pytest.raises(AlertError) as refused:
        make_alert(people=({"number": 1, "surname": SECRET},))

    assert SECRET not in shown(refused.value)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"geometry": "POINT (1 2)"}, "withheld_not_a_place"),
        ({"geometry": Point()}, "withheld_not_a_place"),
        ({"geometry": Point(-79.3951237, 143.6512349), "distance_m": 5}, "withheld_not_a_place"),
        ({"geometry": Point(-79.3951237, 43.6512349)}, "withheld_distance"),
        ({"geometry": Point(-79.3951237, 43.6512349), "distance_m": -1}, "withheld_distance"),
        ({"geometry": Point(-79.3951237, 43.6512349), "distance_m": "5"}, "withheld_distance"),
    ],
)
def test_a_withheld_place_that_holds_nothing_is_refused_and_not_told(values: dict[str, Any], code: str) -> None:
    """A point without a distance would let every venue through."""
    with pytest.raises(AlertError) as refused:
        Withheld(**values)

    assert refused.value.code == code
    assert "3951237" not in str(refused.value) + repr(refused.value) + repr(refused.value.to_dict())


def test_a_withheld_place_holds_what_is_near_and_says_nothing_of_itself() -> None:
    """Metres on the ground, its edge counted in."""
    place = Withheld(geometry=box(-79.40, 43.64, -79.39, 43.65), distance_m=100)

    assert place.holds([-79.395, -79.3889, -79.388], [43.645, 43.645, 43.645]).tolist() == [True, True, False]
    assert repr(Restricted(withheld=(place,))) == "Restricted(people=(), withheld=(Withheld(),))"
    assert bool(Restricted(withheld=(place,)))


def test_a_withheld_area_of_no_distance_holds_what_is_in_it_and_at_its_edge() -> None:
    """The distance itself belongs to the place."""
    place = Withheld(geometry=box(-79.40, 43.64, -79.39, 43.65))

    assert place.holds([-79.395, -79.40, -79.41], [43.645, 43.645, 43.645]).tolist() == [True, True, False]
