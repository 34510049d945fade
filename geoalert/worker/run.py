"""The ledger loop: one thread writes what ended and claims what is due, the others publish."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from queue import Empty, SimpleQueue

from geoalert.clock import Clock
from geoalert.errors import OutboxError
from geoalert.outbox import Attempt, Delivery, Outbox, Settlement, not_begun
from geoalert.worker.act import Ended, Job, Tries, may_repeat
from geoalert.worker.lanes import Lanes
from geoalert.worker.pool import Pool
from geoalert.worker.ready import Content, Ready
from geoalert.worker.steps import Saving, Steps

POLL_S = 0.2
"""How soon what another process wrote is noticed."""
LOOK_S = 1.0
"""How soon a clock that was set is noticed."""
LINGER_S = 0.0005
"""How long one sync waits for more to write where many posts are in flight."""
MANY = 16

Tell = Callable[[Delivery], None]


class Worker:
    """Sends what is due through lanes of each account; a slow or dead account holds up no other.

    A row is claimed only when a thread is free for it, so that after a crash at most what was in flight is unknown.

    Args:
        outbox: the ledger; the caller holds `sole_sender`.
        accounts: by name; never imported from here, always handed in.
        content_of: the approved content of a delivery, proved against its digest by whoever hands it in; called by one thread at a time.
        clock: the present, for due times; waiting goes by a clock that nobody sets.
        threads: posts in flight in all; an account with none in flight gets one thread more, whatever the others do.
        chance: between 0 and 1, spreads waits so that many senders do not come back at once.
    """

    def __init__(
        self,
        outbox: Outbox,
        accounts: Mapping[str, Ready],
        content_of: Callable[[Delivery], Content],
        clock: Clock,
        *,
        threads: int = 64,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._accounts = accounts
        self._clock = clock
        self._threads = max(1, threads)
        self._chance = chance
        self._content_lock = threading.Lock()
        self._content = content_of
        self._lanes: dict[str, Lanes] = {}
        self._wet: set[str] = set()
        self._asked: set[int] = set()
        self._busy: dict[int, Job] = {}
        self._begun: set[int] = set()
        self._unwritten: dict[int, Settlement] = {}
        self._arrived: SimpleQueue[Ended | Saving | None] = SimpleQueue()
        self._pool = Pool(Tries(accounts.get, self._content_of, clock, chance).run, self._arrived.put)
        self._look_at = 0.0
        self._seen = -1
        self._tried = 0

    def run_once(self, *, tell: Tell | None = None) -> int:
        """Sends everything due now; returns how many deliveries were tried.

        Rows past their expiry become `expired`. Rows that a crash left `sending` become `unknown`; such a row is repeated with its
        key where that does no harm, else looked for where the place can prove what it has. Does not wait for accounts that pause.

        Args:
            tell: called with each delivery whose try ended, once that is on disk.
        """
        return self._go(None, tell)

    def run(self, *, stop: threading.Event, tell: Tell | None = None) -> int:
        """Sends what is due and what becomes due, until `stop`; then claims no more, and lets what is in flight end."""
        return self._go(stop, tell)

    def wake(self) -> None:
        """Ends the loop's waiting, from any thread or signal handler: after `stop` is set, or something was queued."""
        self._arrived.put(None)

    def _go(self, stop: threading.Event | None, tell: Tell | None) -> int:
        self._tried = 0
        self._wet, self._asked = set(), set()
        self._outbox.recover(at=self._clock())
        now, at = time.monotonic(), self._clock()
        for lanes in self._lanes.values():
            lanes.begin()
        for account, until in self._outbox.pauses(at=at).items():
            self._lanes_of(account).pause(now, (until - at).total_seconds())
        try:
            self._look(fresh=True)
            ended: list[Ended] = []
            saving: list[Saving] = []
            while True:
                stopping = stop is not None and stop.is_set()
                self._exchange(ended, saving, claim=not stopping)
                self._tell(ended, tell)
                if not self._busy and (stopping or (stop is None and not self._more())):
                    return self._tried
                ended, saving = self._wait(stopping=stopping)
        except BaseException as err:
            self._end_early(err)
            raise
        finally:
            self._pool.close(wait=not self._busy)
            self._busy.clear()

    def _look(self, *, fresh: bool = False) -> None:
        """Reads anew which accounts have something due, and which unknown rows can be settled without a person."""
        at, now = self._clock(), time.monotonic()
        self._seen = self._outbox.changed()
        self._outbox.expire(at=at)
        accounts, next_at = self._outbox.look(at=at)
        self._wet = set(accounts)
        for delivery, free in self._outbox.unknown_due(at=at, fresh=fresh):
            ready = self._accounts.get(delivery.account)
            if ready is None or delivery.id in self._asked or delivery.id in self._busy:
                continue
            repeat = free and may_repeat(ready.capabilities, delivery.act)
            if repeat or ready.capabilities.find:
                self._lanes_of(delivery.account).asks.append((delivery, repeat))
                self._asked.add(delivery.id)
        # What is due already has just been seen: where it still waits, for a hold or a person, it is not looked at without pause.
        wait_s = LOOK_S if next_at is None or next_at <= at else min(LOOK_S, (next_at - at).total_seconds())
        self._look_at = now + max(wait_s, 0.01)

    def _more(self) -> bool:
        """Returns whether anything can still be done without waiting for a pause to end; looks again before it says no."""
        if not self._startable():
            self._look()
        return self._startable()

    def _startable(self) -> bool:
        now = time.monotonic()
        names = self._wet | {name for name, lanes in self._lanes.items() if lanes.asks}
        return any(not self._lanes_of(name).paused(now) for name in names)

    def _exchange(self, ended: list[Ended], saving: list[Saving], *, claim: bool) -> None:
        """Writes what arrived and starts what is due, with one sync."""
        now = time.monotonic()
        self._note(ended, now)
        lanes = self._free(now) if claim and not any(each.died for each in ended) else {}
        if self._unwritten or saving or lanes:
            most = max(self._threads - len(self._busy), 0) or len(lanes)
            steps = [(each.attempt, each.steps) for each in saving]
            try:
                claimed = self._outbox.exchange(self._unwritten.values(), steps, at=self._clock(), lanes=lanes, most=most)
            except OutboxError as err:
                for each in saving:
                    each.end(err)
                raise
            self._begun = set()
            self._unwritten.clear()
            for each in saving:
                each.end()
            taken = dict.fromkeys(lanes, 0)
            for delivery, attempt in claimed:
                taken[delivery.account] += 1
                self._start(delivery, attempt, now)
            if len(claimed) < most:
                self._wet -= {account for account, count in taken.items() if count < lanes[account]}
        if claim:
            self._ask(now)

    def _note(self, ended: list[Ended], now: float) -> None:
        """Frees lanes, and learns from each end whether its account answers and when it wants to be asked again."""
        for each in ended:
            delivery = each.job.delivery
            if self._busy.get(delivery.id) is not each.job:
                continue
            lanes = self._lanes_of(delivery.account)
            ending = each.settlement
            if ending is None:
                self._free_lane(each.job)
                continue
            # Kept before anything else, so that an interruption finds it either here or with its job.
            self._unwritten[delivery.id] = ending
            self._free_lane(each.job)
            if each.local:
                wait_s = None
            elif each.silent:
                wait_s = lanes.fell_silent(now, began=each.job.began, chance=self._chance())
            elif each.asked_s is not None and ending.not_before is not None:
                wait_s = lanes.pause(now, (ending.not_before - ending.at).total_seconds())
            else:
                wait_s = lanes.answered(now)
            if wait_s:
                self._unwritten[delivery.id] = replace(ending, pause_until=ending.at + timedelta(seconds=wait_s))
            if ending.not_before is not None:
                self._look_at = 0.0
            elif ending.state == "queued":
                self._wet.add(delivery.account)

    def _free_lane(self, job: Job) -> None:
        self._lanes_of(job.delivery.account).give(job.slot)
        del self._busy[job.delivery.id]
        job.ended = None

    def _free(self, now: float) -> dict[str, int]:
        """Returns how many rows each account may have now; where no thread is left, only accounts with nothing in flight."""
        left = self._threads - len(self._busy)
        active = 1 if left > 0 and len(self._wet) <= 1 else len(self._wet | {job.delivery.account for job in self._busy.values()})
        share = max(1, self._threads // max(active, 1))
        found = {}
        for account in self._wet:
            lanes = self._lanes_of(account)
            free = lanes.free(now, share=share)
            if left <= 0:
                free = min(free, 0 if lanes.busy else 1)
            if free > 0:
                found[account] = free
        return found

    def _ask(self, now: float) -> None:
        """Starts looking for, or repeating, rows whose outcome is unknown."""
        for lanes in self._lanes.values():
            while lanes.asks and (len(self._busy) < self._threads or not lanes.busy) and lanes.free(now, share=self._threads) > 0:
                delivery, repeat = lanes.asks.popleft()
                self._asked.discard(delivery.id)
                try:
                    attempt = self._outbox.reopen(delivery.id, at=self._clock())
                except OutboxError as err:
                    if err.code != "not_unknown":
                        raise
                    continue
                first = None if repeat else self._outbox.attempts(delivery.id)[0]
                self._start(delivery, attempt, now, repeat=repeat, first=first)

    def _start(self, delivery: Delivery, attempt: Attempt, now: float, *, repeat: bool = False, first: Attempt | None = None) -> None:
        slot = self._lanes_of(delivery.account).take()
        job = Job(delivery, attempt, slot, Steps(attempt, self._arrived.put), began=now, repeat=repeat, first=first)
        self._busy[delivery.id] = job
        self._begun.add(attempt.id)
        self._tried += first is None
        self._pool.start(job, len(self._busy))

    def _wait(self, *, stopping: bool) -> tuple[list[Ended], list[Saving]]:
        """Waits for an end, for steps to save, or until it is time to look again."""
        now = time.monotonic()
        timeout = POLL_S
        if not stopping:
            waits = (self._lanes_of(name).wait_s(now) for name in self._wet)
            timeout = min(timeout, max(0.0, self._look_at - now), *(max(wait_s, 0.001) for wait_s in waits if wait_s > 0))
        arrived: list[Ended | Saving | None] = []
        try:
            arrived.append(self._arrived.get(timeout=timeout) if timeout > 0 else self._arrived.get_nowait())
            if len(self._busy) >= MANY and self._arrived.qsize() < len(self._busy) // 4:
                time.sleep(LINGER_S)
            while True:
                arrived.append(self._arrived.get_nowait())
        except Empty:
            pass
        if not stopping and (time.monotonic() >= self._look_at or self._outbox.changed() != self._seen):
            self._look()
        return [each for each in arrived if isinstance(each, Ended)], [each for each in arrived if isinstance(each, Saving)]

    def _tell(self, ended: list[Ended], tell: Tell | None) -> None:
        for each in ended:
            if each.died is not None:
                raise each.died
            if tell is not None:
                tell(self._outbox.delivery(each.job.delivery.id) or each.job.delivery)

    def _end_early(self, err: BaseException) -> None:
        """Calls off what has not begun, lets what is in flight end, and writes both down; a second interruption goes through."""
        for job in list(self._busy.values()):
            job.steps.stop()
            if job.take():
                was = "queued" if job.first is None and not job.repeat else "unknown"
                self._unwritten[job.delivery.id] = Settlement(job.attempt, was, self._clock(), error=not_begun())
                self._begun.add(job.attempt.id)
                self._free_lane(job)
        while self._busy:
            self._note([job.ended for job in self._busy.values() if job.ended is not None], time.monotonic())
            if self._busy:
                with suppress(Empty):
                    self._arrived.get(timeout=POLL_S)
        try:
            self._outbox.put_back(self._begun, at=self._clock())
            if self._unwritten:
                self._outbox.exchange(self._unwritten.values(), (), at=self._clock(), lanes={}, most=0)
        except OutboxError as again:
            if not self._unwritten:
                return
            raise OutboxError(
                f"{again.what}; what became of {len(self._unwritten)} posts that left could not be written down",
                code="outcome_unrecorded",
                file=again.file,
                do=f"{again.do}; the next send looks for them and never repeats them blindly",
            ) from err
        finally:
            self._unwritten.clear()

    def _lanes_of(self, account: str) -> Lanes:
        if account not in self._lanes:
            self._lanes[account] = Lanes(self._accounts.get(account))
        return self._lanes[account]

    def _content_of(self, delivery: Delivery) -> Content:
        with self._content_lock:
            return self._content(delivery)
