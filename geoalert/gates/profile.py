"""The agency's law and habits as data, read from a profile file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from geoalert.alert import KINDS
from geoalert.alert.checks import language_tag, line, one_of
from geoalert.alert.limits import LIMITS, Limits
from geoalert.errors import AlertError


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What differs between agencies.

    Attributes:
        emergency, tip_line: contact lines by language.
        case_pattern: regular expression that a case number matches whole.
        kinds: kinds of alert this agency issues or relays.
        limits: what areas and channels may measure before a plan warns or needs a reason, by kind.
        takedown_minutes, error_minutes: how long a takedown may take, and one after an error.
        reviewed_by, reviewed_on: who checked the file against the law; a profile that nobody reviewed cannot go live.
    """

    name: str
    emergency: Mapping[str, str] = field(default_factory=dict)
    tip_line: Mapping[str, str] = field(default_factory=dict)
    case_pattern: str | None = None
    kinds: tuple[str, ...] = tuple(KINDS)
    limits: Mapping[str, Limits] = field(default_factory=lambda: LIMITS)
    takedown_minutes: int = 60
    error_minutes: int = 15
    reviewed_by: str | None = None
    reviewed_on: date | None = None

    def __post_init__(self) -> None:
        for name in ("emergency", "tip_line"):
            lines = {
                language_tag(tag, field=f"contact.{tag}"): line(text, field=f"contact.{tag}.{name}", required=False, breaks=False)
                for tag, text in getattr(self, name).items()
            }
            object.__setattr__(self, name, {tag: text for tag, text in lines.items() if text})
        object.__setattr__(self, "kinds", tuple(one_of(kind, KINDS, field="kinds", code="unknown_kind") for kind in self.kinds))
        if self.case_pattern is not None:
            try:
                re.compile(self.case_pattern)
            except re.error as err:
                raise AlertError(
                    "the case pattern is no regular expression", code="invalid_pattern", field="case_pattern", value=self.case_pattern
                ) from err

    @property
    def reviewed(self) -> bool:
        """A named person checked the file, on a known day."""
        return bool(self.reviewed_by and self.reviewed_on)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have contact lines."""
        return tuple(dict.fromkeys([*self.emergency, *self.tip_line]))
