"""Fifty corners of a real city from its transit stops, what is ambiguous there, and what is not there."""

from __future__ import annotations

import pytest

from geoalert.errors import AreaError
from geoalert.places import Place, metres_apart
from geoalert.places.store import Places

pytestmark = pytest.mark.shared

STATED = (
    ("Queen St W & Spadina Ave", 43.64867, -79.39660),
    ("Annette St & Runnymede Rd", 43.66007, -79.47999),
    ("Don Mills Rd & Sheppard Ave E", 43.77531, -79.34740),
    ("Sheppard Ave E & Kennedy Rd", 43.78326, -79.28831),
    ("Kennedy Rd & Lawrence Ave E", 43.74959, -79.27495),
    ("Ellesmere Rd & Markham Rd", 43.77647, -79.23170),
    ("Danforth Ave & Coxwell Ave", 43.68336, -79.32360),
    ("Coxwell Ave & Plains Rd", 43.69588, -79.32872),
    ("Coxwell Ave & O'Connor Dr", 43.69760, -79.32946),
    ("Yonge St & Eglinton Ave", 43.70714, -79.39838),
    ("King St W & Spadina Ave", 43.64564, -79.39511),
    ("King St W & Bathurst St", 43.64397, -79.40240),
    ("King St W & Shaw St", 43.64152, -79.41489),
    ("King St W & Dufferin St", 43.63889, -79.42727),
    ("Danforth Ave & Main St", 43.68805, -79.30179),
    ("Bathurst St & Steeles Ave W", 43.79234, -79.44557),
    ("Queens Quay W & Lower Spadina Ave", 43.63764, -79.39190),
)
"""The scenarios' corners."""

CROSSED = (
    ("Adelaide & Bay", 43.64994, -79.38082),
    ("Bathurst/Eglinton W", 43.70109, -79.42517),
    ("St. Clair W and Bathurst", 43.68324, -79.41839),
    ("Bathurst Street at College Street", 43.65645, -79.40769),
    ("Wilson & Bathurst", 43.73729, -79.43393),
    ("bay @ wellesley", 43.66435, -79.38715),
    ("Bay St & Queen St W area", 43.65191, -79.38199),
    ("Bellamy & Ellesmere", 43.77430, -79.24176),
    ("McNicoll Avenue and Brimley Road", 43.81555, -79.28180),
    ("Brimley & Kingston Rd", 43.71835, -79.24054),
    ("East Mall & Burnhamthorpe", 43.64635, -79.55946),
    ("College St & Dovercourt Rd", 43.65363, -79.42640),
    ("Danforth Ave & Warden Ave", 43.69445, -79.27359),
    ("Lawrence E/Don Mills", 43.73724, -79.34337),
    ("Donlands & Mortimer", 43.68752, -79.34027),
    ("the corner of Dovercourt Rd and Dupont St", 43.66959, -79.43269),
    ("Rogers Rd & Dufferin St", 43.68554, -79.44611),
    ("rue Dundas E et River", 43.66110, -79.35799),
    ("Jones & Dundas", 43.66624, -79.33432),
    ("EGLINTON AVE E & MARKHAM RD", 43.74320, -79.21885),
    ("Kipling & Eglinton", 43.67727, -79.55098),
    ("Finch Ave E & Kennedy Rd", 43.80128, -79.29663),
    ("Finch Ave West at Sentinel Road", 43.76107, -79.50014),
    ("Gerrard & Woodbine", 43.68074, -79.31073),
    ("Greenwood Ave, Gerrard St E", 43.67094, -79.32801),
    ("Glencairn & Marlee", 43.70899, -79.44378),
    ("Mount Pleasant Rd & Heath St E", 43.69218, -79.38424),
    ("Howard Park & Roncesvalles", 43.65145, -79.45104),
    ("Jane & Lawrence", 43.70270, -79.50377),
    ("Kingston & Woodbine", 43.67386, -79.30788),
    ("Martin Grove & Rexdale", 43.71384, -79.58107),
    ("Midland Ave - St Clair Ave E", 43.71866, -79.25121),
    ("Queen & Woodbine", 43.66873, -79.30600),
)
"""Where lines between the stops of the next corners of both streets cross; the corner's own stops have no part in it."""


@pytest.mark.parametrize(("text", "lat", "lon"), STATED + CROSSED, ids=lambda value: value if isinstance(value, str) else "")
def test_a_known_corner_is_found_within_60_m(city: Places, text: str, lat: float, lon: float) -> None:
    """Seventeen positions that were stated and thirty-three that were crossed."""
    place = city.near(text)

    assert metres_apart(place, Place(lon, lat, "", ("", ""))) <= 60
    assert place.label.endswith(" area")


@pytest.mark.parametrize(
    ("text", "apart_m"),
    [
        ("Dundas & Bloor", 6644),
        ("Coxwell & Gerrard", 293),
        ("Don Mills Rd & Gateway Blvd", 511),
        ("College & Queen's Park", 112),
        ("Sheppard & Murison", 158),
        ("Birchmount & McNabb", 259),
    ],
)
def test_an_ambiguous_corner_is_never_issued(city: Places, text: str, apart_m: float) -> None:
    """Streets that meet twice, and names of which two fit, give every candidate with the metres between."""
    found = city.find(text)

    assert found.status == "several"
    assert max(found.apart_m()) == pytest.approx(apart_m, abs=5)
    with pytest.raises(AreaError, match="corners may be meant") as caught:
        city.near(text)
    assert caught.value.code == "ambiguous_place"


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("Qeen St W & Spadna Ave", "Queen St W and Spadina Ave area"),
        ("Spadina Rd & Queen St W", "Spadina Ave and Queen St W area"),
        ("Queen St E & Spadina Ave", "Queen St W and Spadina Ave area"),
        ("Annete & Runymede", "Annette St and Runnymede Rd area"),
        ("Dovercort & Colege", "Dovercourt Rd and College St area"),
    ],
)
def test_a_misspelt_corner_is_asked_back_not_guessed(city: Places, text: str, likely: str) -> None:
    """The corner meant comes first among the nearest."""
    found = city.find(text)

    assert found.status == "none"
    assert found.nearest[0].label == likely


@pytest.mark.parametrize(
    "text", ["Bloor & King", "Yonge & Bathurst", "Spadina", "City Hall", "Broadway & 42nd St", "Queen & Spadina, Leeds"]
)
def test_an_unknown_corner_is_none(city: Places, text: str) -> None:
    """Streets that do not meet, one street, landmarks and other cities have no corner here."""
    assert city.find(text).status == "none"


def test_every_corner_finds_itself(city: Places) -> None:
    """The label of each of the 4,500 corners leads back to its streets, and to that point or to candidates that hold it."""
    rows = city._rows("SELECT lon, lat, a.shown, b.shown FROM corner JOIN street a ON a.id = a JOIN street b ON b.id = b")

    lost = []
    for lon, lat, one, other in rows:
        here = Place(lon, lat, "", (one, other))
        places = city.find(f"{one} and {other} area").places
        if not any(metres_apart(here, place) <= 100 for place in places):
            lost.append((one, other))

    assert len(rows) > 4400
    assert lost == []
