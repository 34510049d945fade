"""The one place that reads the time, so that tests and rehearsals can hand in another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Returns the present instant, aware, in UTC."""
    return datetime.now(UTC)


def fixed_clock(at: datetime) -> Clock:
    """Returns a clock that always shows `at`.

    Raises:
        ValueError: `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a clock needs an aware datetime")
    return lambda: at


def local_text(at: datetime, zone: str) -> str:
    """Returns an instant as people of that IANA zone read it, `2027-03-14 06:00 -0400 (America/Toronto)`."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %z} ({zone})"
