"""Rings that grow round the place where someone was last seen, by time or by a named signal."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from geoalert import geo
from geoalert.area import Area
from geoalert.errors import AreaError
from geoalert.geo.lonlat import check_number
from geoalert.text import nearest

_PIECE = re.compile(r"(\d{1,5})\s*(d|h|m)")
_LONG = {"d": "days", "h": "hours", "m": "minutes"}
_STEP = ("after", "radius_m", "or_on")


@dataclass(frozen=True, slots=True)
class Ring:
    """One step: from when after the last sighting, or from which signal, and how far.

    Attributes:
        after: as written, `2h`, `90m` or `1h30m`.
        or_on: the signal that begins it early.
    """

    after: str
    radius_m: float
    or_on: str | None = None

    @property
    def delay(self) -> timedelta:
        """The time after the last sighting."""
        return read_delay(self.after, field="after")

    def to_dict(self) -> dict[str, Any]:
        """Returns the step as a rule keeps it."""
        return {"after": self.after, "radius_m": self.radius_m} | ({"or_on": self.or_on} if self.or_on else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """Circles round one place, each wider and later than the one before; numbered from 1.

        rings = Rings(lon=-79.47999, lat=43.66007, since=since, steps=(Ring("0h", 800), Ring("2h", 1600), Ring("4h", 2500, "transit")))
        rings.reached(since + timedelta(hours=3))      # 2
        rings.delta(2)                                 # the second ring without the first

    Attributes:
        since: when the person was last seen, aware; kept in UTC.

    Raises:
        AreaError: codes rings_shrink, rings_not_later, no_rings, naive_time, time_out_of_range, invalid_delay, invalid_field.
    """

    lon: float
    lat: float
    since: datetime
    steps: tuple[Ring, ...]

    def __post_init__(self) -> None:
        geo.check_lonlat(self.lon, self.lat)
        _check_aware(self.since, field="since")
        object.__setattr__(self, "since", _in_range(partial(self.since.astimezone, UTC), self.since, field="since"))
        if not self.steps:
            raise AreaError(
                "rings need at least one step", code="no_rings", field="steps", do='Write steps = [{after = "0h", radius_m = 800}].'
            )
        for number, step in enumerate(self.steps, 1):
            check_number(step.radius_m, field=f"steps.{number}.radius_m")
            geo.check_radius(step.radius_m, field=f"steps.{number}.radius_m")
            delay = read_delay(step.after, field=f"steps.{number}.after")
            _in_range(partial(operator.add, self.since, delay), step.after, field=f"steps.{number}.after")
            _check_signal(step.or_on, field=f"steps.{number}.or_on")
        object.__setattr__(self, "steps", tuple(Ring(step.after, float(step.radius_m), step.or_on) for step in self.steps))
        object.__setattr__(self, "lon", float(self.lon))
        object.__setattr__(self, "lat", float(self.lat))
        for number, (before, step) in enumerate(zip(self.steps, self.steps[1:], strict=False), 2):
            _check_growth(number, before, step)

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> Rings:
        """Returns the rings of a rule with lon, lat, since and steps."""
        return cls(lon=rule["lon"], lat=rule["lat"], since=_instant(rule.get("since")), steps=_steps(rule.get("steps")))

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals that steps name."""
        return tuple(step.or_on for step in self.steps if step.or_on)

    def begins(self, number: int) -> datetime:
        """Returns when a ring begins by time alone, in UTC."""
        return self.since + self.steps[number - 1].delay

    def reached(self, at: datetime, signals: Collection[str] = ()) -> int:
        """Returns the number of the widest ring that has begun by then, 0 for none; a signal begins its ring and those within it.

        Raises:
            AreaError: codes unknown_signal, naming the nearest; naive_time.
        """
        _check_aware(at, field="at")
        check_signals(signals, self.signals)
        begun = [n for n, step in enumerate(self.steps, 1) if self.begins(n) <= at or (step.or_on is not None and step.or_on in signals)]
        return max(begun, default=0)

    def area(self, number: int) -> Area:
        """Returns everything within a ring, earlier rings included."""
        self._check(number)
        made = self._circle(number)
        for inner in range(number - 1, 0, -1):
            earlier = self._circle(inner)
            # Edges lie within 0.5 m of the radius, so that rings less than a metre apart may cross.
            if not made.covers(earlier):
                made = made.union(earlier)
        return Area.resolved(made, self.rule() | {"ring": number})

    def delta(self, number: int) -> Area:
        """Returns what a ring adds to the one before it."""
        self._check(number)
        if number == 1:
            return self.area(1)
        added = self.area(number).geometry.difference(self.area(number - 1).geometry)
        return Area.resolved(added, self.rule() | {"ring": number, "delta": True})

    def deltas(self) -> tuple[Area, ...]:
        """Returns what each ring adds; together they are the last ring."""
        return tuple(self.delta(number) for number in range(1, len(self.steps) + 1))

    def rule(self) -> dict[str, Any]:
        """Returns the rule, JSON-ready, `since` in UTC."""
        steps = [step.to_dict() for step in self.steps]
        return {"type": "rings", "lon": self.lon, "lat": self.lat, "since": self.since.isoformat(), "steps": steps}

    def _circle(self, number: int) -> Any:
        return geo.circle_polygon(self.lon, self.lat, self.steps[number - 1].radius_m)

    def _check(self, number: int) -> None:
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(self.steps):
            raise AreaError(
                "there is no such ring", code="unknown_ring", field="ring", value=number, do=f"Give a number from 1 to {len(self.steps)}."
            )


