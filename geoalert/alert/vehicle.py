"""A vehicle as an alert may describe it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from geoalert.alert.checks import optional_line
from geoalert.alert.typed import text_list, whole_number
from geoalert.errors import AlertError


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """One described vehicle; `plate` may be part of one, such as `...7K`.

    Raises:
        AlertError: `empty_vehicle`, nothing says what it looks like.
    """

    number: int = 1
    colour: str | None = None
    make: str | None = None
    model: str | None = None
    year: str | None = None
    body: str | None = None
    plate: str | None = None
    marks: tuple[str, ...] = ()
    direction: str | None = None

    def __post_init__(self) -> None:
        whole_number(self.number, "a vehicle's number starts at 1", code="vehicle_number", field="vehicles.number")
        where = f"vehicles.{self.number}"
        names = ("colour", "make", "model", "year", "body", "plate", "direction")
        for name in names:
            object.__setattr__(self, name, optional_line(getattr(self, name), field=f"{where}.{name}"))
        object.__setattr__(self, "marks", text_list(self.marks, field=f"{where}.marks"))
        if not self.marks and not any(getattr(self, name) for name in names[:-1]):
            raise AlertError("a vehicle is not described", code="empty_vehicle", field=where, do="Give colour, make, body, plate or marks")

    def to_dict(self) -> dict[str, Any]:
        """Returns every field by name, lists as lists."""
        whole = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in whole.items()}
