"""Two publishers that the kill tests need beside the shipped one: without any way to ask, and with one."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime
from typing import ClassVar

from geoalert.http import Answer
from geoalert.publishing import Capabilities, Post, Publisher, Receipt

IN_FLIGHT = 8


class PlainPublisher(Publisher):
    """A place that puts up what it is told, and tells nobody afterwards what it has."""

    name = "plain"
    capabilities: ClassVar[Capabilities] = Capabilities(in_flight=IN_FLIGHT)
    options: ClassVar[dict[str, str]] = {"url": "where it is"}

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Puts up a text."""
        self._ask("POST", key, post.text.encode()).require().json()
        return self._receipt(key)

    def _ask(self, method: str, key: str, body: bytes | None = None) -> Answer:
        assert self.http is not None
        url = f"{self.account.option('url', str)}/plain/{key}"
        answer: Answer = self.http.request(method, url, body=body, timeout_s=5.0, internal=True)
        return answer

    def _receipt(self, key: str) -> Receipt:
        return Receipt(publisher=self.name, account=self.account.name, id=key, at=self.clock())


class FindPublisher(PlainPublisher):
    """The same place, which can be asked what stands there."""

    name = "find"
    capabilities: ClassVar[Capabilities] = Capabilities(in_flight=IN_FLIGHT, find=True)

    def find(self, post: Post, *, key: str, since: datetime) -> Receipt | None:
        """Looks at the place itself."""
        answer = self._ask("GET", key)
        return None if answer.status == 404 else self._receipt(key) if answer.require() else None
