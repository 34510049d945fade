"""A typed corner leads to one place, to several to choose from, or to none; never to a guess."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoalert.errors import AreaError, GeometryError
from geoalert.places import Place, Sighting, gather, read_street
from geoalert.places.store import Places, places_of

NAMES = ("Harbour", "St", "W", "West", "Mill", "Ave", "and", "at", "5th", "312")
MARKS = ("&", "/", "*", "OR", "NEAR", "(", ")", ";", "--", "%", "_", "'", '"')


@pytest.mark.parametrize(
    "text",
    [
        "Harbour St W & Mill Ave",
        "Harbour Street West and Mill Avenue area",
        "Mill/Harbour W",
        "Harbour St. West at Mill",
        "HARBOUR & MILL",
        "harbour mill",
        "the corner of Mill Ave and Harbour St W",
        "in the area of Harbour St W @ Mill Ave",
        "rue Harbour O et avenue Mill",
        "Harbour St W &amp; Mill Ave",
        "  Mill Ave ,  Harbour St W\n",
    ],
)
def test_one_corner_by_many_spellings(town: Places, text: str) -> None:
    """Order, case, kind, side and divider do not matter; the point is the mean of both sightings."""
    place = town.near(text)

    assert (place.lon, place.lat) == (-79.4002, 43.6501)
    assert place.label in ("Harbour St W and Mill Ave area", "Mill Ave and Harbour St W area")


def test_the_label_keeps_the_order_typed(town: Places) -> None:
    """The public reads the streets as the analyst named them."""
    assert town.near("mill & harbour").label == "Mill Ave and Harbour St W area"
    assert town.near("harbour & mill").label == "Harbour St W and Mill Ave area"


@pytest.mark.parametrize(
    ("text", "count", "apart"),
    [("Bridge Rd & Crescent Dr", 2, 1111), ("Mill & Market", 2, 734), ("Old Loop & Market St", 2, 222), ("Ring & Mill", 2, 113)],
    ids=["met twice", "a kind left out", "both ends of a loop", "two roadways of one ring"],
)
def test_several_corners_are_refused_with_all_of_them(town: Places, text: str, count: int, apart: int) -> None:
    """The error lists each with lon, lat and metres; `find` returns them."""
    found = town.find(text)
    with pytest.raises(AreaError) as caught:
        town.near(text)

    assert (found.status, len(found.places)) == ("several", count)
    assert found.apart_m()[0] == 0
    assert found.apart_m()[-1] == pytest.approx(apart, abs=2)
    assert caught.value.code == "ambiguous_place"
    assert all(f"lon {place.lon:.5f}, lat {place.lat:.5f}" in caught.value.what for place in found.places)
    assert f"{found.apart_m()[-1]:,} m from the first" in caught.value.what
    assert caught.value.do


def test_brackets_say_which_end(town: Places) -> None:
    """A street met twice is told apart as stop names do."""
    assert town.near("Old Loop (South) & Market St").lat == 43.6550
    assert town.near("Market at Old Loop (north)").lat == 43.6570


def test_sides_that_begin_at_the_corner_are_one_place(town: Places) -> None:
    """East and west meet there: one point for all, named as typed."""
    both, east = town.near("Border & Mill"), town.near("Border Ave E & Mill")

    assert both.label == "Border Ave and Mill Ave area"
    assert east.label == "Border Ave E and Mill Ave area"
    assert both.lon == east.lon == pytest.approx(-79.40215, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("Harbor St W & Mill Ave", "Harbour St W & Mill Ave"),
        ("Harbour St W & Mil Av", "Harbour St W & Mill Ave"),
        ("Harbour St E & Mill Ave", "Harbour St W & Mill Ave"),
        ("Harbour Rd & Mill Ave", "Harbour St W & Mill Ave"),
        ("Harbour St W", "Harbour St W & Mill Ave"),
    ],
    ids=["misspelt", "misspelt cross street", "other side", "other kind", "one street"],
)
def test_what_is_not_known_is_asked_back(town: Places, text: str, likely: str) -> None:
    """Unknown text is refused, the nearest named, at most three."""
    found = town.find(text)
    with pytest.raises(AreaError) as caught:
        town.near(text)

    assert found.status == "none"
    assert 1 <= len(found.nearest) <= 3
    assert " & ".join(found.nearest[0].streets) == likely
    assert caught.value.code == "unknown_place"
    assert f'"{likely}"' in (caught.value.do or "")


def test_streets_that_do_not_meet_are_no_corner(town: Places) -> None:
    """Two known streets are not enough; another street of a longer name is not taken instead."""
    assert town.find("Bridge Rd & Mill Ave").status == "none"
    assert town.find("Harbour St & Far Ln").status == "none"
    assert town.near("North Harbour & Far Ln").label == "North Harbour St and Far Ln area"


def test_words_of_a_name_are_not_taken_for_words_around_it(town: Places) -> None:
    """The text as it stands is tried first; one street's own name is not parted into two."""
    assert town.near("Near North Rd & Mill").lon == -79.47
    assert town.near("near North Rd & Mill").lon == -79.47
    assert town.near("corner of North Rd and Mill").lon == -79.48
    assert town.find("Park Lawn").status == "none"
    assert town.near("Park & Lawn").lon == -79.46


@pytest.mark.parametrize("text", ["Harbour St W & Mill Ave, Elsewhere", "Harbour St W (Elsewhere) & Mill Ave"])
def test_another_town_is_not_read_over(town: Places, text: str) -> None:
    """Words that nothing here answers to are never dropped."""
    assert town.find(text).status == "none"


