"""A publisher's notes to itself, on disk before its next request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, MutableMapping

from geoalert.errors import OutboxError
from geoalert.outbox import Attempt


class Saving:
    """Steps on their way to the disk, and the thread that waits for it."""

    __slots__ = ("attempt", "done", "error", "steps")

    def __init__(self, attempt: int, steps: dict[str, str]) -> None:
        self.attempt = attempt
        self.steps = steps
        self.error: OutboxError | None = None
        self.done = threading.Event()

    def end(self, error: OutboxError | None = None) -> None:
        """Lets the publisher go on, or tells it that nothing was kept."""
        self.error = error
        self.done.set()


def _stopping() -> OutboxError:
    return OutboxError("the worker is stopping, so nothing more is kept", code="worker_stopping", do="Start it again")


class Steps(MutableMapping[str, str]):
    """What an earlier try left; a change returns once it is on disk.

    Raises:
        OutboxError: it could not be kept.
        TypeError: it is no text.
    """

    def __init__(self, attempt: Attempt, save: Callable[[Saving], None]) -> None:
        self._attempt = attempt.id
        self._steps = dict(attempt.steps)
        self._save = save
        self._stopped = False
        self._pending: Saving | None = None

    def stop(self) -> None:
        """Keeps nothing more, and lets go of whoever waits for it."""
        self._stopped = True
        if self._pending is not None:
            self._pending.end(_stopping())

    def _keep(self, steps: dict[str, str]) -> None:
        if not all(isinstance(text, str) for pair in steps.items() for text in pair):
            raise TypeError("steps are texts by name")
        self._pending = saving = Saving(self._attempt, steps)
        if self._stopped:
            raise _stopping()
        self._save(saving)
        saving.done.wait()
        if saving.error is not None:
            raise saving.error
        self._steps = steps

    def __getitem__(self, name: str) -> str:
        return self._steps[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._keep(self._steps | {name: value})

    def __delitem__(self, name: str) -> None:
        self._steps[name]
        self._keep({key: value for key, value in self._steps.items() if key != name})

    def __iter__(self) -> Iterator[str]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)
