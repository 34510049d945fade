"""What may be published of an alert: the only form of it that rendering accepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from geoalert.alert import Reference, Texts, Vehicle
from geoalert.alert.checks import instant
from geoalert.alert.model import media_facts
from geoalert.errors import AlertError
from geoalert.media import Media


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPerson:
    """The described person after the gates: what was withheld is simply not here."""

    number: int
    label: str
    first_name: str | None = None
    age: str | None = None
    sex: str | None = None
    height_cm: float | None = None
    build: str | None = None
    hair: str | None = None
    facial_hair: str | None = None
    eyes: str | None = None
    complexion: str | None = None
    clothing: tuple[str, ...] = ()
    accessories: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    weapon: str | None = None
    direction: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns every field by name, lists as lists."""
        whole = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in whole.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAlert:
    """An alert without anything that stays inside the house; `open_gates` makes it from an Alert.

    There is no field for purpose, bans, order, recorded boundaries or restricted records, so no template can print one.

    Attributes:
        sender: the agency's name, the source of every text.
        expires: UTC; `zone` is the IANA zone that people read it in.
        contact: lines in the order to print them: emergency, unit, tip line.
        contact_by_language: the same lines where a language has its own words.
        media: the author's images; rendering re-encodes them before any byte leaves.
        authority_reference: the issuer's, of a relayed alert.
        area_label: public words for the area, apart from each text's `place`.
    """

    sender: str
    id: str
    kind: str
    status: str
    scope: str
    expires: datetime
    texts: tuple[Texts, ...]
    contact: tuple[str, ...]
    revision: int = 1
    zone: str = "UTC"
    case: str | None = None
    unit: str | None = None
    link: str | None = None
    people: tuple[PublicPerson, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    media: tuple[Media, ...] = ()
    area_label: str | None = None
    references: tuple[Reference, ...] = ()
    authority_reference: str | None = None
    contact_by_language: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "expires", instant(self.expires, field="expires"))
        object.__setattr__(self, "contact", tuple(self.contact))
        if not self.texts:
            raise AlertError("an alert without words says nothing", code="missing_text", field="text")
        if not self.contact or not all(text.strip() for text in self.contact):
            raise AlertError(
                "nobody could answer this alert",
                code="contact_missing",
                field="contact",
                do="Give the alert a unit with a phone, or the profile a tip line",
            )

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the texts, in the author's order."""
        return tuple(texts.language for texts in self.texts)

    def texts_in(self, language: str) -> Texts | None:
        """Returns the texts of this language, else of its base (`fr` for `fr-CA`) or a variant of it; None where there is none."""
        tag = closest(language, self.languages)
        return next((texts for texts in self.texts if texts.language == tag), None)

    def contact_in(self, language: str) -> tuple[str, ...]:
        """Returns the contact lines in this language, else in the alert's first: a number is useful in any language."""
        tag = closest(language, self.contact_by_language)
        return self.contact if tag is None else tuple(self.contact_by_language[tag])

    def to_dict(self) -> dict[str, Any]:
        """Returns the alert JSON-ready, images by digest, times in UTC."""
        plain = "sender id revision kind status scope zone case unit link area_label authority_reference"
        return {name: getattr(self, name) for name in plain.split()} | {
            "expires": self.expires.isoformat(),
            "texts": [texts.to_dict() for texts in self.texts],
            "contact": list(self.contact),
            "contact_by_language": {tag: list(lines) for tag, lines in self.contact_by_language.items()},
            "people": [person.to_dict() for person in self.people],
            "vehicles": [vehicle.to_dict() for vehicle in self.vehicles],
            "media": [media_facts(item) for item in self.media],
            "references": [reference.to_dict() for reference in self.references],
        }


def closest(language: str, tags: Iterable[str]) -> str | None:
    """Returns the tag that serves a reader of `language`: itself, its base, a variant; None where there is none."""
    base = language.split("-")[0].casefold()
    related = [tag for tag in tags if tag.split("-")[0].casefold() == base]
    by_nearness = sorted(related, key=lambda tag: (tag.casefold() != language.casefold(), tag.casefold() != base))
    return by_nearness[0] if by_nearness else None
