"""Whom the public answers: the unit's phone with the dates it is good for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from geoalert.directory.model import Unit
from geoalert.errors import DirectoryError
from geoalert.text import fold, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The unit that answers, as the public reads it; an e-mail address only where it has no phone."""

    unit: str
    phone: str | None = None
    email: str | None = None

    @property
    def line(self) -> str:
        """One line of a post, `sex-crimes: 416-555-0174`."""
        return f"{self.unit}: {self.phone or self.email}"


def contact_of(units: Iterable[Unit], name: str, *, on: date) -> Contact:
    """Returns the contact of the unit of that name on that day; of several rows that hold, the last.

    Raises:
        DirectoryError: `unknown_unit` with the nearest, or `unit_not_valid` when no row holds on that day.
    """
    rows = tuple(units)
    named = [row for row in rows if fold(row.unit) == fold(name)]
    if not named:
        near = nearest(name, (row.unit for row in rows))
        do = f"Did you mean {' or '.join(near)}?" if near else "Add its row to units.csv"
        raise DirectoryError("no such unit", code="unknown_unit", field="unit", value=name, do=do)
    current = [row for row in named if row.valid_on(on)]
    if not current:
        raise DirectoryError(
            f"no phone of this unit is valid on {on.isoformat()}",
            code="unit_not_valid",
            field="unit",
            value=name,
            do="Add the row that holds now to units.csv",
        )
    return Contact(unit=current[-1].unit, phone=current[-1].phone or None, email=current[-1].email or None)
