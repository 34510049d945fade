"""One spelling for every way of writing a street."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.places import Street, read_street
from geoalert.places.streets import meanings, shown
from geoalert.places.typed import house_number, splits


@pytest.mark.parametrize(
    ("texts", "street"),
    [
        (
            ("Queen St W", "Queen Street West", "QUEEN ST. W.", "rue Queen Ouest", "rue Queen O"),
            Street("queen", "st", "w"),
        ),
        (("Spadina Ave", "Spadina Avenue", "spadina av.", "avenue Spadina", "\uff33padina Ave"), Street("spadina", "ave")),
        (("St Clair Ave E", "St. Clair Avenue East", "Saint Clair Ave E"), Street("st clair", "ave", "e")),
        (("Queen's Park Cres W", "Queens Park Crescent West", "Queen\u2019s Park Cres. W"), Street("queens park", "cres", "w")),
        (("The West Mall", "West Mall"), Street("w mall")),
        (("Avenue Rd", "Avenue Road", "Ave Rd"), Street("ave", "rd")),
        (("W 42nd St", "West 42nd Street", "42nd St W", "42 St W", "Forty Second St W"), Street("42", "st", "w")),
        (("14th Ave", "Fourteenth Avenue", "14e avenue", "14 Ave"), Street("14", "ave")),
        (("Hwy 27", "Highway 27"), Street("hwy 27")),
        (("boul. Ren\u00e9-L\u00e9vesque E", "Rene Levesque Blvd E"), Street("rene levesque", "blvd", "e")),
        (("Avenue du Parc", "av. du Parc"), Street("parc", "ave")),
        (("North Queen St",), Street("n queen", "st")),
    ],
)
def test_spellings_of_one_street_are_equal(texts: tuple[str, ...], street: Street) -> None:
    """Kind, side, case, accents, apostrophes, full width and ordinals fold together."""
    assert {read_street(text) for text in texts} == {street}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Spadina Ave", "Spadina Rd"),
        ("Queen St W", "Queen St E"),
        ("Queen St", "North Queen St"),
        ("Queen St", "Queens Quay"),
        ("1st Ave", "2nd Ave"),
    ],
)
def test_different_streets_stay_different(one: str, other: str) -> None:
    """Nothing that tells two streets apart is folded away."""
    assert read_street(one) != read_street(other)


def test_what_is_not_written_may_be_anything() -> None:
    """A missing kind or side admits all; a written one admits itself."""
    stored = read_street("Queen St W")

    assert all(read_street(text).admits(stored) for text in ("Queen", "Queen W", "Queen St", "Queen St W"))
    assert not any(read_street(text).admits(stored) for text in ("Queen St E", "Queen Ave W", "Queens St W"))


def test_a_last_word_may_be_kind_or_name() -> None:
    """`Martin Grove` is a Grove called Martin, or a street of that whole name."""
    assert any(each.admits(read_street("Martin Grove Rd")) for each in meanings("Martin Grove"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Queen Street West", "Queen St W"),
        ("QUEEN ST W", "Queen St W"),
        ("Queens Quay West", "Queens Quay W"),
        ("The West Mall", "The West Mall"),
        ("Avenue Road", "Avenue Rd"),
        ("Park Place", "Park Place"),
        ("Street", "Street"),
    ],
)
def test_the_public_reads_one_spelling(text: str, label: str) -> None:
    """Usual kinds and sides are shortened, shouting is not."""
    assert shown(text) == label


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("312 Queen St W", "312"),
        ("312A Queen St W", "312a"),
        ("312-314 Queen St W", "312"),
        ("Queen St W 312", "312"),
        ("Queen St W (312)", "312"),
        ("#5", "5"),
        ("apt 4, Queen St", "4"),
        ("\u0663\u0661\u0662 Queen St", "\u0663\u0661\u0662"),
        ("\uff13\uff11\uff12 Queen St", "312"),
        ("312 St Clair Ave W", "312"),
        ("Hauptstra\u00dfe 12", "12"),
        ("42 St", None),
        ("W 42 St", None),
        ("104 Ave NW", None),
        ("14th Ave", None),
        ("31st St", None),
        ("Highway 27", None),
        ("County Rd 10", None),
        ("16 Mile Rd", None),
        ("Queen St W", None),
    ],
)
def test_a_house_number_is_seen(text: str, number: str | None) -> None:
    """A number counts as a street's own only with its kind."""
    assert house_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "A St & B St",
        "A St and B St",
        "A St/B St",
        "A St at B St",
        "A St @ B St",
        "A St, B St",
        "A St - B St",
        "A St et B St",
        "A St + B St",
    ],
)
def test_every_divider_is_read(text: str) -> None:
    """Marks, words and commas part two streets."""
    assert splits(text) == (("A St", "B St"),)


@given(st.text(max_size=80))
def test_any_text_reads_as_one_street(text: str) -> None:
    """Reading never fails, and reading the reading changes nothing about its words."""
    street = read_street(text)

    assert " ".join(street.name.split()) == street.name
    assert all(left and right for left, right in splits(text))
