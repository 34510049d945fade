"""Restricted values in public words, however they are spelt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.alert import Alert, Person, Reference, Restricted, RestrictedPerson, Texts, Vehicle
from geoalert.alert.words import plain
from geoalert.area import Area
from geoalert.errors import GateRefused
from geoalert.gates import Contact, open_gates
from geoalert.gates.search import Search, pieces
from geoalert.media import Media

Make = Callable[..., Alert]
CONTACT = Contact(unit="hold-up", phone="416-555-0174")
SENT = datetime(2027, 3, 1, tzinfo=UTC)
WORDS = {"language": "en", "event": "Robbery", "place": "Example St area", "when": "Monday", "guidance": "Call 9-1-1."}


def found(value: str, text: str, *, where: str = "text.en.details", name: str = "people.1.surname") -> bool:
    """Tells whether a restricted value is found in a public text."""
    for piece in pieces(name, value):
        for search in Search.of(piece, rule="restricted_fields"):
            try:
                search.refuse_in(where, text)
            except GateRefused:
                return True
    return False


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sender": "Quillfeather Police"}, "sender"),
        ({"id": "quillfeather-1"}, "id"),
        ({"case": "Quillfeather-27"}, "case"),
        ({"case": "QUILLFEATHER27"}, "case"),
        ({"unit": "Quillfeather desk"}, "unit"),
        ({"link": "https://police.example/Quill%66eather"}, "link"),
        ({"link": "https://findquillfeather.example"}, "link"),
        ({"authority_reference": "Quillfeather/9"}, "authority_reference"),
        ({"area": Area.circle(lon=-79.4, lat=43.6, radius_m=600, label="Quillfeather house")}, "area.label"),
        ({"texts": (Texts(**WORDS, heading="Quillfeather"),)}, "text.en.heading"),
        ({"people": (Person(number=1, label="suspect", direction="to Quillfeather's"),)}, "people.1.direction"),
        ({"people": (Person(number=1, label="suspect", marks=("scar", "tattoo Quillfeather")),)}, "people.1.marks"),
        ({"vehicles": (Vehicle(plate="QUILLFEATHER"),)}, "vehicles.1.plate"),
        ({"vehicles": (Vehicle(colour="red", marks=("a", "Quillfeather & Sons")),)}, "vehicles.1.marks"),
        ({"media": (Media(content=b"x", media_class="map", alt={"en": "Quillfeather's house"}),)}, "media.1.alt.en"),
        ({"media": (Media(content=b"x", media_class="map", alt={"en": "A map"}, basis="Quillfeather consents"),)}, "media.1.basis"),
        ({"references": (Reference(sender="A", id="Quillfeather", revision=1, sent=SENT),)}, "references.1.id"),
        ({"references": (Reference(sender="Quillfeather", id="A", revision=1, sent=SENT),)}, "references.1.sender"),
    ],
)
def test_every_public_string_is_searched(make_alert: Make, changes: dict[str, Any], field: str) -> None:
    """Not only the texts: numbers, links, labels, images and vehicles too."""
    kept = Restricted(people=(RestrictedPerson(number=1, surname="Quillfeather"),))

    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(restricted=kept, **changes), contact=CONTACT)

    assert (refused.value.code, refused.value.rule, refused.value.field) == ("restricted_in_public", "restricted_fields", field)
    assert "quillf" not in f"{refused.value} {refused.value.to_dict()}".casefold()


def test_contact_lines_are_searched(make_alert: Make) -> None:
    """The unit's own address may be the very name."""
    kept = Restricted(people=(RestrictedPerson(number=1, surname="Quillfeather"),))

    with pytest.raises(GateRefused) as refused:
        open_gates(make_alert(restricted=kept), contact=Contact(unit="desk", email="quillfeather@police.example"))

    assert (refused.value.code, refused.value.field) == ("restricted_in_public", "contact")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("O'Brien", "Ms. O\u2019Brien left"),
        ("O\u2019Brien", "OBRIEN left"),
        ("O'Brien", "O\u02bcBrien's car"),
        ("Roe-Doe", "Roe\u2011Doe"),
        ("Roe\u2013Doe", "Roe Doe"),
        ("Quillfeather", "Quill\u200bfeather"),
        ("Quillfeather", "Ann\u200bQuillfeather"),
        ("Quillfeather", "Quill\u00adfeather"),
        ("Quillfeather", "#FindQuillfeather"),
        ("Quillfeather", "\uff31uillfeather"),
        ("Quill\u2060feather", "quillfeather"),
        ("Mu\u00f1oz", "Munoz"),
        ("Munoz", "MUN\u0303OZ"),
        ("\u0141ukasz", "Lukasz"),
        ("Stra\u00dfer", "STRASSER"),
        ("Ng", "Ann Ng, 40"),
        ("Doe_Roe", "doe roe"),
        ("Roe Quillfeather", "Quillfeather"),
        ("Roe-Quillfeather", "Quillfeather"),
        ("\u738b", "\u738b\u5148\u751f"),
        ("\u6b27\u9633 \u738b", "\u6b27\u9633\u5148\u751f"),
        ("Roe-Nash", "Nash"),
    ],
)
def test_a_name_is_found_in_any_spelling(value: str, text: str) -> None:
    """Apostrophes, dashes, accents, case, width, invisible characters and names in two parts."""
    assert found(value, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ng", "Sing"),
        ("Roe", "Roes and deer"),
        ("Park", "Parking lot"),
        ("Doe-Roe", "a roe"),
        ("\u6b27\u9633 \u738b", "\u738b\u5148\u751f"),
        ("-", "a - b"),
        ("Lea Quillfeather", "The lea"),
    ],
)
def test_a_name_is_not_found_inside_another_word(value: str, text: str) -> None:
    """Common letters and short parts refuse nothing."""
    assert not found(value, text)


