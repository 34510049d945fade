"""A person as an alert may describe them: numbered, labelled, never by surname."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from geoalert.alert.checks import line, one_of, optional_line
from geoalert.alert.typed import number, text_list, whole_number
from geoalert.errors import AlertError

LABELS = ("suspect", "person_of_interest", "wanted", "missing", "witness")
_SINGLE = ("first_name", "sex", "build", "hair", "facial_hair", "eyes", "complexion", "weapon", "direction")
_AGE = re.compile(r"(?P<low>\d{1,3})(?:\s*[-\u2013]\s*(?P<high>\d{1,3}))?|(?P<decade>\d0)s|(?P<months>\d{1,2}) months?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One described person; what may never be published lives in `RestrictedPerson`.

    Attributes:
        number: how texts and media refer to the person; kept through every revision.
        label: a suspect is not a person of interest, and nothing turns one into the other.
        age: `16`, `25-35`, `30s` or `18 months`.
        first_name: alone; a surname is a restricted field and has no place here.
        sex: as perceived; withheld of a missing person.
        complexion: as perceived; a thin description that rests on it is no description.
        clothing: top to bottom.
        accessories: bag, cane, umbrella; marks: scars, tattoos, a limp.
        direction: of flight, or where last seen going.

    Raises:
        AlertError: `unknown_label`, `invalid_age`, `height_out_of_range`, `person_number`, `wrong_type`.
    """

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

    def __post_init__(self) -> None:
        whole_number(self.number, "a person's number starts at 1", code="person_number", field="people.number")
        where = f"people.{self.number}"
        object.__setattr__(self, "label", one_of(self.label, LABELS, field=f"{where}.label", code="unknown_label"))
        for name in _SINGLE:
            object.__setattr__(self, name, optional_line(getattr(self, name), field=f"{where}.{name}"))
        for name in ("clothing", "accessories", "marks"):
            object.__setattr__(self, name, text_list(getattr(self, name), field=f"{where}.{name}"))
        if self.age is not None:
            object.__setattr__(self, "age", line(str(self.age), field=f"{where}.age"))
            _years(str(self.age), where)
        height = number(self.height_cm, field=f"{where}.height_cm")
        if height is not None and not 30 <= height <= 260:
            raise AlertError(
                "no person has this height",
                code="height_out_of_range",
                field=f"{where}.height_cm",
                value=self.height_cm,
                do="Give centimetres: 5'9\" is 175",
            )

    @property
    def age_years(self) -> tuple[int, int] | None:
        """Youngest and oldest the person may be; None where no age is known."""
        return None if self.age is None else _years(self.age, f"people.{self.number}")

    def to_dict(self) -> dict[str, Any]:
        """Returns every field by name, lists as lists."""
        whole = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in whole.items()}


def _years(age: str, where: str) -> tuple[int, int]:
    found = _AGE.fullmatch(age)
    low = high = -1
    if found and found["decade"]:
        low, high = int(found["decade"]), int(found["decade"]) + 9
    elif found and found["months"]:
        low = high = int(found["months"]) // 12
    elif found:
        low = int(found["low"])
        high = int(found["high"] or low)
    if not 0 <= low <= high <= 120:
        raise AlertError("not an age", code="invalid_age", field=f"{where}.age", value=age, do="Write 16, 25-35, 30s or 18 months")
    return low, high
