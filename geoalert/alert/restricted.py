"""What is known and never published: a type that rendering cannot receive."""

from __future__ import annotations

from dataclasses import dataclass, fields

from geoalert.alert.checks import optional_line
from geoalert.alert.typed import parts, quiet, text_list, whole_number
from geoalert.errors import AlertError

_SINGLE = ("surname", "gender", "diagnosis", "address", "care_status", "relationship", "notes")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RestrictedPerson:
    """The withheld fields of one person of the alert, by number; `repr` says which are there, never what they say.

    Attributes:
        care_status: that a child is in care, or where (CYFSA s.87(8)).
        relationship: to the victim or a witness, which would identify them (Criminal Code s.486.4).
        handles: names on social networks.
        notes: for the house; the gates do not search public texts for it.

    Raises:
        AlertError: never with the value; `control_characters`, `not_text`, `not_a_list`, `wrong_type`, `person_number`.
    """

    number: int
    surname: str | None = None
    gender: str | None = None
    diagnosis: str | None = None
    address: str | None = None
    care_status: str | None = None
    relationship: str | None = None
    handles: tuple[str, ...] = ()
    notes: str | None = None

    def __post_init__(self) -> None:
        whole_number(self.number, "a person's number starts at 1", code="person_number", field="people.number")
        where = f"people.{self.number}.restricted"
        for name in _SINGLE:
            object.__setattr__(self, name, quiet(optional_line, getattr(self, name), field=f"{where}.{name}"))
        object.__setattr__(self, "handles", quiet(text_list, self.handles, field=f"{where}.handles"))

    def __repr__(self) -> str:
        return f"RestrictedPerson(number={self.number}, holds={'+'.join(self.held) or 'nothing'})"

    @property
    def held(self) -> tuple[str, ...]:
        """Names of the fields that hold something."""
        return tuple(f.name for f in fields(self) if f.name != "number" and getattr(self, f.name))

    def parts(self) -> dict[str, str]:
        """Returns the values by dotted name, for the restricted folder of a plan and for gates that search public words."""
        found: dict[str, str] = {}
        for name in self.held:
            value = getattr(self, name)
            texts = value if isinstance(value, tuple) else (value,)
            found |= {f"people.{self.number}.{name}" + (f".{n}" if len(texts) > 1 else ""): text for n, text in enumerate(texts, 1)}
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Restricted:
    """Everything about the alert's people that stays inside the house."""

    people: tuple[RestrictedPerson, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", parts(self.people, RestrictedPerson, field="restricted.people"))
        numbers = [person.number for person in self.people]
        if len(set(numbers)) != len(numbers):
            raise AlertError("two restricted records name one person", code="person_number", field="restricted.people")

    def __bool__(self) -> bool:
        return any(person.held for person in self.people)

    def parts(self) -> dict[str, str]:
        """Returns every value by dotted name; enters a plan only as salted digests."""
        return {name: text for person in self.people for name, text in person.parts().items()}
