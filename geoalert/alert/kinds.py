"""The kinds of alert, and what each one asks for."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alert.

    Attributes:
        name: the word in files, `suspect_appeal`.
        heading: its name in English, for pages and tables.
        category: CAP category.
        relayed: issued by another authority; never authored, so `authority_reference` is required.
        offence: about an offence; the young-person rules apply to those it describes.
        labels: what the people in it may be called.
    """

    name: str
    heading: str
    category: str
    relayed: bool = False
    offence: bool = False
    labels: tuple[str, ...] = ("suspect", "person_of_interest", "wanted", "missing", "witness")


_KINDS = (
    Kind("suspect_appeal", "Suspect appeal", "Security", offence=True, labels=("suspect", "person_of_interest", "wanted", "witness")),
    Kind("wanted", "Wanted person", "Security", offence=True, labels=("wanted", "suspect", "witness")),
    Kind("person_of_interest", "Person of interest", "Security", offence=True, labels=("person_of_interest", "witness")),
    Kind("vehicle_of_interest", "Vehicle of interest", "Security", offence=True),
    Kind("missing_person", "Missing person", "Rescue", labels=("missing", "person_of_interest", "witness")),
    Kind("public_safety", "Public safety alert", "Safety"),
    Kind("news_release", "News release", "Safety"),
    Kind("amber_relay", "AMBER Alert, relayed", "Rescue", relayed=True),
    Kind("emergency_relay", "Emergency alert, relayed", "Safety", relayed=True),
)

KINDS: MappingProxyType[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""Every kind by name; an agency's profile may allow fewer."""