@pytest.mark.parametrize(
    "text",
    [
        "312 Harbour St W",
        "312 Harbour St W & Mill Ave",
        "Harbour St W & 5 Mill Ave",
        "Harbour St W, 312",
        "Mill & Harbour St W 312",
        "43.65, -79.40",
        "",
        " ",
        "&",
        "x" * 201,
        "\x00",
    ],
)
def test_an_address_is_no_corner(town: Places, text: str) -> None:
    """House numbers, coordinates, nothing and far too much are refused before any look-up."""
    for ask in (town.near, town.find):
        with pytest.raises(AreaError) as caught:
            ask(text)
        assert caught.value.code == "not_an_intersection"
        assert caught.value.do


def test_numbered_streets_are_streets(town: Places) -> None:
    """Ordinals, words and bare numbers with their kind are one name."""
    assert town.near("5 Ave & 42 St") == town.near("Fifth Avenue at Forty Second Street")


def test_names_that_look_like_orders_stay_names(town: Places) -> None:
    """Quoting marks and wildcards neither break nor widen a look-up."""
    before = town.corners

    assert town.near("Robert drop table corner & Mill").lon == -79.44
    assert town.find("% & _ Mill").status == "none"
    assert town.find("' OR name LIKE '%' -- & Mill Ave").status == "none"
    assert town.near("Harbour & Mill").lat == 43.6501
    assert town.corners == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(text=st.one_of(st.text(max_size=220), st.lists(st.sampled_from(NAMES + MARKS), max_size=14).map(" ".join)))
def test_any_text_is_a_place_or_one_coded_error(town: Places, text: str) -> None:
    """No text gets past, breaks the look-up, or brings a number of a house to the label."""
    found = answer(town, text)

    if isinstance(found, Place):
        assert found.label.endswith(" area")
        assert "312" not in found.label
    else:
        assert found.code in ("not_an_intersection", "ambiguous_place", "unknown_place")
        assert found.do
        assert str(found).encode("utf-8")


def answer(places: Places, text: str) -> Place | AreaError:
    """The place, or the error."""
    try:
        return places.near(text)
    except AreaError as err:
        return err


def test_threads_share_a_gazetteer(town: Places) -> None:
    """Answers do not mix."""
    texts = ["Harbour & Mill", "Border & Mill", "Harbour St E & Bridge"] * 40

    with ThreadPoolExecutor(4) as pool:
        labels = [place.label for place in pool.map(town.near, texts)]

    assert labels == [town.near(text).label for text in texts]


def test_a_place_is_on_the_earth() -> None:
    """A point that cannot be is refused where it is made."""
    with pytest.raises(GeometryError):
        Place(lon=43.65, lat=-79.4, label="Harbour St and Mill Ave area", streets=("Harbour St", "Mill Ave"))


def test_names_are_read_alike_in_the_file_and_by_hand(town: Places) -> None:
    """What `find` shows finds itself again."""
    place = town.near("Harbour & Mill")

    assert town.near(place.label) == place
    assert read_street(place.streets[0]).side == "w"


BESIDE = (
    Sighting("Mill Ave", "Market St", -79.4000, 43.6500),
    Sighting("Mill Rd", "Market St", -79.4003, 43.6501),
    Sighting("The East Mall", "Dundas St W", -79.5600, 43.6300),
    Sighting("East Mall Cres", "Dundas St W", -79.5604, 43.6301),
    Sighting("Toronto St", "Market St", -79.4100, 43.6500),
)


def test_two_streets_of_one_name_beside_each_other_are_two_places() -> None:
    """However near: an avenue is no road, and a mean of both is on neither."""
    with places_of(gather(BESIDE)) as places:
        several, full = places.find("Mill & Market"), places.find("Mill Rd & Market St")

    assert [place.label for place in several.places] == ["Mill Ave and Market St area", "Mill Rd and Market St area"]
    assert [place.lon for place in full.places] == [-79.4003]


def test_a_name_in_full_is_that_street_alone() -> None:
    """The East Mall is not East Mall Cres, though the one name begins the other."""
    with places_of(gather(BESIDE)) as places:
        assert places.near("The East Mall & Dundas St W").lon == -79.56
        assert places.near("East Mall Cres & Dundas St W").lon == -79.5604


@pytest.mark.parametrize("text", ["Harbour St W & Mill Ave North Side", "Harbour St W near side & Mill Ave"])
def test_the_side_of_a_stop_may_stand_behind(town: Places, text: str) -> None:
    """It says nothing of which corner."""
    assert (town.near(text).lon, town.near(text).lat) == (-79.4002, 43.6501)


@pytest.mark.parametrize("tail", ["Toronto", "North York", "Toronto, ON"])
def test_the_corner_without_its_town_is_offered(town: Places, tail: str) -> None:
    """Never taken, for another town has streets of the same names."""
    with pytest.raises(AreaError, match=r'Did you mean "Harbour St W & Mill Ave"') as caught:
        town.near(f"Harbour St W & Mill Ave, {tail}")

    assert caught.value.code == "unknown_place"


def test_a_bracket_left_open_is_no_part_of_a_name() -> None:
    """Neither of the street nor of its public spelling."""
    with places_of(gather([Sighting("Harbour St W (North", "Mill Ave)", -79.4, 43.65)])) as places:
        assert places.near("Harbour St W & Mill Ave").label == "Harbour St W and Mill Ave area"
