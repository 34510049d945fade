"""What a server answered, and which error each status is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, Self

from geoalert.errors import NotSent, OutcomeUnknown, Rejected
from geoalert.http.addresses import origin

LONGEST_WAIT = timedelta(days=366)
"""What a longer wait counts as, so that no number of a server's overflows."""


class Headers(Mapping[str, str]):
    """Header fields, looked up in any case (RFC 9110 section 5.1)."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str] | None = None) -> None:
        self._fields = {name.lower(): value for name, value in (fields or {}).items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """One whole reply: status, headers, body and the address that gave it.

    Attributes:
        url: the last address after redirects; it may hold a secret, so errors and `repr` show only its host.
        received_at: when it arrived; dates in Retry-After are measured from here.
    """

    status: int
    headers: Headers
    body: bytes
    url: str
    received_at: datetime

    def __repr__(self) -> str:
        return f"Answer(status={self.status}, from={origin(self.url)!r}, bytes={len(self.body)})"

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case; empty when the server named none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def retry_after_s(self) -> float | None:
        """Seconds the server asked us to wait, from seconds or a date (RFC 9110 section 10.2.3); at most a year."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return min(float(text), LONGEST_WAIT.total_seconds())
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, min(at - self.received_at, LONGEST_WAIT).total_seconds())

    def text(self) -> str:
        """Returns the body as text in the charset the server named, else UTF-8; broken bytes become U+FFFD."""
        header = Message()
        header["content-type"] = self.headers.get("content-type", "")
        try:
            return self.body.decode(header.get_content_charset("utf-8"), errors="replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Returns the body as JSON.

        Raises:
            OutcomeUnknown: it is not JSON, so nobody knows what the server did (`broken_reply`).
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            pass
        kind = self.media_type or "no media type"
        raise OutcomeUnknown(f"{origin(self.url)} answered {self.status} with something that is not JSON ({kind})", code="broken_reply")

    def require(self) -> Self:
        """Returns the answer itself when its status is 2xx.

        Raises:
            Rejected: 401, 403 (`credentials_refused`), any other 4xx or an unfollowed redirect (`refused_by_server`).
            NotSent: 429 (`rate_limited`), or 503 that says when to come back (`unavailable`).
            OutcomeUnknown: any other status (`server_error`).
        """
        if 200 <= self.status < 300:
            return self
        said = f"{origin(self.url)} answered {self.status}"
        if self.status in (401, 403):
            raise Rejected(said, code="credentials_refused", do="Check the account's credentials and permissions")
        if self.status == 429:
            raise NotSent(said, code="rate_limited", retry_after_s=self.retry_after_s)
        if self.status == 503 and self.retry_after_s is not None:
            raise NotSent(said, code="unavailable", retry_after_s=self.retry_after_s)
        if 300 <= self.status < 500:
            raise Rejected(said, code="refused_by_server")
        raise OutcomeUnknown(said, code="server_error")