def read_delay(text: str, *, field: str) -> timedelta:
    """Returns the time that `2h`, `90m`, `1h30m` or `2d` names.

    Raises:
        AreaError: code invalid_delay.
    """
    plain = text.strip().lower() if isinstance(text, str) else ""
    pieces = _PIECE.findall(plain)
    if not pieces or _PIECE.sub("", plain).strip():
        raise AreaError(
            "not a length of time", code="invalid_delay", field=field, value=text, do='Write it as "2h", "90m", "1h30m" or "2d".'
        )
    return sum((timedelta(**{_LONG[unit]: int(count)}) for count, unit in pieces), timedelta())


def check_signals(signals: Collection[str], known: Collection[str]) -> None:
    """Refuses a signal that no ring waits for.

    Raises:
        AreaError: code unknown_signal, naming the nearest, else all that are known.
    """
    for signal in signals:
        if signal not in known:
            listed = ", ".join(nearest(signal, known) or known)
            raise AreaError(
                "no ring waits for this signal",
                code="unknown_signal",
                field="signal",
                value=signal,
                do=f"Known: {listed}." if listed else "Leave it out; these rings begin by time alone.",
            )


def _check_aware(moment: object, *, field: str) -> None:
    if not isinstance(moment, datetime):
        raise AreaError("not a date and time", code="invalid_field", field=field, value=moment, do="Give a datetime with its offset.")
    if moment.utcoffset() is None:
        raise AreaError("a time has no time zone", code="naive_time", field=field, value=moment.isoformat(), do="Add its offset.")


def _check_signal(name: object, *, field: str) -> None:
    if name is not None and not (isinstance(name, str) and name.strip()):
        raise AreaError(
            "not the name of a signal", code="invalid_field", field=field, value=name, do='Write a name, such as "transit-sighting".'
        )


def _in_range(begins: Callable[[], datetime], value: object, *, field: str) -> datetime:
    try:
        return begins()
    except OverflowError as err:
        raise AreaError(
            "a time beyond the years 1 to 9999", code="time_out_of_range", field=field, value=value, do="Correct the time or the delay."
        ) from err


def _check_growth(number: int, before: Ring, step: Ring) -> None:
    if step.radius_m <= before.radius_m:
        raise AreaError(
            f"ring {number} is no wider than ring {number - 1}, which has {before.radius_m:g} m",
            code="rings_shrink",
            field=f"steps.{number}.radius_m",
            value=step.radius_m,
            do="Give each step a larger radius than the one before; to narrow an area, write a new one.",
        )
    if step.delay <= before.delay:
        raise AreaError(
            f"ring {number} begins no later than ring {number - 1}, which begins after {before.after}",
            code="rings_not_later",
            field=f"steps.{number}.after",
            value=step.after,
            do="Put the steps in the order of their times, each with its own; of two at one time only the wider would ever count.",
        )


def _instant(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as err:
        raise AreaError(
            "rings need the time of the last sighting",
            code="missing_field" if value is None else "invalid_field",
            field="since",
            value=value,
            do="Write since = 2027-01-19T16:40:00.",
        ) from err


def _steps(value: object) -> tuple[Ring, ...]:
    if not isinstance(value, list | tuple):
        raise AreaError("rings need steps", code="missing_field", field="steps", do='Write steps = [{after = "0h", radius_m = 800}].')
    found = []
    for number, step in enumerate(value, 1):
        if not isinstance(step, Mapping) or not {"after", "radius_m"} <= step.keys() <= set(_STEP):
            raise AreaError(
                "a step has after and radius_m, and may have or_on",
                code="invalid_field",
                field=f"steps.{number}",
                do='Write {after = "2h", radius_m = 1600}.',
            )
        radius_m = step["radius_m"]
        check_number(radius_m, field=f"steps.{number}.radius_m")
        found.append(Ring(step["after"], float(radius_m), step.get("or_on")))
    return tuple(found)