@pytest.mark.parametrize(
    ("address", "text", "hit"),
    [
        ("12 Main St, Apt 4, Exampleville", "near 12 Main St", True),
        ("12 Main St, Apt 4, Exampleville", "near 12 MAIN Street West", True),
        ("Apt 4, 12 Main St", "12 main st", True),
        ("Apt 4 - 12 Main St West", "12 Main St", True),
        ("4-12 Main St", "12 Main", True),
        ("12 Main St\nExampleville M5V 2T6", "12 Main St", True),
        ("12 Main St, M5V 2T6", "m5v2t6", True),
        ("Example House, Exampleville", "at Example House", True),
        ("12 Main St, Apt 4, Exampleville", "in Exampleville", False),
        ("12 Main St, Apt 4, Exampleville", "112 Main St", False),
        ("12 Main St, Apt 4, Exampleville", "Main St", False),
        ("12 Main St, Apt 4, Exampleville", "12 Mainland", False),
        ("12 Main St, 4, Exampleville", "4 people", False),
        ("12 Main St, 2027", "in 2027", False),
    ],
)
def test_an_address_is_found_by_its_house(address: str, text: str, hit: bool) -> None:
    """The house gives it away; the town, the street and a short number do not."""
    assert found(address, text, name="people.1.address") is hit


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("people.1.diagnosis", "Exampleitis, early onset", "has exampleitis"),
        ("people.1.handles.2", "https://social.example/quill_f", "write to @quill_f"),
        ("people.1.care_status", "in care; Example Lodge", "Example Lodge"),
    ],
)
def test_a_part_of_a_longer_value_is_found(name: str, value: str, text: str) -> None:
    """A list of things is looked for thing by thing."""
    assert found(value, text, name=name)


def test_the_notes_of_the_house_are_not_searched(make_alert: Make) -> None:
    """They may say what is public too."""
    kept = Restricted(people=(RestrictedPerson(number=1, notes="Do not approach"),))

    assert open_gates(make_alert(restricted=kept), contact=CONTACT).public


def test_a_search_shows_no_value() -> None:
    """Its repr goes into logs."""
    [search] = Search.of("Quillfeather", rule="publication_ban", own="people.1.hair")

    assert "uill" not in repr(search)


@pytest.mark.parametrize(
    ("value", "link", "hit"),
    [
        ("Abcdef", "https://xabcdefx.example", True),
        ("Abcde", "https://xabcdex.example", False),
        ("Abcde", "https://x-abcde.example", True),
        ("123456", "https://a.example/91234567", False),
        ("123456", "https://a.example/123456", True),
    ],
)
def test_long_names_are_found_inside_a_link(value: str, link: str, hit: bool) -> None:
    """Short ones and numbers only as words of their own."""
    assert found(value, link, where="link") is hit


@given(name=st.text(alphabet=st.characters(categories=("Lu", "Ll")), min_size=2, max_size=12))
def test_a_name_is_found_as_it_was_written(name: str) -> None:
    """Any letters, between blanks, in upper case and with an invisible character inside."""
    assert found(name, f"Seen: {name}.")
    assert found(name, f"{name[:1]}\u200b{name[1:]}")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("  O\u2019Brien,\u00a0MU\u00d1OZ ", "o'brien, munoz"),
        ("a\u2011b\u2014c", "a-b-c"),
        ("S\u00f8ren \u00c6", "soren ae"),
        ("a\u200db", "ab"),
    ],
)
def test_words_are_plain_for_searching(text: str, seen: str) -> None:
    """One form for every spelling."""
    assert plain(text) == seen
