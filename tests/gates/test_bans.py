"""Publication bans: every public field by name, words in quotation marks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from geoalert.alert import Alert, Person, Restricted, RestrictedPerson, Texts, Vehicle
from geoalert.area import Area
from geoalert.errors import AlertError, GateRefused
from geoalert.gates import Contact, Profile, PublicAlert, open_gates
from geoalert.media import Media

Make = Callable[..., Alert]
CONTACT = Contact(unit="hold-up", phone="416-555-0174")
PERSON: dict[str, Any] = {
    "first_name": "Quilla", "age": "41", "sex": "man", "height_cm": 173, "build": "stout", "hair": "curly", "facial_hair": "beard",
    "eyes": "hazel", "complexion": "pale", "clothing": ("anorak", "clogs"), "accessories": ("cane",), "marks": ("limp",),
    "weapon": "cudgel", "direction": "eastward",
}  # fmt: skip
VEHICLE: dict[str, Any] = {
    "colour": "teal", "make": "Exemplar", "model": "Sampler", "year": "2019", "body": "coupe", "plate": "ZZZZ 999", "marks": ("dent",),
    "direction": "westward",
}  # fmt: skip


@pytest.fixture
def make_full(make_alert: Make) -> Make:
    """Returns a maker of an alert in which every public field holds a word of its own."""
    words = {"event": "Robbery", "place": "Example St area", "when": "Monday", "guidance": "Call 9-1-1."}
    whole: dict[str, Any] = {
        "people": (Person(number=1, label="suspect", **PERSON), Person(number=2, label="witness", age="60")),
        "vehicles": (Vehicle(**VEHICLE),),
        "media": tuple(
            Media(content=b"x", media_class="other", alt={"en": alt, "fr": f"[{alt}]"}, person=who)
            for alt, who in (("Bag", None), ("Face", 1))
        ),
        "texts": (
            Texts(language="en", **words, details="Somebody ran.", heading="Appeal"),
            Texts(language="fr-CA", **words, details="Oui."),
        ),
        "case": "27-9000011",
        "unit": "hold-up",
        "link": "https://police.example/news",
        "area": Area.circle(lon=-79.4, lat=43.6, radius_m=600, label="Riverside"),
        "authority_reference": "OPP-7",
    }
    return lambda **changes: make_alert(**whole | changes)


def words_of(public: PublicAlert) -> str:
    """Returns everything that the public form says."""
    return json.dumps(public.to_dict(), ensure_ascii=False)


FORMS = [
    *((form, f"people.1.{name}", value) for name, value in PERSON.items() for form in (f"people.1.{name}", f"people.{name}")),
    *((name, f"people.1.{name}", value) for name, value in PERSON.items() if name not in ("age", "marks", "direction")),
    *((form, f"vehicles.1.{name}", value) for name, value in VEHICLE.items() for form in (f"vehicles.1.{name}", f"vehicles.{name}")),
    *((name, f"vehicles.1.{name}", value) for name, value in VEHICLE.items() if name not in ("marks", "direction")),
    ("text.en.details", "text.en.details", "Somebody ran."),
    ("texts.en.details", "text.en.details", "Somebody ran."),
    ("Text.EN.Details", "text.en.details", "Somebody ran."),
    ("text.fr-CA.details", "text.fr-CA.details", "Oui."),
    ("heading", "text.en.heading", "Appeal"),
    ("texts.heading", "text.en.heading", "Appeal"),
    ("case", "case", "27-9000011"),
    ("link", "link", "https://police.example/news"),
    ("area_label", "area.label", "Riverside"),
    ("area.label", "area.label", "Riverside"),
    ("authority_reference", "authority_reference", "OPP-7"),
    ("unit", "unit", "hold-up"),
    ("media.1", "media.1", "Bag"),
    ("media.1.alt.en", "media.1", "Bag"),
]


@pytest.mark.parametrize(("ban", "where", "value"), FORMS)
def test_every_public_field_can_be_banned(make_full: Make, ban: str, where: str, value: Any) -> None:
    """It is gone from the public form, and a finding names it."""
    gated = open_gates(make_full(bans=(ban,)), contact=CONTACT, profile=Profile(name="p", tip_line={"en": "Tips: 416-555-0199"}))

    withheld = [finding for finding in gated.findings if finding.level == "withhold"]
    assert where in [finding.where for finding in withheld]
    assert {(finding.code, finding.rule) for finding in withheld} == {("banned_field", "publication_ban")}
    said = words_of(gated.public)
    for text in value if isinstance(value, tuple) else (value,):
        assert json.dumps(text) not in said
    assert (where == "unit") == ("hold-up: " not in said)


@pytest.mark.parametrize(
    ("ban", "gone", "left"),
    [
        ("details", ("text.en.details", "text.fr-CA.details"), "Robbery"),
        ("direction", ("people.1.direction", "vehicles.1.direction"), "curly"),
        ("people.1", ("media.2", "people.1"), '"witness"'),
        ("people.1.*", ("media.2", "people.1"), '"witness"'),
        ("people", ("media.2", "people.1", "people.2"), "teal"),
        ("vehicles", ("vehicles.1",), "curly"),
        ("media", ("media.1", "media.2"), "curly"),
        ("alt", ("media.1", "media.2"), "curly"),
    ],
)
def test_one_name_may_cover_several_fields(make_full: Make, ban: str, gone: tuple[str, ...], left: str) -> None:
    """A member takes its images with it."""
    gated = open_gates(make_full(bans=(ban,)), contact=CONTACT)

    assert tuple(finding.where for finding in gated.findings if finding.level == "withhold") == gone
    assert left in words_of(gated.public)
    assert len(gated.public.media) == 2 - sum(name.startswith("media") for name in gone)
    assert len(gated.public.people) == 2 - len({"people.1", "people.2"} & set(gone))


def test_a_vehicle_of_which_nothing_is_left_goes(make_alert: Make) -> None:
    """A direction alone describes none."""
    gated = open_gates(make_alert(vehicles=(Vehicle(plate="ZZZZ 999", direction="north"),), bans=("plate",)), contact=CONTACT)

    assert gated.public.vehicles == ()
    assert [finding.where for finding in gated.findings if finding.level == "withhold"] == ["vehicles.1", "vehicles.1.plate"]


@pytest.mark.parametrize(
    ("ban", "changes", "field"),
    [
        ("plate", {"case": "ZZZZ-999"}, "case"),
        ("people.1.first_name", {"link": "https://police.example/quilla"}, "link"),
        (
            "height_cm",
            {"people": (Person(number=1, label="suspect", height_cm=173, build="173 and stout"),), "media": ()},
            "people.1.build",
        ),
        ("text.en.details", {"area": Area.circle(lon=-79.4, lat=43.6, radius_m=600, label="Somebody ran")}, "area.label"),
    ],
)
def test_a_banned_value_is_refused_elsewhere(make_full: Make, ban: str, changes: dict[str, Any], field: str) -> None:
    """Taking a field out helps nobody while another says the same."""
    with pytest.raises(GateRefused) as refused:
        open_gates(make_full(bans=(ban,), **changes), contact=CONTACT)

    assert (refused.value.code, refused.value.rule, refused.value.field) == ("banned_words", "publication_ban", field)


@pytest.mark.parametrize(
    ("ban", "changes", "field"),
    [
        ("plate", {"vehicles": (Vehicle(plate="ABC"),), "case": "ABC-1"}, "case"),
        ("year", {"vehicles": (Vehicle(year="2019"),), "case": "2019-1"}, "case"),
        ("age", {"people": (Person(number=1, label="suspect", age="27", build="27 or so"),)}, "people.1.build"),
        ("text.en.details", {"media": (), "texts": tuple(
            Texts(language=tag, event="Vol", place="Rue Exemple", when="lundi", guidance="9-1-1", details="Oui oui") for tag in ("en", "fr")
        )}, "text.fr.details"),
        ("people.1.direction", {"people": (Person(number=1, label="suspect", direction="north"),),
            "vehicles": (Vehicle(plate="ABC", direction="north"),)}, "vehicles.1.direction"),
        ("people.1.hair", {"people": (Person(number=1, label="suspect", hair="dark"), Person(number=2, label="suspect", build="dark"))},
            "people.2.build"),
    ],
)  # fmt: skip
def test_only_the_same_field_of_another_member_may_say_the_same(make_alert: Make, ban: str, changes: dict[str, Any], field: str) -> None:
    """Not another field, another language or a car; and only numbers below 1000 may stand in a case number."""
    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(bans=(ban,), **changes), contact=CONTACT)

    assert (refused.value.code, refused.value.field) == ("banned_words", field)


def test_a_banned_unit_is_not_missed(make_alert: Make) -> None:
    """Nobody is asked to look up a contact that may not be printed."""
    profile = Profile(name="p", tip_line={"en": "Tips: 416-555-0199"})

    gated = open_gates(make_alert(unit="hold-up", bans=("unit",)), profile=profile)

    assert "unit_without_contact" not in [finding.code for finding in gated.findings]


def test_another_person_may_look_alike(make_alert: Make) -> None:
    """The same field of a second person is that person's own; a short number is no word of a case number."""
    people = tuple(Person(number=n, label="suspect", hair="dark", age="27") for n in (1, 2))

    gated = open_gates(make_alert(people=people, bans=("people.1.hair", "age"), case="27-9000011"), contact=CONTACT)

    assert [person.hair for person in gated.public.people] == [None, "dark"]
    assert gated.public.case == "27-9000011"


