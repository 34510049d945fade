"""The gates between an alert and the public."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.alert import Alert, Order, Person, Restricted, RestrictedPerson, Texts
from geoalert.directory.model import Unit
from geoalert.errors import AlertError, DirectoryError, GateRefused
from geoalert.gates import Contact, Profile, PublicAlert, PublicPerson, contact_of, open_gates
from geoalert.media import Media

Make = Callable[..., Alert]
CONTACT = Contact(unit="sex-crimes", phone="416-555-0174")
PROFILE = Profile(
    name="ours",
    emergency={"en": "Emergency: 9-1-1", "fr": "Urgence : 9-1-1"},
    tip_line={"en": "Tips: 416-555-0199"},
    case_pattern=r"\d{2}-\d{7}",
    reviewed_by="A. Roy",
    reviewed_on=date(2027, 1, 4),
)
MADE = datetime(2027, 5, 3, 18, 20, tzinfo=UTC)


def young(age: str = "16", label: str = "wanted") -> tuple[Person, ...]:
    """Returns one young person."""
    return (Person(number=1, label=label, age=age),)


def test_the_public_form_carries_every_public_fact(make_alert: Make) -> None:
    """Nothing that is not withheld gets lost on the way."""
    alert = make_alert(case="27-9000011", unit="sex-crimes", link="https://police.example/news/27-9000011")

    gated = open_gates(alert, contact=CONTACT, profile=PROFILE)
    public = gated.public

    assert gated.findings == ()
    assert public.contact == ("Emergency: 9-1-1", "sex-crimes: 416-555-0174", "Tips: 416-555-0199")
    assert public.contact_in("fr-CA") == ("Urgence : 9-1-1", "sex-crimes: 416-555-0174", "Tips: 416-555-0199")
    assert public.contact_in("de") == public.contact
    assert public.people[0].clothing == ("grey hooded jacket", "red-soled shoes")
    same = ("sender", "id", "revision", "kind", "status", "scope", "zone", "expires", "texts", "case", "unit", "link", "vehicles", "media")
    assert [getattr(public, name) for name in same] == [getattr(alert, name) for name in same]


def test_no_field_of_the_public_form_can_hold_a_restricted_record() -> None:
    """The type has no room for one."""
    names = {f.name for kind in (PublicAlert, PublicPerson) for f in fields(kind)}

    assert not names & {f.name for f in fields(RestrictedPerson)} - {"number"}
    assert not [f for f in fields(PublicAlert) if "Restricted" in str(f.type)]


def test_an_actual_alert_is_refused(make_alert: Make) -> None:
    """Until every gate exists."""
    with pytest.raises(GateRefused, match="exercise") as refused:
        open_gates(make_alert(status="actual"), contact=CONTACT, profile=PROFILE)

    assert (refused.value.rule, refused.value.code, refused.value.field) == ("gates_not_complete", "actual_refused", "status")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"people": young()}, "young_person_without_order"),
        ({"people": young("16-20", "person_of_interest")}, "young_person_without_order"),
        ({"people": young("25", "suspect"), "young_person": True}, "young_person_without_order"),
        ({"people": young(), "order": Order(number="O-1", made_at=MADE)}, "young_person_must_go"),
        ({"kind": "news_release"}, "kind_not_in_profile"),
    ],
)
def test_a_rule_of_law_refuses(make_alert: Make, changes: dict[str, Any], code: str) -> None:
    """Whoever may be under 18 is not identified without an order, nor for longer than it lasts."""
    profile = Profile(name="ours", tip_line={"en": "Tips: 416-555-0199"}, kinds=("suspect_appeal",))

    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(**changes), contact=CONTACT, profile=profile)

    assert refused.value.code == code
    assert refused.value.rule


@pytest.mark.parametrize(
    "changes", [{"people": young("18")}, {"people": young("30s")}, {"kind": "missing_person", "people": young("11", "missing")}]
)
def test_adults_and_missing_children_are_described(make_alert: Make, changes: dict[str, Any]) -> None:
    """The Act is about those whom an offence concerns."""
    assert open_gates(make_alert(**changes), contact=CONTACT, profile=PROFILE).findings == ()


@given(hours=st.integers(1, 400))
def test_an_order_ends_the_alert_after_five_days(hours: int) -> None:
    """Whatever was asked for: made on 2027-05-03T14:20-04:00, over on 2027-05-08T14:20-04:00."""
    from geoalert.area import Area

    alert = Alert(
        sender="Hamilton Example Police", id="S6", kind="wanted", status="exercise", scope="public", at_expiry="remove",
        area=Area.circle(lon=-79.39838, lat=43.70714, radius_m=1000), expires=MADE + timedelta(hours=hours), people=young(),
        texts=(Texts(language="en", event="Robbery", place="Example St area", when="Monday", guidance="Call 9-1-1."),),
        order=Order(number="O-1", made_at=MADE),
    )  # fmt: skip

    gated = open_gates(alert, contact=CONTACT, profile=PROFILE)

    assert gated.public.expires == MADE + min(timedelta(hours=hours), timedelta(days=5))
    told = [finding.text for finding in gated.findings if finding.code == "order_ends_first"]
    assert told == ["The alert ends with the order, 2027-05-08 18:20 +0000 (UTC), five days after it was made"] * (hours > 120)


def test_what_is_over_is_refused(make_alert: Make) -> None:
    """An expired alert, and one whose order has ended."""
    later = MADE + timedelta(days=5)
    with pytest.raises(AlertError) as expired:
        open_gates(make_alert(expires=later), contact=CONTACT, profile=PROFILE, now=later)
    alert = make_alert(people=young(), order=Order(number="O-1", made_at=MADE), at_expiry="remove", expires=later + timedelta(days=1))
    with pytest.raises(GateRefused) as ended:
        open_gates(alert, contact=CONTACT, profile=PROFILE, now=later)

    assert (expired.value.code, ended.value.code) == ("already_expired", "order_ended")
    assert expired.value.value == "2027-05-08 14:20 -0400 (America/Toronto)"
    assert "2027-05-08 14:20 -0400 (America/Toronto)" in ended.value.what


@pytest.mark.parametrize(
    "leak",
    [
        {"details": "Ms. Quillfeather was last seen on foot."},
        {"details": "QUILLFEATHER's coat is green."},
        {"event": "Missing person with exampleitis"},
        {"place": "12 Sample Lane"},
        {"guidance": "Write to quill_f."},
    ],
)
def test_a_restricted_word_in_a_public_text_is_refused(make_alert: Make, leak: dict[str, str]) -> None:
    """The error names the field and never the word."""
    words = {"language": "en", "event": "Missing person", "place": "Example St area", "when": "Monday", "guidance": "Call 9-1-1."}
    kept = RestrictedPerson(number=1, surname="Quillfeather", diagnosis="Exampleitis", address="12 Sample Lane", handles=("@quill_f",))
    alert = make_alert(
        kind="missing_person",
        people=(Person(number=1, label="missing", first_name="Marisol", age="78"),),
        texts=(Texts(**words | leak),),
        restricted=Restricted(people=(kept,)),
    )

    with pytest.raises(GateRefused) as refused:
        open_gates(alert, contact=CONTACT, profile=PROFILE)

    assert (refused.value.code, refused.value.field) == ("restricted_in_public", f"text.en.{next(iter(leak))}")
    said = f"{refused.value} {refused.value.to_dict()}".casefold()
    assert not [word for word in ("quillfeather", "exampleitis", "sample lane", "quill_f") if word in said]


def test_a_missing_person_keeps_first_name_and_loses_sex(make_alert: Make) -> None:
    """Withheld with a finding, and gone from the public document."""
    alert = make_alert(kind="missing_person", people=(Person(number=1, label="missing", first_name="Marisol", age="78", sex="woman"),))

    gated = open_gates(alert, contact=CONTACT, profile=PROFILE)

    assert (gated.public.people[0].first_name, gated.public.people[0].sex) == ("Marisol", None)
    assert [(finding.level, finding.where) for finding in gated.findings] == [("withhold", "people.1.sex")]
    assert "woman" not in json.dumps(gated.public.to_dict())


@pytest.mark.parametrize(
    ("ban", "gone"),
    [
        ("complexion", "people.1.complexion"),
        ("people.1.hair", "people.1.hair"),
        ("people.hair", "people.1.hair"),
        ("case", "case"),
        ("media", "media.1"),
    ],
)
def test_a_banned_field_is_withheld(make_alert: Make, ban: str, gone: str) -> None:
    """A publication ban that names a field takes it out and says so."""
    picture = Media(content=b"x", media_class="other", alt={"en": "A bag"})
    person = Person(number=1, label="suspect", complexion="pale", hair="dark")
    alert = make_alert(bans=(ban,), people=(person,), case="27-9000011", media=(picture,))

    gated = open_gates(alert, contact=CONTACT, profile=PROFILE)

    room, *rest = gone.split(".")
    holder: Any = gated.public.people[0] if room == "people" else gated.public
    assert not getattr(holder, rest[-1] if room == "people" else room)
    assert [(finding.code, finding.where) for finding in gated.findings] == [("banned_field", gone)]


def test_a_banned_word_is_refused_unless_its_field_is_withheld(make_alert: Make) -> None:
    """A word in a text that must stand stops the alert."""
    person = Person(number=1, label="suspect", hair="dark, tied with a blue ribbon")

    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(people=(person,), bans=("blue ribbon",)), contact=CONTACT, profile=PROFILE)
    gated = open_gates(make_alert(people=(person,), bans=("blue ribbon", "hair")), contact=CONTACT, profile=PROFILE)

    assert (refused.value.code, refused.value.field) == ("banned_words", "people.1.hair")
    assert gated.public.people[0].hair is None


def test_an_alert_that_nobody_could_answer_is_refused(make_alert: Make) -> None:
    """No unit, no emergency number, no tip line."""
    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert())

    assert refused.value.code == "contact_missing"


def test_habits_are_warned_about(make_alert: Make) -> None:
    """An odd case number and a profile that nobody reviewed."""
    profile = Profile(name="ours", tip_line={"en": "Tips: 416-555-0199"}, case_pattern=r"\d{2}-\d{7}")

    gated = open_gates(make_alert(case="9000011"), profile=profile)

    assert [(finding.level, finding.code) for finding in gated.findings] == [("warn", "case_pattern"), ("warn", "profile_not_reviewed")]


def test_texts_are_found_for_a_reader(make_alert: Make) -> None:
    """The exact variant, else the base, else a sister; never another language."""
    words = {"event": "Vol", "place": "Rue Exemple", "when": "lundi", "guidance": "Appelez le 9-1-1."}
    public = open_gates(make_alert(texts=(Texts(language="fr-ca", **words), Texts(language="en", **words))), contact=CONTACT).public

    found = [texts.language if (texts := public.texts_in(tag)) else None for tag in ("fr-CA", "fr", "fr-FR", "en-GB", "de")]

    assert found == ["fr-CA", "fr-CA", "fr-CA", "en", None]


def test_a_unit_answers_on_the_days_its_row_holds() -> None:
    """The phone is looked up, never worked out from a division's number."""
    units = (
        Unit(unit="Hold-Up", phone="416-555-0150", valid_to=date(2026, 12, 31)),
        Unit(unit="Hold-Up", phone="416-555-0173", valid_from=date(2027, 1, 1)),
    )

    assert contact_of(units, "hold-up", on=date(2027, 3, 12)).line == "Hold-Up: 416-555-0173"
    assert contact_of(units, "Hold-Up", on=date(2026, 3, 12)).phone == "416-555-0150"


