"""Channels, venues and units: refused where they cannot be right, silent about addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from typing import Any

import pytest

from geoalert.directory.hours import check_hours
from geoalert.directory.model import Channel, Directory, Unit, Venue, consent_gap
from geoalert.errors import DirectoryError


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"id": "ed bia"}, "invalid_id", "id"),
        ({"id": "../up"}, "invalid_id", "id"),
        ({"name": " "}, "missing_value", "name"),
        ({"name": "two\nlines"}, "control_characters", "name"),
        ({"name": "Example\u202e Club"}, "control_characters", "name"),
        ({"account": ""}, "missing_value", "account"),
        ({"account": "a b"}, "invalid_account", "account"),
        ({"address": ""}, "missing_value", "address"),
        ({"scope": "publc"}, "unknown_scope", "scope"),
        ({"speaks_for": (("division", ""),)}, "invalid_speaks_for", "speaks_for"),
        ({"speaks_for": (("*", "D52"),)}, "invalid_speaks_for", "speaks_for"),
        ({"kinds": ("Suspect Appeal",)}, "unknown_kind", "kinds"),
        ({"kinds": "suspect_appeal"}, "not_a_list", "kinds"),
        ({"languages": ("english!",)}, "unknown_language", "languages"),
        ({"consented": datetime(2026, 1, 1, tzinfo=UTC)}, "invalid_date", "consented"),
        ({"valid_from": date(2027, 1, 2), "valid_to": date(2027, 1, 1)}, "dates_reversed", "valid_to"),
    ],
)
def test_a_channel_that_cannot_be_right_is_refused(channel: Callable[..., Channel], changed: dict[str, Any], code: str, field: str) -> None:
    """Each bad value has its code and field."""
    with pytest.raises(DirectoryError) as caught:
        channel(**changed)

    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.do or code == "not_a_list"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"category": "Night Club"}, "invalid_category"),
        ({"category": "nightlife.*"}, "invalid_category"),
        ({"lon": 0.0, "lat": 0.0}, "null_island"),
        ({"lon": 43.6, "lat": -79.4}, "swapped_axes"),
        ({"lon": float("nan")}, "not_finite"),
        ({"lon": -790.0}, "out_of_range"),
        ({"opening_hours": "Thursday 9am"}, "invalid_hours"),
        ({"email": "door at club"}, "invalid_email"),
        ({"email": "a@b.example, c@d.example"}, "invalid_email"),
        ({"sms": "call me"}, "invalid_phone"),
        ({"closed_on": "2026-01-01"}, "invalid_date"),
    ],
)
def test_a_venue_that_cannot_be_right_is_refused(venue: Callable[..., Venue], changed: dict[str, Any], code: str) -> None:
    """Each bad value has its code; a position's error is the directory's too."""
    with pytest.raises(DirectoryError) as caught:
        venue(**changed)

    assert caught.value.code == code


def test_values_are_frozen_and_their_repr_has_no_contact(channel: Callable[..., Channel], venue: Callable[..., Venue]) -> None:
    """A log line shows id and name, never an address, phone number or steward."""
    one, place = channel(steward="A. Roy"), venue(sms="+1 416-555-0142")
    whole = Directory((one,), (place,))

    for shown in (repr(one), repr(place), repr(whole)):
        assert not any(secret in shown for secret in ("@", "A. Roy", "555"))
    assert "ed-bia" in repr(one)
    with pytest.raises(FrozenInstanceError):
        one.id = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("consent", "consented", "gap"),
    [
        ("letter-1", date(2027, 3, 12), None),
        ("letter-1", date(2027, 3, 13), "consent begins on 2027-03-13"),
        ("letter-1", None, "the consent has no date"),
        ("", date(2026, 1, 1), "no consent is recorded"),
        ("withdrawn 2027-01-05", date(2026, 1, 1), "consent was withdrawn"),
        ("Withdrawn: by phone", date(2026, 1, 1), "consent was withdrawn"),
        ("own", None, None),
        ("official contact", None, None),
    ],
)
def test_consent_is_in_force_or_says_why_not(on: date, consent: str, consented: date | None, gap: str | None) -> None:
    """A filed consent needs its date; the agency's own channels need none; a withdrawal ends it."""
    assert consent_gap(consent, consented, on) == gap


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ((date(2027, 3, 12), date(2027, 3, 12)), None),
        ((date(2027, 3, 13), None), "valid from 2027-03-13 only"),
        ((None, date(2027, 3, 11)), "expired on 2027-03-11"),
    ],
)
def test_validity_counts_both_days_in(
    channel: Callable[..., Channel], on: date, days: tuple[date | None, date | None], reason: str | None
) -> None:
    """The first and the last day belong to it."""
    assert channel(valid_from=days[0], valid_to=days[1]).unusable_on(on) == reason


