"""A ledger and a worker over one real place, and a clock that a test sets."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from geoalert.outbox import Delivery, SqliteOutbox
from geoalert.publishers.webhook import WebhookPublisher
from geoalert.publishing import Account, Post, Publisher
from geoalert.testing import Arrived, Asked, HttpPlace, Reply, Watched
from geoalert.worker import Content, Ready, Worker
from tests.faults.child import AT, rows
from tests.faults.places import FindPublisher, PlainPublisher
from tests.publishers.places import WEBHOOK_SECRET
from tests.publishers.places import Receiver as Hook

HOOK, PLAIN, FIND = "webhook", "plain", "find"


class Wall(HttpPlace):
    """A place that puts up whatever it is asked to, as often as it is asked to.

    Attributes:
        posts: how often each key was put up.
    """

    secret = ""

    def __init__(self) -> None:
        super().__init__()
        self.posts: Counter[str] = Counter()

    def answer(self, asked: Asked) -> Reply:
        """Puts up a post, or tells whether it stands."""
        key = asked.path.rpartition("/")[2]
        if asked.method == "GET":
            return Reply({"id": key}, 200 if self.posts[key] else 404)
        self.posts[key] += 1
        self.keep(key, Arrived(text=asked.body.decode()))
        return Reply({"id": key}, 201)


class Evening:
    """So many posts of one alert for one account of one place.

    Attributes:
        now: what every clock here shows.
        most: posts in flight at once.
    """

    def __init__(
        self, place: HttpPlace, kind: str, folder: Path, *, count: int = 3, wait_s: float = 0.25, busy_timeout_s: float = 10
    ) -> None:
        self.place, self.kind, self.now = place, kind, AT
        self._path, self._busy_timeout_s = folder / "outbox.sqlite", busy_timeout_s
        self._http = Watched(wait_s=wait_s)
        secrets = {"secret": lambda: f"whsec_{WEBHOOK_SECRET}", "token": lambda: place.secret} if kind == HOOK else {}
        options = {"url": place.url} | ({"internal": True} if kind == HOOK else {})
        self._account = Account("one", kind, "sandbox", options, secrets)
        self._made = {HOOK: WebhookPublisher, PLAIN: PlainPublisher, FIND: FindPublisher}[kind]
        self.outbox = self.open()
        self.outbox.enqueue(rows(count), at=self.now)

    def open(self) -> SqliteOutbox:
        """Opens the ledger, as another process would."""
        return SqliteOutbox(self._path, busy_timeout_s=self._busy_timeout_s)

    def later(self, **by: float) -> None:
        """Sets the clock, back where it is negative."""
        self.now += timedelta(**by)

    def send(self, outbox: SqliteOutbox | None = None) -> int:
        """Lets a worker do what is due; returns how many tries that were."""
        ready = Ready(self._make(), self._made.capabilities, self._make)
        return Worker(outbox or self.outbox, {"one": ready}, _content, self._clock, chance=lambda: 0.5).run_once()

    def tls(self, on: bool) -> None:
        """Lets every request ask for TLS, which the place does not speak."""
        self._http.tls = on

    def send_for(self, *, minutes: int, step_s: int = 5) -> None:
        """Sends every few seconds for a while."""
        for _ in range(minutes * 60 // step_s):
            self.send()
            self.later(seconds=step_s)

    @property
    def states(self) -> dict[str, int]:
        """How many rows are in each state."""
        return self.outbox.counts()

    @property
    def codes(self) -> set[str | None]:
        """What the first tries are said to have failed with."""
        return {self.outbox.attempts(row.id)[0].error_code for row in self.outbox.deliveries() if row.tries}

    @property
    def standing(self) -> int:
        """How many posts stand at the place; none of them twice."""
        if isinstance(self.place, Wall):
            assert max(self.place.posts.values(), default=0) <= 1, "a post was put up twice"
        return len(self.place.standing())

    def _make(self) -> Publisher:
        return self._made(self._account, http=self._http, clock=self._clock)

    def _clock(self) -> datetime:
        return self.now


def _content(delivery: Delivery) -> Content:
    return Content(Post(channel=delivery.channel, account="one", address=delivery.channel, text=f"for {delivery.channel}", language="en"))


def place_of(kind: str) -> HttpPlace:
    """Returns the other side of a kind of publisher."""
    return Hook() if kind == HOOK else Wall()