@pytest.mark.parametrize(("name", "code"), [("Hold Up", "unknown_unit"), ("Traffic", "unit_not_valid")])
def test_a_unit_that_does_not_answer_is_an_error(name: str, code: str) -> None:
    """Unknown, with the nearest, and known without a row for the day."""
    units = (Unit(unit="Hold-Up", phone="416-555-0173"), Unit(unit="Traffic", phone="416-555-0119", valid_to=date(2026, 1, 1)))

    with pytest.raises(DirectoryError) as refused:
        contact_of(units, name, on=date(2027, 3, 12))

    assert refused.value.code == code
    assert (refused.value.do or "").startswith("Did you mean Hold-Up" if code == "unknown_unit" else "Add the row")


def test_an_unknown_unit_like_no_other_is_sent_to_the_file() -> None:
    """Nothing near it to name."""
    with pytest.raises(DirectoryError, match="Add its row"):
        contact_of((), "Hold-Up", on=date(2027, 3, 12))


@pytest.mark.parametrize(
    ("phone", "email", "line"),
    [("416-555-0173", "a@police.example", "Desk: 416-555-0173"), ("", "a@police.example", "Desk: a@police.example")],
)
def test_a_unit_without_a_phone_gives_its_address(phone: str, email: str, line: str) -> None:
    """One of the two, the phone first."""
    found = contact_of((Unit(unit="Desk", phone=phone, email=email),), "desk", on=date(2027, 3, 12))

    assert (found.line, found.phone, found.email) == (line, phone or None, email)


@pytest.mark.parametrize("changes", [{"reviewed_by": "A. Roy"}, {"reviewed_on": date(2027, 1, 4)}])
def test_a_review_needs_a_name_and_a_day(changes: dict[str, Any]) -> None:
    """Half of it is none."""
    assert not Profile(name="ours", **changes).reviewed


@pytest.mark.parametrize("lines", [(), ("Tips: 416-555-0199", " ")])
def test_a_public_form_needs_contact_lines_that_say_something(make_alert: Make, lines: tuple[str, ...]) -> None:
    """Whoever makes it."""
    public = open_gates(make_alert(), contact=CONTACT).public

    with pytest.raises(AlertError) as refused:
        replace(public, contact=lines)

    assert (refused.value.code, refused.value.field) == ("contact_missing", "contact")
