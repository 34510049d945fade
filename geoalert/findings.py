"""What a gate, check or reader says about something it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["refuse", "withhold", "warn", "note"]

WITHHELD = "restricted rule"
"""The reason, and the only one, that is given of a venue at a withheld place."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: how serious, a stable code, the rule and where the rule comes from.

    `refuse` stops, `withhold` leaves a field out, `warn` needs a person's eye, `note` records (a repair, a policy applied).
    """

    level: Level
    code: str
    text: str
    rule: str | None = None
    source: str | None = None
    where: str | None = None

    def __post_init__(self) -> None:
        if self.level not in ("refuse", "withhold", "warn", "note"):
            raise ValueError(f"unknown finding level {self.level!r}")

    def to_dict(self) -> dict[str, str | None]:
        """Returns the finding as JSON-ready text fields."""
        return {name: getattr(self, name) for name in ("level", "code", "text", "rule", "source", "where")}
