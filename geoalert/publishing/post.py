"""What must arrive in one place, and what the place answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from geoalert.media import Rendition

RAW_LIMIT_BYTES = 4096
_LARGEST_WHOLE = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Post:
    """The exact content meant for one channel: what must arrive, with every image and its alternative text."""

    channel: str
    account: str
    address: str
    text: str
    language: str
    media: tuple[Rendition, ...] = ()
    title: str | None = None
    link: str | None = None
    lon: float | None = None
    lat: float | None = None
    reply_to: Receipt | None = None
    """The original that an update links to."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side answered: enough to correct or recall the post years later, with nothing else at hand.

    Its time is kept in UTC and `raw` as JSON keeps it, so that what is read back from JSON is equal: a whole number that not every reader
    of JSON holds (RFC 8259 section 6) becomes text, NaN and infinity null, and a surrogate without its partner U+FFFD.
    """

    publisher: str
    account: str
    id: str
    at: datetime
    url: str | None = None
    parts: tuple[str, ...] = ()
    media_ids: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The answer, redacted, at most 4 kB as JSON."""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a receipt needs an aware time")
        if not isinstance(self.id, str) or not self.id:
            raise ValueError("a receipt without an id cannot be recalled")
        try:
            raw = _writable(json.dumps(dict(self.raw), default=str, ensure_ascii=False))
        except RecursionError:
            raise ValueError("raw is nested too deep; keep the ids, drop the rest") from None
        if len(raw.encode()) > RAW_LIMIT_BYTES:
            raise ValueError("raw is larger than 4 kB; keep the ids, drop the rest")
        kept: dict[str, Any] = {
            name: _writable(value) for name in ("publisher", "account", "id", "url") if (value := getattr(self, name)) is not None
        }
        kept |= {
            "at": self.at.astimezone(UTC),
            "parts": tuple(map(_writable, self.parts)),
            "media_ids": tuple(map(_writable, self.media_ids)),
            "raw": json.loads(raw, parse_int=_whole, parse_constant=lambda _: None),
        }
        for name, value in kept.items():
            object.__setattr__(self, name, value)

    def to_json(self) -> str:
        """Returns the receipt as one JSON object, keys sorted."""
        whole = {f.name: getattr(self, f.name) for f in fields(self)} | {"at": self.at.isoformat(), "raw": dict(self.raw)}
        return json.dumps(whole, sort_keys=True, default=str, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """Reads what `to_json` wrote, by this version or another: a field that is not known here is left out.

        Raises:
            ValueError: it is not a receipt.
        """
        whole = json.loads(text)
        try:
            known = {f.name: whole[f.name] for f in fields(cls) if f.name in whole}
            return cls(**known | {"at": datetime.fromisoformat(whole["at"])})
        except (KeyError, TypeError) as err:
            raise ValueError(f"not a receipt: {err}") from err


def _writable(given: object) -> str:
    text = str(given)
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _whole(digits: str) -> int | str:
    number = int(digits)
    return number if abs(number) <= _LARGEST_WHOLE else digits
