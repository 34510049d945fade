"""The nouns of the directory: channel, venue, unit, and all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoalert.boundaries.ids import natural_key
from geoalert.directory import checks
from geoalert.directory.hours import check_hours
from geoalert.errors import DirectoryError, GeometryError
from geoalert.geo import check_lonlat

EVERYWHERE = ("*", "*")
"""What a channel of the whole project speaks for; `("division", "*")` is every boundary of one layer."""

NO_DATE_NEEDED = ("own", "official")
"""Consent words of channels that are the agency's own or a public body's published contact: they need no date."""


def consent_gap(consent: str, consented: date | None, on: date) -> str | None:
    """Returns why nothing may be sent on this consent on that day, None where it may.

    Blank means no consent. `own` and `official` need no date; every other word names where the consent is filed and needs one.
    A consent that begins with `withdrawn` is over, whatever its date.
    """
    words = consent.casefold().split()
    if not words:
        return "no consent is recorded"
    if words[0].strip(",:") == "withdrawn":
        return "consent was withdrawn"
    if consented is None:
        return None if words[0] in NO_DATE_NEEDED else "the consent has no date"
    return f"consent begins on {consented}" if consented > on else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Account and address, with what it speaks for: one recipient.

        Channel(
            id="ed-bia", name="Entertainment District BIA", account="mail", address="desk@bia.example", scope="restricted",
            speaks_for=(("neighbourhood", "164"), ("neighbourhood", "165")), consent="letter-0117", consented=date(2026, 11, 2),
        )

    Attributes:
        speaks_for: (layer, id) pairs; `("*", "*")` for the whole project, `(layer, "*")` for a whole layer.
        kinds: alert kinds it takes; none: every kind.
        languages: BCP 47 tags, preferred first; none: any.
        steward: the person behind it, told when a post has to come down.
        consent: where the consent is filed; `own` or `official` where none has to be asked; `withdrawn ...` ends it.
        valid_from, valid_to: first and last day, both counted in.

    Raises:
        DirectoryError: a value that cannot be right, with its field; codes invalid_id, missing_value, unknown_scope, invalid_speaks_for,
            unknown_kind, unknown_language, invalid_date, dates_reversed and others of the same make.
    """

    id: str
    name: str
    account: str = field(repr=False)
    address: str = field(repr=False)
    scope: str = field(repr=False)
    speaks_for: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    kinds: tuple[str, ...] = field(default=(), repr=False)
    languages: tuple[str, ...] = field(default=(), repr=False)
    steward: str = field(default="", repr=False)
    consent: str = field(default="", repr=False)
    consented: date | None = field(default=None, repr=False)
    valid_from: date | None = field(default=None, repr=False)
    valid_to: date | None = field(default=None, repr=False)
    venue: str | None = field(default=None, repr=False)
    """Id of the venue whose own contact this is."""

    def __post_init__(self) -> None:
        if self.venue is None:
            checks.identifier(self.id)
        checks.filled(self.name, field="name")
        checks.account_name(self.account)
        checks.filled(self.address, field="address")
        checks.scope_word(self.scope)
        object.__setattr__(self, "speaks_for", _pairs(self.speaks_for))
        object.__setattr__(self, "kinds", checks.kind_words(self.kinds))
        object.__setattr__(self, "languages", checks.language_tags(self.languages))
        for name in ("consented", "valid_from", "valid_to"):
            checks.day(getattr(self, name), field=name)
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise DirectoryError(
                f"valid_to lies before valid_from {self.valid_from}",
                code="dates_reversed",
                field="valid_to",
                value=str(self.valid_to),
                do="Correct one of the two",
            )

    @property
    def recipient(self) -> tuple[str, str]:
        """Account and address for comparing; equal for two rows that would reach the same place."""
        return self.account, checks.same_address(self.address)

    def unusable_on(self, on: date) -> str | None:
        """Returns why nothing may be sent to it on that day (validity, consent), None where it may."""
        if self.valid_from and on < self.valid_from:
            return f"valid from {self.valid_from} only"
        if self.valid_to and on > self.valid_to:
            return f"expired on {self.valid_to}"
        return consent_gap(self.consent, self.consented, on)

    def to_dict(self) -> dict[str, Any]:
        """Returns every column JSON-ready, address and steward included: for restricted files only."""
        return {
            **{name: getattr(self, name) for name in ("id", "name", "account", "address", "scope", "steward", "consent", "venue")},
            "speaks_for": [_pair_text(pair) for pair in self.speaks_for],
            "kinds": list(self.kinds),
            "languages": list(self.languages),
            **{name: _iso(getattr(self, name)) for name in ("consented", "valid_from", "valid_to")},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A place, reached through its own contacts, else by a visit.

        Venue(id="club-014", name="Example Club", category="nightlife.nightclub", lon=-79.39511, lat=43.64702, scope="restricted")

    Attributes:
        opening_hours: OpenStreetMap grammar, as written; blank: unknown.
        member_of: schemes it takes part in, such as a pubwatch.
        closed_on: the day from which it is closed for good.
        consent, consented: for both contacts; without them in force neither is used.

    Raises:
        DirectoryError: a value that cannot be right; codes null_island, swapped_axes, out_of_range, invalid_hours, invalid_category,
            invalid_email, invalid_phone and others of the same make.
    """

    id: str
    name: str
    category: str
    lon: float = field(repr=False)
    lat: float = field(repr=False)
    opening_hours: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    sms: str = field(default="", repr=False)
    languages: tuple[str, ...] = field(default=(), repr=False)
    scope: str = field(default="public", repr=False)
    member_of: tuple[str, ...] = field(default=(), repr=False)
    consent: str = field(default="", repr=False)
    consented: date | None = field(default=None, repr=False)
    closed_on: date | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        checks.identifier(self.id)
        checks.filled(self.name, field="name")
        checks.category_word(self.category)
        try:
            check_lonlat(self.lon, self.lat)
        except GeometryError as err:
            raise DirectoryError(err.what, code=err.code, field=err.field, value=err.value, do=err.do) from err
        check_hours(self.opening_hours)
        checks.email_address(self.email)
        checks.phone_number(self.sms)
        checks.scope_word(self.scope)
        object.__setattr__(self, "languages", checks.language_tags(self.languages))
        object.__setattr__(self, "member_of", checks.words(self.member_of, field="member_of"))
        checks.day(self.consented, field="consented")
        checks.day(self.closed_on, field="closed_on")

    @property
    def contacts(self) -> tuple[tuple[str, str], ...]:
        """The venue's own contacts as ("email" | "sms", address)."""
        return tuple((way, address) for way, address in (("email", self.email), ("sms", self.sms)) if address)

    def channel(self, way: str, account: str) -> Channel:
        """Returns the venue's own contact as a channel, id `VENUE/WAY`."""
        return Channel(
            id=f"{self.id}/{way}",
            name=self.name,
            account=account,
            address=dict(self.contacts)[way],
            scope=self.scope,
            languages=self.languages,
            consent=self.consent,
            consented=self.consented,
            venue=self.id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the agency, with the contact that its alerts print.

    Raises:
        DirectoryError: neither phone nor e-mail, or one that cannot be right.
    """

    unit: str
    phone: str = ""
    email: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        checks.filled(self.unit, field="unit")
        checks.phone_number(self.phone, field="phone")
        checks.email_address(self.email)
        checks.day(self.valid_from, field="valid_from")
        checks.day(self.valid_to, field="valid_to")
        if not self.phone and not self.email:
            raise DirectoryError("a unit without phone and e-mail", code="missing_value", field="phone", do="Fill in one of the two")

    def valid_on(self, on: date) -> bool:
        """Tells whether the contact is in use on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


class VenueIndex:
    """Venues in natural order of their ids, with their positions as arrays.

    Attributes:
        venues: one per row.
        lons, lats: EPSG:4326, one per row.
    """

    def __init__(self, venues: Iterable[Venue]) -> None:
        self.venues = tuple(sorted(venues, key=lambda venue: natural_key(venue.id)))
        self.lons: NDArray[np.float64] = np.array([venue.lon for venue in self.venues], dtype=np.float64)
        self.lats: NDArray[np.float64] = np.array([venue.lat for venue in self.venues], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Directory:
    """Channels and venues together, each id once.

    Attributes:
        venue_accounts: which account carries a venue's own contacts, `{"email": "mail", "sms": "texts"}`;
            a way without an account sends the venue to the visit list.

    Raises:
        DirectoryError: two channels or two venues of one id (duplicate_id); a contact that is neither email nor sms (unknown_contact).
    """

    channels: tuple[Channel, ...] = ()
    venues: tuple[Venue, ...] = field(default=(), repr=False)
    units: tuple[Unit, ...] = field(default=(), repr=False)
    venue_accounts: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        for name in ("channels", "venues", "units"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "venue_accounts", MappingProxyType(dict(self.venue_accounts)))
        for way, account in self.venue_accounts.items():
            if way not in ("email", "sms"):
                raise DirectoryError("a venue is reached by email or sms", code="unknown_contact", field="venue_accounts", value=way)
            checks.account_name(account)
        _refuse_twice(self.channels, "channel")
        _refuse_twice(self.venues, "venue")

    @cached_property
    def venue_index(self) -> VenueIndex:
        """Positions of all venues, made at first use."""
        return VenueIndex(self.venues)

    def unit(self, name: str, on: date) -> Unit | None:
        """Returns the contact of a unit that is valid on that day, None where there is none."""
        return next((unit for unit in self.units if unit.unit == name and unit.valid_on(on)), None)


def _refuse_twice(rows: Iterable[Channel] | Iterable[Venue], noun: str) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise DirectoryError(f"two {noun}s have one id", code="duplicate_id", field="id", value=row.id, do="Give each its own id")
        seen.add(row.id)


def _pairs(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for pair in values:
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(part, str) and part for part in pair)) or (
            pair[0] == "*" and pair != EVERYWHERE
        ):
            raise DirectoryError(
                "not a layer and an id", code="invalid_speaks_for", field="speaks_for", value=pair, do='Give ("division", "D52")'
            )
        found[pair] = None
    return tuple(found)


def _pair_text(pair: tuple[str, str]) -> str:
    return "*" if pair == EVERYWHERE else ":".join(pair)


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
