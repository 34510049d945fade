"""Working through what is due: posts, takedowns, expiries, and what follows from each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from geoalert.app.accounts import unusable_of, working_accounts
from geoalert.app.content import Contents
from geoalert.app.copying import copied
from geoalert.app.following import Following
from geoalert.errors import OutboxError
from geoalert.outbox import Delivery
from geoalert.worker import Content, Worker, sole_sender, stand_by, worker_running
from geoalert.worker.pace import LEAST_WAIT_S

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

LOOK_S = 0.2
MOST_ROUNDS = 20
"""What follows from a try ends long before: post, delete, edit, answer, steward."""

Tell = Callable[[Delivery], None]


class Working:
    """The worker of one desk, and what follows from what it did.

    Args:
        contents: plans read already.
    """

    def __init__(self, desk: Desk, *, contents: Contents | None = None) -> None:
        self._desk = desk
        self._contents = contents or Contents(desk)

    def once(self, *, tell: Tell | None = None) -> bool:
        """Does what is due now; returns False where another process of the project does it."""
        return self.until(self._desk.clock(), tell=tell)

    def until(self, ends_at: datetime, *, tell: Tell | None = None) -> bool:
        """Goes on with what becomes due before an instant; where another process is the sender, waits for what it queued.

        Returns False where another process sends.
        """
        desk = self._desk
        while True:
            try:
                with sole_sender(desk.state):
                    self._work(ends_at, tell)
            except OutboxError as err:
                if err.code != "sender_running":
                    raise
            else:
                return True
            left_s = (ends_at - desk.clock()).total_seconds()
            if left_s <= 0 or desk.outbox.next_due(at=desk.clock()) is None:
                return False
            desk.sleep(min(LOOK_S, left_s))

    def run(self, *, stop: threading.Event, tell: Tell | None = None, standing_by: Callable[[], None] | None = None) -> None:
        """Works until `stop`; a second worker waits for the first one's end and takes over.

        Args:
            standing_by: called once where another worker runs.
        """
        desk = self._desk
        if standing_by is not None and worker_running(desk.state):
            standing_by()
        with stand_by(desk.state, stop=stop) as held:
            if not held:
                return
            following = Following(desk, self._contents)
            worker = Worker(desk.outbox, working_accounts(desk), self._content, desk.clock)
            follower = threading.Thread(target=self._follow, args=(following, worker, stop), name="geoalert-follow", daemon=True)
            self._failed: BaseException | None = None
            follower.start()
            try:
                with copied(desk):
                    worker.run(stop=stop, tell=tell)
            finally:
                stop.set()
                follower.join()
            if self._failed is not None:
                raise self._failed

    def _work(self, ends_at: datetime, tell: Tell | None) -> None:
        desk = self._desk
        following = Following(desk, self._contents)
        worker = Worker(desk.outbox, working_accounts(desk), self._content, desk.clock)
        while True:
            for _ in range(MOST_ROUNDS):
                worker.run_once(tell=tell)
                if not following.run():
                    break
            now = desk.clock()
            due = desk.outbox.next_due(at=now)
            # What is due already and was not tried waits for its account's pace: it is not asked about without pause.
            due = due and max(due, now + timedelta(seconds=LEAST_WAIT_S))
            if due is None or due > ends_at:
                return
            desk.sleep((due - now).total_seconds())
            if desk.clock() < due:
                return

    def _content(self, delivery: Delivery) -> Content:
        """Returns what a delivery says; one whose account geoalert.toml gets wrong waits, and is not refused for it."""
        unusable = unusable_of(self._desk).get(delivery.account)
        if unusable is not None:
            raise unusable.not_sent(delivery.channel)
        return self._contents(delivery)

    def _follow(self, following: Following, worker: Worker, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                began = time.monotonic()
                if following.run():
                    worker.wake()
                # A long look at a large ledger is not taken without pause.
                stop.wait(max(LOOK_S, 5 * (time.monotonic() - began)))
        except BaseException as err:  # noqa: BLE001  the worker ends with it, and says so
            self._failed = err
            stop.set()
            worker.wake()