@pytest.mark.parametrize(
    "ban",
    [
        *("people.1.firstname", "plates", "people[1].hair", "people.9.hair", "vehicles.2.plate", "text.de.details", "Quillfeather"),
        *("first name", "facial-hair", "restricted.nothing", "media.7", "number", "people.1.number", "area.name", ".", '""', '" "', "***"),
    ],
)
def test_a_name_of_no_field_is_an_error_that_repeats_nothing(make_full: Make, ban: str) -> None:
    """A slip must not publish what it meant to keep."""
    with pytest.raises(AlertError) as refused:
        make_full(bans=("hair", ban))

    assert (refused.value.code, refused.value.field, refused.value.value) == ("unknown_ban_field", "bans.2", None)
    assert "Quillfeather" not in f"{refused.value!r} {refused.value} {refused.value.to_dict()}"


@pytest.mark.parametrize(("ban", "near"), [("people.1.firstname", "first_name"), ("plates", "plate"), ("text.en.detail", "details")])
def test_the_nearest_field_is_named(make_full: Make, ban: str, near: str) -> None:
    """What was probably meant."""
    with pytest.raises(AlertError, match=rf"Did you mean .*{near}"):
        make_full(bans=(ban,))


@pytest.mark.parametrize(
    ("ban", "field"),
    [
        ("event", "text.en.event"),
        ("texts.place", "text.en.place"),
        ("text.fr-CA.when", "text.fr-CA.when"),
        ("guidance", "text.en.guidance"),
        ("text.en", "text.en"),
        ("texts", "text.en"),
        ("people.1.label", "people.1.label"),
        ("sender", "sender"),
        ("id", "id"),
        ("expires", "expires"),
    ],
)
def test_a_part_that_must_stand_cannot_be_banned(make_full: Make, ban: str, field: str) -> None:
    """The refusal names it; nothing is published without it."""
    with pytest.raises(GateRefused) as refused:
        open_gates(make_full(bans=(ban,)), contact=CONTACT)

    assert (refused.value.code, refused.value.rule, refused.value.field) == ("banned_required", "publication_ban", field)


