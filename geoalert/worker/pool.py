"""The threads that publish, made as they are needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from geoalert.worker.act import Ended, Job


class Pool:
    """Runs jobs in threads of its own and hands each end back.

    Args:
        run: does one job; never raises.
        ended: takes what came of it, from any thread.
    """

    def __init__(self, run: Callable[[Job], Ended], ended: Callable[[Ended], None]) -> None:
        self._run = run
        self._ended = ended
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def start(self, job: Job, busy: int) -> None:
        """Runs a job; `busy` counts those in flight, this one included."""
        if busy > len(self._threads):
            # Daemons: where a person interrupts twice, a place that hangs does not keep the process alive.
            thread = threading.Thread(target=self._work, name=f"geoalert-publish-{len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.take():
                job.ended = self._run(job)
                self._ended(job.ended)

    def close(self, *, wait: bool) -> None:
        """Ends the threads that have nothing to do, and waits for them unless one may hang."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads if wait else ():
            # One that an interruption kept from starting has nothing to end.
            if thread.ident is not None:
                thread.join()
        self._threads = []
        self._jobs = SimpleQueue()
