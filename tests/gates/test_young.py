"""The young-person gate: whoever is listed, whatever is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from geoalert.alert import Alert, Order, Person, Texts, Vehicle
from geoalert.errors import GateRefused
from geoalert.gates import Contact, check_scope, open_gates
from geoalert.media import Media

Make = Callable[..., Alert]
CONTACT = Contact(unit="hold-up", phone="416-555-0174")
MADE = datetime(2027, 3, 12, tzinfo=UTC)
STILL = Media(content=b"x", media_class="security_camera_still", alt={"en": "A still"})
MAP = Media(content=b"x", media_class="map", alt={"en": "A map"})
ANN = Person(number=2, label="witness", first_name="Ann", age="15")
ADULT = Person(number=1, label="suspect", age="40")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"people": (), "media": (STILL,)}, "media.1"),
        ({"people": (), "media": (MAP, STILL)}, "media.2"),
        ({"people": (), "vehicles": (Vehicle(plate="ZZZZ 999"),)}, "vehicles.1.plate"),
        ({"people": (ANN,)}, "people.2"),
        ({"people": (Person(number=1, label="witness", age="40"),)}, "people.1"),
        ({"kind": "vehicle_of_interest", "people": (Person(number=1, label="missing"),)}, "people.1"),
        ({"kind": "public_safety", "people": (Person(number=1, label="missing"), Person(number=2, label="suspect"))}, "people.2"),
    ],
)
def test_the_flag_asks_for_an_order_whoever_is_listed(make_alert: Make, changes: dict[str, Any], field: str) -> None:
    """A still without a person identifies as well as a name."""
    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(young_person=True, **changes), contact=CONTACT)

    assert (refused.value.code, refused.value.rule, refused.value.field) == ("young_person_without_order", "young_persons", field)


@pytest.mark.parametrize(
    "changes",
    [
        {"people": ()},
        {"people": (), "media": (MAP,)},
        {"people": (), "vehicles": (Vehicle(colour="red"),)},
        {"kind": "missing_person", "people": (Person(number=1, label="missing", first_name="Ann", age="11"),), "media": (STILL,)},
        {"kind": "public_safety", "people": (), "media": (STILL,)},
    ],
)
def test_an_alert_that_identifies_no_accused_passes(make_alert: Make, changes: dict[str, Any]) -> None:
    """A map shows nobody, and a missing child is looked for."""
    gated = open_gates(make_alert(young_person=True, **changes), contact=CONTACT)

    assert len(gated.public.media) == len(changes.get("media", ()))


def test_an_order_lets_an_image_stand_and_ends_it(make_alert: Make) -> None:
    """Only as long as the order lasts."""
    order = Order(number="O-1", made_at=datetime(2027, 3, 7, tzinfo=UTC))
    changes: dict[str, Any] = {"people": (), "media": (STILL,), "young_person": True, "order": order}

    gated = open_gates(make_alert(at_expiry="remove", **changes), contact=CONTACT)
    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(at_expiry="leave", **changes), contact=CONTACT)

    assert gated.public.media == (STILL,)
    assert gated.public.expires == order.ends_at == datetime(2027, 3, 12, tzinfo=UTC)
    assert [(one.code, one.where) for one in gated.findings][:2] == [("young_person", "media.1"), ("order_ends_first", "expires")]
    assert refused.value.code == "young_person_must_go"


@pytest.mark.parametrize(
    ("people", "media", "gone"),
    [
        ((ANN,), (), ["people.2"]),
        ((ADULT, ANN), (STILL,), ["people.2"]),
        ((ANN,), (STILL, MAP), ["people.2", "media.1"]),
        ((ADULT, ANN), (Media(content=b"x", media_class="other", alt={"en": "A face"}, person=2),), ["people.2", "media.1"]),
        ((ADULT, Person(number=3, label="witness", age="17-20")), (), ["people.3"]),
    ],
)
def test_a_young_witness_is_withheld(make_alert: Make, people: tuple[Person, ...], media: tuple[Media, ...], gone: list[str]) -> None:
    """YCJA s.111: the person and images of them, order or none."""
    for order in (None, Order(number="O-1", made_at=MADE)):
        gated = open_gates(make_alert(people=people, media=media, order=order), contact=CONTACT)

        held = [one for one in gated.findings if one.level == "withhold"]
        assert [one.where for one in held] == gone
        assert {(one.rule, one.source) for one in held} == {("young_persons", "YCJA s.111")}
        assert {person.label for person in gated.public.people} <= {"suspect"}
        assert len(gated.public.media) == len(media) - (len(gone) - 1)


@pytest.mark.parametrize(
    ("kind", "person"),
    [
        ("suspect_appeal", Person(number=2, label="witness", first_name="Ann", age="18")),
        ("suspect_appeal", Person(number=2, label="witness", first_name="Ann")),
        ("missing_person", ANN),
    ],
)
def test_other_witnesses_are_described(make_alert: Make, kind: str, person: Person) -> None:
    """Adults, and alerts about no offence."""
    gated = open_gates(make_alert(kind=kind, people=(person,), media=(STILL,)), contact=CONTACT)

    assert (gated.public.people[0].first_name, gated.public.media) == ("Ann", (STILL,))


def test_a_young_witness_is_not_named_in_a_text(make_alert: Make) -> None:
    """Withholding the record helps nobody while the text says the name."""
    texts = Texts(language="en", event="Robbery", place="Example St area", when="Monday", guidance="Call.", details="Ann saw it")

    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(people=(ADULT, ANN), texts=(texts,)), contact=CONTACT)

    assert (refused.value.code, refused.value.rule, refused.value.field) == ("restricted_in_public", "young_persons", "text.en.details")


def test_a_restricted_alert_reaches_no_public_channel() -> None:
    """The one pair of scopes that is refused."""
    for alert, channel in (("public", "public"), ("public", "restricted"), ("restricted", "restricted")):
        check_scope(alert, channel)
    with pytest.raises(GateRefused) as refused:
        check_scope("restricted", "public")

    assert (refused.value.rule, refused.value.code, refused.value.field) == ("scope", "restricted_to_public", "scope")


def test_a_young_suspect_under_an_order_is_described(make_alert: Make) -> None:
    """As long as the order lasts: s.111 is about witnesses."""
    person = Person(number=1, label="suspect", first_name="Ann", age="15")
    order = Order(number="O-1", made_at=MADE)

    gated = open_gates(make_alert(people=(person,), order=order, at_expiry="remove"), contact=CONTACT, now=MADE)

    assert [shown.first_name for shown in gated.public.people] == ["Ann"]
