"""People and vehicles described in one fixed, neutral order; a label is never turned into another."""

from __future__ import annotations

from collections.abc import Sequence

from geoalert.alert import Vehicle
from geoalert.gates.public import PublicPerson
from geoalert.rendering.words import Words

PERSON_ORDER = (
    "first_name",
    "sex",
    "age",
    "height",
    "build",
    "hair",
    "facial_hair",
    "eyes",
    "complexion",
    "clothing",
    "accessories",
    "marks",
    "direction",
    "weapon",
)
BRIEF = frozenset({"first_name", "age", "height", "clothing"})
"""What a short post keeps of a person."""
WITHOUT_WORDS = frozenset({"first_name", "age", "height"})
"""What reads the same in every language; the rest is in the author's."""
VEHICLE_ORDER = ("colour", "year", "make", "model", "body", "plate", "marks", "direction")
_VEHICLE_WITHOUT_WORDS = frozenset({"year", "make", "model", "plate"})


def person_line(person: PublicPerson, words: Words, *, among: int, brief: bool = False, own_language: bool = True) -> str | None:
    """Returns one line about a person, or None where nothing but the label could be said.

    Args:
        person: as the gates let it through.
        words: of the post's language.
        among: how many people the alert describes; alone, a person needs no number.
        brief: only name, age, height and clothing.
        own_language: the post is in the language that the description is written in; otherwise only figures and the name are said.
    """
    wanted = [name for name in PERSON_ORDER if (not brief or name in BRIEF) and (own_language or name in WITHOUT_WORDS)]
    said = [text for name in wanted if (text := _trait(person, name, words))]
    return words("labelled").format(label=person_label(person, words, among=among), text="; ".join(said)) if said else None


def person_label(person: PublicPerson, words: Words, *, among: int) -> str:
    """Returns the label, numbered where there are several people."""
    label = words(f"label.{person.label}")
    return label if among == 1 else words("numbered").format(label=label, number=person.number)


def vehicle_line(vehicle: Vehicle, words: Words, *, among: int, own_language: bool = True) -> str | None:
    """Returns one line about a vehicle, looks first, then plate, marks and direction; None where nothing could be said."""
    wanted = [name for name in VEHICLE_ORDER if own_language or name in _VEHICLE_WITHOUT_WORDS]
    looks = " ".join(text for name in wanted if name in VEHICLE_ORDER[:5] and (text := getattr(vehicle, name)))
    said = [looks] if looks else []
    for name in ("plate", "marks", "direction"):
        value = getattr(vehicle, name)
        if name in wanted and value:
            said.append(words(f"vehicle_words.{name}").format(_listed(value)))
    label = words("vehicle") if among == 1 else words("numbered").format(label=words("vehicle"), number=vehicle.number)
    return words("labelled").format(label=label, text="; ".join(said)) if said else None


def feet_and_inches(height_cm: float) -> tuple[int, int]:
    """Returns a height in whole feet and inches, rounded to the nearest inch."""
    return divmod(round(height_cm / 2.54), 12)


def _trait(person: PublicPerson, name: str, words: Words) -> str | None:
    if name == "height":
        if person.height_cm is None:
            return None
        feet, inches = feet_and_inches(person.height_cm)
        return words("person.height").format(cm=f"{person.height_cm:g}", feet=feet, inches=inches)
    value = getattr(person, name)
    if not value:
        return None
    return _listed(value) if name in ("first_name", "sex") else words(f"person.{name}").format(_listed(value))


def _listed(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
