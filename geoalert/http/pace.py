"""What an answer says of a server's pace: how many more, from when, and how long to wait.

Sources: RFC 9110 section 10.2.3 (Retry-After); draft-ietf-httpapi-ratelimit-headers (RateLimit, RateLimit-Remaining, RateLimit-Reset);
the X-RateLimit and X-Rate-Limit families, whose reset is seconds from now, seconds or milliseconds since 1970, or a date in ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from geoalert.http.answer import LONGEST_WAIT, Answer, Headers
from geoalert.http.body import Body, FilePart
from geoalert.http.client import Http

_REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
_RESETS_AFTER = ("x-ratelimit-reset-after", "x-rate-limit-reset-after")
_RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_SINCE_1970 = 1e9
_MILLISECONDS = 1e11


@dataclass(frozen=True, slots=True)
class Pace:
    """What one answer said; None where it said nothing.

    Attributes:
        remaining: requests that are left until `resets_at`.
        resets_at: when the count begins anew.
        retry_at: when the server asked us to come back.
    """

    remaining: int | None = None
    resets_at: datetime | None = None
    retry_at: datetime | None = None


NOTHING_SAID = Pace()


def read_pace(headers: Mapping[str, str], at: datetime) -> Pace:
    """Returns what the headers of an answer say; what nobody can read counts as not said.

    Args:
        headers: in any case.
        at: when the answer arrived.
    """
    found = headers if isinstance(headers, Headers) else Headers(headers)
    if not any("ratelimit" in name or "rate-limit" in name or name == "retry-after" for name in found):
        return NOTHING_SAID
    remaining, resets_at = _structured(found.get("ratelimit", ""), at)
    if remaining is None:
        remaining = next((int(number) for name in _REMAINING if (number := _number(found.get(name))) is not None), None)
    if resets_at is None:
        after = next((number for name in _RESETS_AFTER if (number := _number(found.get(name))) is not None), None)
        resets_at = (
            _later(at, after) if after is not None else next((when for name in _RESETS if (when := _when(found.get(name), at))), None)
        )
    return Pace(remaining=remaining, resets_at=resets_at, retry_at=_retry_at(found.get("retry-after"), at))


class Told:
    """An Http that tells somebody the pace of every answer; what the worker's pacing is fed by.

    Args:
        internal: addresses inside private networks are meant, whatever a call says: the account's own option.
    """

    def __init__(self, http: Http, told: Callable[[Pace], None], *, internal: bool = False) -> None:
        self._http = http
        self._told = told
        self._internal = internal

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        files: Mapping[str, FilePart] | None = None,
        timeout_s: float = 30.0,
        internal: bool = False,
        limit_bytes: int | None = None,
    ) -> Answer:
        """Asks as `Http.request` does, and tells the pace before it returns."""
        inside = internal or self._internal
        answer = self._http.request(
            method, url, headers=headers, body=body, files=files, timeout_s=timeout_s, internal=inside, limit_bytes=limit_bytes
        )
        self._told(read_pace(answer.headers, answer.received_at))
        return answer


def _structured(text: str, at: datetime) -> tuple[int | None, datetime | None]:
    """Reads `"burst";r=9;t=3, "day";r=50;t=900` and the earlier `limit=100, remaining=50, reset=5`; of several policies the tightest."""
    rows: list[tuple[int, datetime | None]] = []
    for row in text.split(",") if ";" in text else [text.replace(",", ";")]:
        left = re.search(r"(?:^|[;\s])(?:r|remaining)=(\d{1,12})", row)
        wait = re.search(r"(?:^|[;\s])(?:t|reset)=(\d{1,12})", row)
        if left:
            rows.append((int(left[1]), _later(at, float(wait[1])) if wait else None))
    return min(rows, key=lambda row: row[0]) if rows else (None, None)


def _number(text: str | None) -> float | None:
    found = re.fullmatch(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*", text or "", re.ASCII)
    return float(found[1]) if found else None


def _when(text: str | None, at: datetime) -> datetime | None:
    number = _number(text)
    if number is not None:
        seconds = number / 1000 if number >= _MILLISECONDS else number
        return datetime.fromtimestamp(seconds, UTC) if _SINCE_1970 <= seconds < _MILLISECONDS else _later(at, seconds)
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _retry_at(text: str | None, at: datetime) -> datetime | None:
    number = _number(text)
    if number is not None:
        return _later(at, number)
    try:
        found = parsedate_to_datetime((text or "").strip())
    except (ValueError, OverflowError):
        return None
    return min(at + LONGEST_WAIT, max(at, found if found.tzinfo else found.replace(tzinfo=UTC)))


def _later(at: datetime, seconds: float) -> datetime:
    return at + min(timedelta(seconds=min(seconds, 1e9)), LONGEST_WAIT)
