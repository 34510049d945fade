"""The alert: everything that has to be said, checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from geoalert.alert.accept import checked_reasons
from geoalert.alert.audience import AudienceRule
from geoalert.alert.kinds import KINDS, Kind
from geoalert.alert.person import Person
from geoalert.alert.restricted import Restricted
from geoalert.alert.rules import check_parts, check_shape
from geoalert.alert.texts import Texts
from geoalert.alert.typed import part, parts
from geoalert.alert.vehicle import Vehicle
from geoalert.area import Area
from geoalert.media import Media

STATUSES = ("actual", "exercise", "test")
SCOPES = ("public", "restricted")
AT_EXPIRY = ("leave", "remove_images", "remove")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
ORDER_LASTS = timedelta(days=5)
"""YCJA s.110(5): the order ceases to have effect five days after it is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An earlier version that this alert follows: CAP's (sender, identifier, sent), the identifier taken apart."""

    sender: str
    id: str
    revision: int
    sent: datetime

    @property
    def identifier(self) -> str:
        """CAP identifier, `S1.r2`."""
        return f"{self.id}.r{self.revision}"

    def to_dict(self) -> dict[str, Any]:
        """Returns the reference JSON-ready, `sent` in UTC."""
        return {"sender": self.sender, "id": self.id, "revision": self.revision, "sent": self.sent.astimezone(UTC).isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A court's order that lets a young person be identified (YCJA s.110(4))."""

    number: str
    made_at: datetime

    @property
    def ends_at(self) -> datetime:
        """When identity must be gone again, UTC."""
        return self.made_at.astimezone(UTC) + ORDER_LASTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What has to be said, to whom and until when; identity is (sender, id), a version adds `revision`.

    Attributes:
        sender: the agency.
        expires: aware, kept in UTC; `zone` is the IANA zone that people read it in.
        status: actual, exercise or test; scope: public or restricted (staff only).
        references: earlier versions, as CAP's references do.
        purpose: the lawful purpose of disclosing (in Ontario one of O. Reg. 412/23), recorded and never printed.
        urgency, severity, certainty: CAP's words.
        onset: when the event begins or began; before `expires`.
        at_expiry: what becomes of posts when the alert ends; a recall is possible ever after.
        event_lon, event_lat: where it happened, degrees EPSG:4326; apart from the area that is told about it.
        recorded: read-only; boundary id by layer as the police recorded it; it leads over everything measured.
        lead: `layer:id` that the operator states.
        authority_reference: the issuer's reference; the relayed kinds need it.
        link: the agency's own page about the case.
        unit: of units.csv, which has the phone that posts print.
        young_person: a person whom the alert identifies is, or may be, under 18.
        bans: what publication bans cover: a name of letters, digits, dots and underscores is a public field (`plate`, `people.1.hair`,
            `text.en.details`, `media`), which is withheld and its value refused elsewhere; anything else is words that may stand nowhere,
            a single word in quotation marks of its own, `'"Quillfeather"'`.
        people, vehicles: numbered; a number keeps its person through every revision.
        media: each with alternative text in every language of `texts`.
        audience: which channels and venues are wanted.
        area_author, area_reason: who drew the area and why; in the plan, never printed in posts.
        accept: read-only; why a limit of the coverage guard is exceeded, in words, by measure: size, outside_city, no_boundary,
            unreached, overshoot. For the approver; never printed in posts.
        restricted: never published; rendering cannot receive it.

    Raises:
        AlertError: one clear error for the first thing that is wrong.
    """

    sender: str
    id: str
    kind: str
    status: str
    scope: str
    area: Area
    expires: datetime
    texts: tuple[Texts, ...]
    zone: str = "UTC"
    revision: int = 1
    references: tuple[Reference, ...] = ()
    case: str | None = None
    unit: str | None = None
    purpose: str | None = None
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    onset: datetime | None = None
    at_expiry: str = "leave"
    event_lon: float | None = None
    event_lat: float | None = None
    recorded: Mapping[str, str] = field(default_factory=dict)
    lead: str | None = None
    link: str | None = None
    authority_reference: str | None = None
    young_person: bool = False
    order: Order | None = None
    bans: tuple[str, ...] = field(default=(), repr=False)
    people: tuple[Person, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    media: tuple[Media, ...] = ()
    audience: AudienceRule = field(default_factory=AudienceRule)
    area_author: str | None = None
    area_reason: str | None = None
    accept: Mapping[str, str] = field(default_factory=dict)
    restricted: Restricted = field(default_factory=Restricted)

    def __post_init__(self) -> None:
        rooms = {"texts": Texts, "people": Person, "vehicles": Vehicle, "media": Media, "references": Reference}
        for name, kind in rooms.items():
            object.__setattr__(self, name, parts(getattr(self, name), kind, field=name))
        part(self.audience, AudienceRule, field="audience")
        part(self.restricted, Restricted, field="restricted")
        if self.order is not None:
            part(self.order, Order, field="order")
        words = {
            "kind": (KINDS, "unknown_kind"),
            "status": (STATUSES, "unknown_status"),
            "scope": (SCOPES, "unknown_scope"),
            "at_expiry": (AT_EXPIRY, "unknown_at_expiry"),
            "urgency": (URGENCIES, "unknown_urgency"),
            "severity": (SEVERITIES, "unknown_severity"),
            "certainty": (CERTAINTIES, "unknown_certainty"),
        }
        for name, value in check_shape(self, words).items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "accept", checked_reasons(self.accept))
        check_parts(self, KINDS)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles the alert by making it anew: a read-only mapping cannot be copied itself."""
        plain = {"recorded": dict(self.recorded), "accept": dict(self.accept)}
        return _made, ({each.name: getattr(self, each.name) for each in fields(self)} | plain,)

    @property
    def identifier(self) -> str:
        """CAP identifier, `S1.r1`."""
        return f"{self.id}.r{self.revision}"

    def accepting(self, reasons: Mapping[str, str]) -> Alert:
        """Returns the alert with these reasons too, in the place of what it says of the same measures.

        desk.plan(alert.accepting({"outside_city": "York Regional Police was told at 17:10"}), by="m.roy")
        """
        return replace(self, accept={**self.accept, **checked_reasons(reasons)})

    @property
    def about(self) -> Kind:
        """What is known about the kind."""
        return KINDS[self.kind]

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the texts, in the author's order."""
        return tuple(texts.language for texts in self.texts)

    @property
    def stated(self) -> dict[str, str]:
        """The operator's lead as boundary id by layer, for `survey`."""
        return dict([self.lead.split(":", 1)]) if self.lead else {}

    def media_of(self, number: int) -> tuple[Media, ...]:
        """Returns the images of one person."""
        return tuple(item for item in self.media if item.person == number)

    def to_dict(self) -> dict[str, Any]:
        """Returns the alert JSON-ready: restricted values left out, images by digest, times in UTC."""
        plain = (
            "sender id revision kind status scope zone case unit purpose urgency severity certainty "
            "at_expiry event_lon event_lat lead link authority_reference young_person area_author area_reason"
        )
        return {name: getattr(self, name) for name in plain.split()} | {
            "expires": self.expires.isoformat(),
            "onset": self.onset and self.onset.isoformat(),
            "references": [reference.to_dict() for reference in self.references],
            "order": self.order and {"number": self.order.number, "made_at": self.order.made_at.isoformat()},
            "recorded": dict(self.recorded),
            "accept": dict(self.accept),
            "bans": len(self.bans),
            "area": self.area.to_dict(),
            "texts": [texts.to_dict() for texts in self.texts],
            "people": [person.to_dict() for person in self.people],
            "vehicles": [vehicle.to_dict() for vehicle in self.vehicles],
            "media": [media_facts(item) for item in self.media],
            "audience": self.audience.to_dict(),
        }


def _made(values: dict[str, Any]) -> Alert:
    return Alert(**values)


def media_facts(item: Media) -> dict[str, Any]:
    """Returns what a plan says of an image: digest, class, person, words and dates; the author's file name never."""
    return {
        "digest": item.digest,
        "class": item.media_class,
        "person": item.person,
        "alt": dict(item.alt),
        "basis": item.basis,
        "remove_by": item.remove_by and item.remove_by.astimezone(UTC).isoformat(),
    }