@pytest.mark.parametrize(
    "ban", ['"stout"', "'Stout'", "\u201cstout\u201d", "\u00abstout\u00bb", "stout and tall", "in-house stout", '"hair"']
)
def test_words_are_refused_wherever_they_stand(make_alert: Make, ban: str) -> None:
    """A single word in quotation marks, several without."""
    person = Person(number=1, label="suspect", build="an in-house stout and tall, hair")

    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(people=(person,), bans=(ban,)), contact=CONTACT)

    assert (refused.value.code, refused.value.field) == ("banned_words", "people.1.build")


@pytest.mark.parametrize("ban", ["plate", "vehicles", "media", "case", "surname"])
def test_a_ban_on_nothing_is_noted(make_alert: Make, ban: str) -> None:
    """The name is right, the alert has no such value."""
    gated = open_gates(make_alert(bans=(ban,)), contact=CONTACT)

    [note] = [finding for finding in gated.findings if finding.rule == "publication_ban"]
    assert (note.level, note.code, note.where) == ("note", "ban_covers_nothing", "bans.1")


@pytest.mark.parametrize("ban", ["surname", "people.1.surname", "people.1.restricted.surname", "restricted.surname"])
def test_a_restricted_field_may_be_banned_too(make_alert: Make, ban: str) -> None:
    """It is never published anyway; the ban says so."""
    kept = Restricted(people=(RestrictedPerson(number=1, surname="Quillfeather"),))

    gated = open_gates(make_alert(restricted=kept, bans=(ban,)), contact=CONTACT)

    assert ("withhold", "people.1.surname") in [(finding.level, finding.where) for finding in gated.findings]


def test_an_alert_whose_only_contact_is_banned_is_refused(make_alert: Make) -> None:
    """The unit's name stands in its line."""
    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(unit="hold-up", bans=("unit",)), contact=CONTACT)

    assert refused.value.code == "contact_missing"


def test_a_banned_person_of_whom_only_the_label_is_known_goes(make_alert: Make) -> None:
    """That there is one is a fact too; the word suspect may stand in a text."""
    texts = Texts(language="en", event="A suspect ran", place="Example St area", when="Monday", guidance="Call 9-1-1.")

    gated = open_gates(make_alert(people=(Person(number=1, label="suspect"),), texts=(texts,), bans=("people.1",)), contact=CONTACT)

    assert gated.public.people == ()
    assert [finding.where for finding in gated.findings if finding.level == "withhold"] == ["people.1"]


def test_two_images_may_rest_on_one_basis(make_alert: Make) -> None:
    """A lawful basis is no word that a ban on one image covers."""
    pictures = tuple(Media(content=b"x", media_class="other", alt={"en": alt}, basis="consent of the owner") for alt in ("Bag", "Hat"))

    gated = open_gates(make_alert(media=pictures, bans=("media.1",)), contact=CONTACT)

    assert gated.public.media == pictures[1:]
