"""How fast one account may be asked: its declared rate, and what the place's own answers say."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from geoalert.clock import Clock, system_clock
from geoalert.http.pace import Pace

FIRST_WAIT_S = 5.0
LEAST_WAIT_S = 1.0
LONGEST_WAIT_S = 900.0
LONGEST_ASKED_S = 7 * 86_400.0
_BURST_S = 0.1


class Pacing:
    """A token bucket for one account; safe to be told and asked from several threads.

    Args:
        rate_per_s: posts a second that the place allows; None for as many as there are lanes.
        clock: what the times of a `Pace` are compared with.
        monotonic: what is waited by, so that a clock that is set does not change a wait.
    """

    def __init__(
        self, rate_per_s: float | None = None, *, clock: Clock = system_clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate_per_s
        self._most = max(1.0, (rate_per_s or 0.0) * _BURST_S)
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._tokens, self._at = self._most, monotonic()
        self._left: int | None = None
        self._until = 0.0

    def told(self, pace: Pace) -> None:
        """Takes in what an answer said: how many more until when."""
        if pace.remaining is None or pace.resets_at is None:
            return
        until = self._monotonic() + min((pace.resets_at - self._clock()).total_seconds(), LONGEST_ASKED_S)
        with self._lock:
            # Answers overtake one another: inside one window the smallest number is the newest.
            same = self._left is not None and abs(until - self._until) < 1.0
            self._left = min(self._left or 0, pace.remaining) if same else pace.remaining
            self._until = until

    def free(self, most: int) -> int:
        """Returns how many posts may start now, at most `most`."""
        if self._rate is None and self._left is None:
            return most
        with self._lock:
            now = self._refill()
            if self._left is not None and now < self._until:
                most = min(most, self._left)
            return most if self._rate is None else min(most, int(self._tokens))

    def take(self) -> None:
        """Spends one."""
        if self._rate is None and self._left is None:
            return
        with self._lock:
            self._refill()
            self._tokens -= 1.0
            if self._left:
                self._left -= 1

    def wait_s(self) -> float:
        """Returns in how many seconds one more may start; 0 where it may now."""
        with self._lock:
            now = self._refill()
            left = self._until - now if self._left == 0 else 0.0
            tokens = 0.0 if self._rate is None or self._tokens >= 1.0 else (1.0 - self._tokens) / max(self._rate, 1e-6)
            return max(left, tokens, 0.0)

    def _refill(self) -> float:
        now = self._monotonic()
        if self._rate is not None:
            self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._left is not None and now >= self._until:
            self._left = None
        return now


def wait_s(tries: int, asked_s: float | None, chance: float) -> float:
    """Returns how long to wait after a try: what the place asked for, within reason, else 5, 10, 20 s and so on, spread by a quarter."""
    if asked_s is not None and math.isfinite(asked_s):
        return min(max(asked_s, LEAST_WAIT_S), LONGEST_ASKED_S)
    return min(FIRST_WAIT_S * 2.0 ** min(tries - 1, 16), LONGEST_WAIT_S) * (0.75 + 0.5 * chance)
