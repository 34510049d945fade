"""What a test asks of the other side: what stands there now, and what goes wrong on purpose."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from geoalert.errors import PublishError
from geoalert.http import Answer, Http
from geoalert.http.body import Body, FilePart
from geoalert.media import Rendition

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
"""A picture of one pixel, which every reader of PNG takes."""


def image(number: int = 1, *, media_type: str = "image/png", alt: str | None = None, size_bytes: int | None = None) -> Rendition:
    """Returns a small image that no other number has, with alternative text that no other has."""
    content = PNG + f"image {number}".encode()
    content += bytes(max(0, (size_bytes or 0) - len(content)))
    return Rendition(
        content=content,
        media_type=media_type,
        width_px=1,
        height_px=1,
        alt=f'Picture {number}: "ünusual" <marks> & more' if alt is None else alt,
        media_class="other",
        source_digest=hashlib.sha256(content).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class Arrived:
    """One post as the other side has it, after undoing the escaping that it documents.

    Attributes:
        images: content and alternative text of each.
        reply_to: the original that it is linked to, by the place's own id.
        pinged: whom it alerts beyond those who read the place anyway.
    """

    text: str
    id: str = ""
    title: str | None = None
    link: str | None = None
    images: tuple[tuple[bytes, str], ...] = ()
    reply_to: str | None = None
    pinged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a fault has to become: one of these classes, and the wait that the server asked for.

    Attributes:
        verbs: those that it spoils.
    """

    kinds: tuple[type[PublishError], ...]
    retry_after_s: float | None = None
    verbs: tuple[str, ...] = ("publish", "replace", "recall")


class Place(Protocol):
    """The other side of one publisher."""

    @property
    def faults(self) -> Mapping[str, Expected]:
        """Everything that can go wrong there, by name."""

    def fault(self, name: str) -> AbstractContextManager[object]:
        """Makes one of them happen for as long as the context lasts."""

    def standing(self) -> Sequence[Arrived]:
        """Returns the posts that stand there now, first to last."""

    def touched(self) -> int:
        """Returns how often anything was asked of it, to prove that a refusal asked nothing."""


class Watched:
    """An Http that a test lends to a publisher: it reaches this machine, waits briefly, and remembers how it was used.

    Attributes:
        timeouts: of every request so far, seconds, as the publisher gave them.
        urls: likewise, whole.
        internals: likewise, whether addresses inside private networks were meant.
        tls: from here on requests are made over TLS, whatever the address says.
    """

    def __init__(self, *, wait_s: float = 0.4) -> None:
        self._http = Http()
        self._wait_s = wait_s
        self.timeouts: list[float] = []
        self.urls: list[str] = []
        self.internals: list[bool] = []
        self.tls = False

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
        """Asks as `Http.request` does, this machine included."""
        if not (isinstance(timeout_s, int | float) and 0 < timeout_s < math.inf):
            raise AssertionError(f"a request without a timeout that ends: {timeout_s!r}")
        self.timeouts.append(timeout_s)
        self.urls.append(url)
        self.internals.append(internal)
        if self.tls:
            url = urlsplit(url)._replace(scheme="https").geturl()
        return self._http.request(
            method,
            url,
            headers=headers,
            body=body,
            files=files,
            timeout_s=min(timeout_s, self._wait_s),
            internal=True,
            limit_bytes=limit_bytes,
        )
