"""One load, many senders: our durable ledger and worker, a bare session with as many threads, and Apprise."""

from __future__ import annotations

import base64
import itertools
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import requests
from apprise import Apprise
from requests.adapters import HTTPAdapter

from geoalert.app.accounts import ready_accounts
from geoalert.clock import system_clock
from geoalert.outbox import Delivery, NewDelivery, SqliteOutbox
from geoalert.publishers.webhook import event_body
from geoalert.publishing import Account, Post
from geoalert.worker import Content, Worker

IN_FLIGHT = 64
ACCOUNTS = 4
SECRET = "whsec_" + base64.b64encode(b"a signing secret of 32 bytes ...").decode()
TEXT = "Robbery, Queen St W and Spadina Ave area, Friday, 11 pm. Do not approach. Call 9-1-1 if seen. " * 3


def post_of(channel: str, account: str) -> Post:
    """Returns the text that every sender sends."""
    return Post(channel=channel, account=account, address=channel, text=TEXT, language="en", title="Robbery")


class Ours:
    """Queues posts in a ledger on disk and sends them by the worker; each call is a new alert."""

    def __init__(self, url: str, count: int) -> None:
        self._count = count
        self._folder = tempfile.TemporaryDirectory(prefix="geoalert-bench-")
        self._outbox = SqliteOutbox(Path(self._folder.name) / "outbox.sqlite")
        secrets = {"secret": lambda: SECRET}
        accounts = {
            name: Account(name, "webhook", "sandbox", {"url": url, "internal": True}, secrets)
            for name in (f"account-{number}" for number in range(ACCOUNTS))
        }
        self._accounts = ready_accounts(accounts, clock=system_clock)
        self._names = tuple(accounts)
        self._alerts = itertools.count(1)

    def __call__(self) -> None:
        """Sends `count` posts, each on disk before its first byte leaves and again when it is answered."""
        alert, at = f"S{next(self._alerts)}", datetime.now(UTC)
        rows = (self._row(alert, number, at) for number in range(self._count))
        self._outbox.enqueue(rows, at=at)
        Worker(self._outbox, self._accounts, _content, system_clock, threads=IN_FLIGHT).run_once()

    def prove(self) -> None:
        """Sends once, and proves that the ledger calls every post done."""
        self()
        assert self._outbox.counts() == {"done": self._count}

    def _row(self, alert: str, number: int, at: datetime) -> NewDelivery:
        return NewDelivery(
            sender="Example Police", alert=alert, revision=1, channel=f"channel-{number}", account=self._names[number % ACCOUNTS],
            status="exercise", plan_digest="a", post_digest="b", expires_at=at + timedelta(hours=1),
        )  # fmt: skip


def _content(delivery: Delivery) -> Content:
    return Content(post_of(delivery.channel, delivery.account))


class Bare:
    """The same bodies through one `requests.Session` and 64 threads; nothing is remembered."""

    def __init__(self, url: str, count: int) -> None:
        self._url = url
        self._bodies = [event_body("post.published", "A" * 26, "A" * 26, post_of(f"channel-{n}", "account-0")) for n in range(count)]
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=IN_FLIGHT))

    def __call__(self) -> None:
        """Sends every body."""
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            for answer in pool.map(self._one, self._bodies):
                assert answer == 200

    def _one(self, body: bytes) -> int:
        return self._session.post(self._url, data=body, headers={"Content-Type": "application/json"}, timeout=20).status_code


class ByApprise:
    """The same text to as many JSON addresses, by one `notify`."""

    def __init__(self, url: str, count: int) -> None:
        self._apprise = Apprise()
        for number in range(count):
            assert self._apprise.add(f"{url.replace('http://', 'json://')}/channel-{number}")

    def __call__(self) -> None:
        """Notifies every address."""
        assert self._apprise.notify(body=TEXT, title="Robbery")


def senders(url: str, count: int) -> tuple[Ours, partial[None], partial[None]]:
    """Returns ours, the bare session and Apprise over one server."""
    return Ours(url, count), partial(Bare(url, count).__call__), partial(ByApprise(url, count).__call__)