def test_ids_are_used_once(channel: Callable[..., Channel], venue: Callable[..., Venue]) -> None:
    """Two channels, or two venues, of one id are refused; a channel and a venue may share one."""
    Directory((channel(id="a"),), (venue(id="a"),))

    for rows in ({"channels": (channel(), channel())}, {"venues": (venue(), venue())}):
        with pytest.raises(DirectoryError) as caught:
            Directory(**rows)
        assert caught.value.code == "duplicate_id"


def test_the_contact_of_a_unit_is_the_one_valid_that_day(on: date) -> None:
    """A unit may change its number; nobody prints the old one."""
    old = Unit(unit="sex-crimes", phone="416-555-0170", valid_to=date(2026, 12, 31))
    new = Unit(unit="sex-crimes", phone="416-555-0171", valid_from=date(2027, 1, 1))
    directory = Directory(units=(old, new))

    assert directory.unit("sex-crimes", on) == new
    assert directory.unit("sex-crimes", date(2026, 6, 1)) == old
    assert directory.unit("traffic", on) is None
    with pytest.raises(DirectoryError, match="without phone and e-mail"):
        Unit(unit="traffic")


@pytest.mark.parametrize(
    "text", ["", "24/7", "Th-Sa 22:00-02:30", "Mo-Fr 09:00-17:00; PH off", "sunrise-sunset", "Fr-Sa 22:00-03:00; Su closed"]
)
def test_opening_hours_stay_as_written(text: str) -> None:
    """What can be evaluated is kept verbatim."""
    assert check_hours(text) == text


def test_unreadable_opening_hours_say_where() -> None:
    """The error shows from which place on they cannot be read."""
    with pytest.raises(DirectoryError, match="'9-17' on") as caught:
        check_hours("Mo-Fr 9-17")

    assert (caught.value.code, caught.value.field, caught.value.value) == ("invalid_hours", "opening_hours", "Mo-Fr 9-17")


def test_a_venue_contact_becomes_a_channel_of_its_own(venue: Callable[..., Venue]) -> None:
    """Its id names venue and way; scope, languages and consent are the venue's."""
    place = venue(sms="+1 416-555-0142", languages=("fr-ca",))

    own = place.channel("sms", "texts")

    assert (own.id, own.account, own.address, own.venue) == ("club-014/sms", "texts", "+1 416-555-0142", "club-014")
    assert (own.scope, own.languages, own.consent) == ("restricted", ("fr-CA",), "letter-0093")
    assert place.contacts == (("email", "door@club-014.example"), ("sms", "+1 416-555-0142"))


def test_one_address_written_in_two_ways_is_one_recipient(channel: Callable[..., Channel]) -> None:
    """Phone numbers compare by their digits, mailboxes without case."""
    assert channel(address="+1 (416) 555-0142").recipient == channel(address="416-555-0142").recipient
    assert channel(address="Desk@BIA.example").recipient == channel(address="desk@bia.example").recipient
    assert channel(account="mail").recipient != channel(account="posts").recipient
