"""The lanes of one account: its publishers, how many are busy, and whether the place answers at all."""

from __future__ import annotations

from collections import deque

from geoalert.outbox import Delivery
from geoalert.publishing import Publisher
from geoalert.worker.pace import Pacing, wait_s
from geoalert.worker.ready import Ready

AILING_AFTER = 3
"""Posts in a row without an answer, after which one lane asks and the others wait."""


PATIENT_S = 5.0
"""A wait for an allowance that is longer is a pause: it is written down, and a single pass does not sit it out."""


class Slot:
    """One lane: a publisher that one thread at a time uses, made by the first that does."""

    __slots__ = ("publisher",)

    def __init__(self, publisher: Publisher | None = None) -> None:
        self.publisher = publisher


class Lanes:
    """One account as the ledger loop sees it; only that loop touches it.

    Attributes:
        busy: posts in flight.
        asks: unknown rows to be looked for or repeated, each with whether a repeat is meant.
    """

    def __init__(self, ready: Ready | None) -> None:
        self.ready = ready
        self.busy = 0
        self.asks: deque[tuple[Delivery, bool]] = deque()
        self._pacing = ready.pacing if ready else Pacing()
        self._most = ready.capabilities.in_flight if ready and ready.make else 1
        self._slots: list[Slot] = [] if ready is None or ready.make else [Slot(ready.publisher)]
        self._paused_until = 0.0
        self._silent = 0
        self._rounds = 0
        self._round_began = 0.0

    def begin(self) -> None:
        """Begins another pass: pauses are read from the ledger again, and a place that did not answer is still probed by one."""
        self._paused_until = self._round_began = 0.0
        self.asks.clear()

    @property
    def ailing(self) -> bool:
        """Whether the place has stopped answering."""
        return self._silent >= AILING_AFTER

    def free(self, now: float, *, share: int) -> int:
        """Returns how many posts may start now, of a fair share of all threads."""
        if now < self._paused_until:
            return 0
        most = 1 if self.ailing else min(self._most, share)
        return self._pacing.free(most - self.busy) if most > self.busy else 0

    def paused(self, now: float) -> bool:
        """Returns whether the account waits because it was asked to, or does not answer."""
        return now < self._paused_until

    def wait_s(self, now: float) -> float:
        """Returns in how many seconds its pause ends and its pace allows one more."""
        return max(self._paused_until - now, self._pacing.wait_s())

    def pause(self, now: float, seconds: float) -> float:
        """Starts nothing for a while; a longer pause stands. Returns seconds from now."""
        self._paused_until = max(self._paused_until, now + seconds)
        return self._paused_until - now

    def take(self) -> Slot:
        """Returns a free lane."""
        self.busy += 1
        self._pacing.take()
        return self._slots.pop() if self._slots else Slot()

    def give(self, slot: Slot) -> None:
        """Takes a lane back."""
        self.busy -= 1
        self._slots.append(slot)

    def answered(self, now: float) -> float | None:
        """Notes that the place answered, whatever it said; returns how long the account waits where its allowance is used up."""
        self._silent = self._rounds = 0
        wait_s = self._pacing.wait_s()
        return self.pause(now, wait_s) if wait_s > PATIENT_S else None

    def fell_silent(self, now: float, *, began: float, chance: float) -> float | None:
        """Notes a post without an answer; returns how long the whole account has to wait, None where it is one post's own trouble.

        Posts that were in flight together are one round: the wait doubles by rounds.
        """
        self._silent += 1
        if not self.ailing:
            return None
        if began >= self._round_began:
            self._rounds += 1
            self._round_began = now
            self.pause(now, wait_s(self._rounds, None, chance))
        return self.pause(now, 0.0)
