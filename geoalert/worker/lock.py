"""One sender at a time on one state folder: what makes a row left `sending` proof of a crash."""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from geoalert.errors import OutboxError

GLANCE_S = 0.1
"""How long a sender waits for the lock before it says that another sends: `worker_running` holds it for an instant."""


@contextmanager
def sole_sender(state: Path) -> Iterator[None]:
    """Holds the state folder's sender lock, which the system frees when a process dies.

    Raises:
        OutboxError: another process is sending (sender_running).
    """
    with _opened(state) as file:
        ends_at = time.monotonic() + GLANCE_S
        while not (held := _taken(file)) and time.monotonic() < ends_at:
            time.sleep(GLANCE_S / 10)
        if not held:
            raise OutboxError(
                "another process of this project is sending",
                code="sender_running",
                file=_path(state),
                do="Wait for it; it sends what is queued too",
            )
        yield


@contextmanager
def stand_by(state: Path, *, stop: threading.Event, poll_s: float = 0.2) -> Iterator[bool]:
    """Waits for the sender lock and holds it: how a second worker takes over from one that ends or dies.

    Yields True with the lock held, False where `stop` was set first.
    """
    with _opened(state) as file:
        while not (held := _taken(file)) and not stop.wait(poll_s):
            pass
        yield held


def worker_running(state: Path) -> bool:
    """Returns whether some process holds the sender lock now."""
    if not _path(state).exists():
        return False
    with _opened(state) as file:
        return not _taken(file, fcntl.LOCK_SH)


def _path(state: Path) -> Path:
    return state / "sender.lock"


@contextmanager
def _opened(state: Path) -> Iterator[IO[str]]:
    _path(state).touch(mode=0o600)
    with _path(state).open("a") as file:
        yield file


def _taken(file: IO[str], how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
