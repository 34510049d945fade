"""Local times as people write them, read in the agency's zone and kept in UTC.

    read_time("2027-03-14T06:00:00", ZoneInfo("America/Toronto"), field="expires")   # 10:00 UTC
    read_time("2027-03-14T02:30:00", ZoneInfo("America/Toronto"), field="expires")   # missing_time: clocks skip it

An offset is worked out, never trusted: one that disagrees with the zone is a mistake about either the hour or the day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from geoalert.errors import AlertError, ConfigurationError
from geoalert.text import nearest

_FIRST_YEAR, _LAST_YEAR = 1970, 2199


def zone(name: str, *, field: str = "time_zone") -> ZoneInfo:
    """Returns the IANA zone of that name.

    Raises:
        ConfigurationError: `unknown_zone`, with the nearest.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        near = nearest(name, available_timezones())
        do = f"Did you mean {' or '.join(near)}?" if near else "Use an IANA name such as Europe/London"
        raise ConfigurationError("unknown time zone", code="unknown_zone", field=field, value=name, do=do) from err


def read_time(value: datetime | str, zone: ZoneInfo, *, field: str) -> datetime:
    """Returns the instant, in UTC, that a local time names.

    Args:
        value: local, or with an offset that agrees with the zone; text is ISO 8601.
        zone: the agency's.
        field: for errors.

    Raises:
        AlertError: `ambiguous_time` and `missing_time` where clocks change, naming both offsets; `offset_disagrees`;
            `not_a_time`, `time_out_of_range`.
    """
    moment = _parsed(value, field)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise AlertError("no alert lives in that year", code="time_out_of_range", field=field, value=moment.isoformat())
    local = moment.replace(tzinfo=None, fold=0)
    both = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    real = [one for one in both if one.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == local]
    names = " and ".join(dict.fromkeys(_offset(one) for one in both))
    if not real:
        raise AlertError(
            f"clocks in {zone.key} skip this time, between {names}",
            code="missing_time",
            field=field,
            value=moment.isoformat(),
            do="Give a time before or after the change",
        )
    given = moment.utcoffset()
    if given is not None:
        fitting = [one for one in real if one.utcoffset() == given]
        if not fitting:
            raise AlertError(
                f"the offset disagrees with {zone.key}, which is at {' or '.join(dict.fromkeys(_offset(one) for one in real))} then",
                code="offset_disagrees",
                field=field,
                value=moment.isoformat(),
                do="Leave the offset out, or write the zone's",
            )
        return fitting[0].astimezone(UTC)
    if real[0].utcoffset() != real[-1].utcoffset():
        raise AlertError(
            f"clocks in {zone.key} show this time twice, at {names}",
            code="ambiguous_time",
            field=field,
            value=moment.isoformat(),
            do=f"Add the offset you mean, {' or '.join(_offset(one) for one in real)}",
        )
    return real[0].astimezone(UTC)


def read_instant(value: datetime | str, zone: ZoneInfo | None, *, field: str) -> datetime:
    """Returns the instant, in UTC, of a time that carries its offset where no zone is known; else as `read_time`.

    Raises:
        AlertError: code zone_needed, and those of `read_time`.
    """
    if zone is not None:
        return read_time(value, zone, field=field)
    moment = _parsed(value, field)
    if moment.utcoffset() is None:
        raise AlertError(
            "a local time, and no project says in which zone",
            code="zone_needed",
            field=field,
            value=moment.isoformat(),
            do="Add its offset, or name the project: --project",
        )
    return moment.astimezone(UTC)


def format_local(moment: datetime, zone: ZoneInfo) -> str:
    """Returns the local time with its offset worked out, `2027-03-14T06:00:00-04:00`."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def _parsed(value: datetime | str, field: str) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        if len(value) <= len("2027-03-14"):
            raise ValueError("a date alone")
        return datetime.fromisoformat(value)
    except (ValueError, TypeError) as err:
        raise AlertError("not a date and time", code="not_a_time", field=field, value=str(value), do="Write YYYY-MM-DDTHH:MM:SS") from err


def _offset(moment: datetime) -> str:
    offset = moment.utcoffset() or timedelta()
    minutes = round(abs(offset).total_seconds() / 60)
    return f"{'-' if offset < timedelta() else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
