"""One sender at a time on one state folder: what makes a row left `sending` proof of a crash."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geoalert.errors import OutboxError


@contextmanager
def sole_sender(state: Path) -> Iterator[None]:
    """Holds the state folder's sender lock, which the system frees when a process dies.

    Raises:
        OutboxError: another process is sending (sender_running).
    """
    path = state / "sender.lock"
    path.touch(mode=0o600)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise OutboxError(
                "another process of this project is sending",
                code="sender_running",
                file=path,
                do="Wait for it; it sends what is queued too",
            ) from err
        yield
