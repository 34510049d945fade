"""Which channels and venues an alert wants, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geoalert.alert.checks import instant, one_of
from geoalert.alert.typed import refuse_type, text_list
from geoalert.errors import AlertError
from geoalert.text import fold

UNKNOWN_HOURS = ("list", "include", "exclude")
_CATEGORY = re.compile(r"\*|[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceRule:
    """Which places are wanted.

    Attributes:
        categories: of venues, `nightlife.*` for a whole branch; none: no venue is asked for.
        exclude: categories left out of the above.
        allow: sensitive categories (schools, shelters, clinics) that this alert may reach; they need naming.
        open: only venues open at some time between the two.
        unknown_hours: what becomes of a venue whose hours nobody knows: `list`, `include` or `exclude`.
        channels: ids of the only channels wanted; None: every fitting one.
    """

    categories: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    open: tuple[datetime, datetime] | None = None
    unknown_hours: str = "list"
    channels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("categories", "exclude", "allow"):
            values = text_list(getattr(self, name), field=f"audience.{name}")
            for value in values:
                if not _CATEGORY.fullmatch(value):
                    raise AlertError(
                        "not a category",
                        code="invalid_category",
                        field=f"audience.{name}",
                        value=value,
                        do="Write nightlife.nightclub, or nightlife.* for a branch",
                    )
            object.__setattr__(self, name, values)
        known = one_of(self.unknown_hours, UNKNOWN_HOURS, field="audience.unknown_hours", code="unknown_hours_policy")
        object.__setattr__(self, "unknown_hours", known)
        if self.channels is not None:
            object.__setattr__(self, "channels", text_list(self.channels, field="audience.channels"))
        if self.open is not None:
            if not isinstance(self.open, tuple | list) or len(self.open) != 2:
                refuse_type(self.open, "two times, from and to", field="audience.open")
            start, end = (instant(value, field="audience.open") for value in self.open)
            if end <= start:
                raise AlertError("the opening window ends before it begins", code="window_reversed", field="audience.open")
            object.__setattr__(self, "open", (start, end))

    def wants(self, category: str) -> bool:
        """Tells whether a venue of this category is asked for.

        `nightlife.*` takes `nightlife` itself and everything below it; `exclude` wins over `categories`.
        """
        return _within(category, self.categories) and not _within(category, self.exclude)

    def allows(self, category: str) -> bool:
        """Tells whether a sensitive category was named as allowed."""
        return _within(category, self.allow)

    def to_dict(self) -> dict[str, Any]:
        """Returns the rule JSON-ready, times in UTC."""
        return {
            "categories": list(self.categories),
            "exclude": list(self.exclude),
            "allow": list(self.allow),
            "open": None if self.open is None else [moment.isoformat() for moment in self.open],
            "unknown_hours": self.unknown_hours,
            "channels": None if self.channels is None else list(self.channels),
        }


def _within(category: str, patterns: tuple[str, ...]) -> bool:
    name = fold(category)
    return any(p in ("*", name) or (p.endswith(".*") and (name == p[:-2] or name.startswith(p[:-1]))) for p in patterns)
