"""Keeping what arrived of a file, so that an interrupted download goes on where it stopped."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from geoalert.errors import OutcomeUnknown
from geoalert.http.addresses import origin
from geoalert.http.answer import Answer, Headers


@dataclass(frozen=True, slots=True)
class Validator:
    """What proves that the rest of a file belongs to the part we have.

    Attributes:
        asked: digest of the address, which may hold a secret.
        mark: a strong ETag or a Last-Modified date.
        have_bytes: size of the part.
    """

    asked: str
    mark: str
    have_bytes: int = 0

    def headers(self) -> dict[str, str]:
        """Returns the request headers for the missing rest."""
        return {"Range": f"bytes={self.have_bytes}-", "If-Range": self.mark}

    @classmethod
    def read(cls, part: Path, *, url: str) -> Self | None:
        """Returns the validator beside `part`, or None where going on would be a guess."""
        try:
            noted = json.loads(_beside(part).read_text(encoding="utf-8"))
            known = cls(asked=str(noted["asked"]), mark=str(noted["mark"]), have_bytes=part.stat().st_size)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return known if known.asked == _digest(url) and known.have_bytes else None

    @classmethod
    def of(cls, headers: Headers, *, url: str) -> Self | None:
        """Returns the validator a server offers; weak ETags prove nothing about bytes (RFC 9110 section 13.1.5)."""
        mark = headers.get("etag", "")
        mark = headers.get("last-modified", "") if not mark or mark.startswith("W/") else mark
        return cls(asked=_digest(url), mark=mark) if mark else None

    def write(self, part: Path) -> None:
        """Writes the validator beside `part`."""
        _beside(part).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def forget(part: Path) -> None:
        """Removes the part and its validator."""
        part.unlink(missing_ok=True)
        _beside(part).unlink(missing_ok=True)


def keep(
    chunks: Iterator[bytes],
    *,
    answer: Answer,
    part: Path,
    known: Validator | None,
    asked: str,
    progress: Callable[[int, int | None], None] | None,
    limit_bytes: int,
) -> None:
    """Writes the chunks to `part`, after what is there when the server sends the rest only, and flushes them to disk.

    Raises:
        OutcomeUnknown: larger than `limit_bytes`, or another range than the one asked for.
    """
    start = _start(answer, known, part)
    if not start:
        Validator.forget(part)
        offered = Validator.of(answer.headers, url=asked)
        if offered is not None and "content-encoding" not in answer.headers:
            offered.write(part)
    length = answer.headers.get("content-length", "")
    total = start + int(length) if length.isdigit() else None
    done = start
    with part.open("ab" if start else "wb") as file:
        for chunk in chunks:
            done += len(chunk)
            if done > limit_bytes:
                raise OutcomeUnknown(f"{origin(answer.url)}: the file is larger than {limit_bytes} bytes", code="answer_too_large")
            file.write(chunk)
            if progress is not None:
                progress(done, total)
        file.flush()
        os.fsync(file.fileno())


def _start(answer: Answer, known: Validator | None, part: Path) -> int:
    if answer.status != 206:
        return 0
    said = re.match(r"bytes (\d+)-", answer.headers.get("content-range", ""))
    if known is None or said is None or int(said.group(1)) != known.have_bytes:
        Validator.forget(part)
        raise OutcomeUnknown(f"{origin(answer.url)} sent another part of the file than asked for", code="broken_reply")
    return known.have_bytes


def _beside(part: Path) -> Path:
    return part.with_name(part.name + ".from")


def _digest(url: str) -> str:
    return sha256(url.encode()).hexdigest()
