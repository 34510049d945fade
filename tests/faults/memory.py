"""Queues and sends so many posts in this process, and prints what that took at most, in kilobytes."""

from __future__ import annotations

import itertools
import resource
import sys
from pathlib import Path

from geoalert.clock import fixed_clock
from geoalert.http import Http
from geoalert.outbox import Delivery, SqliteOutbox
from geoalert.publishing import Account, Post
from geoalert.worker import Content, Ready, Worker
from tests.faults.child import AT, rows
from tests.faults.places import PlainPublisher

PART = 500


def send(folder: Path, url: str, count: int) -> dict[str, int]:
    """Queues and sends; returns how many rows are in each state."""
    account, http = Account("one", "plain", "sandbox", {"url": url}), Http()
    publishers = [PlainPublisher(account, http=http, clock=fixed_clock(AT))]

    def content(delivery: Delivery) -> Content:
        return Content(Post(channel=delivery.channel, account="one", address=delivery.channel, text="x" * 300, language="en"))

    outbox = SqliteOutbox(folder / "outbox.sqlite")
    every = rows(count)
    # In parts, because what a call queues is what it returns.
    while outbox.enqueue(itertools.islice(every, PART), at=AT):
        pass
    ready = Ready(publishers[0], PlainPublisher.capabilities, lambda: PlainPublisher(account, http=http, clock=fixed_clock(AT)))
    Worker(outbox, {"one": ready}, content, fixed_clock(AT)).run_once()
    return outbox.counts()


if __name__ == "__main__":
    wanted = int(sys.argv[3])
    assert send(Path(sys.argv[1]), sys.argv[2], wanted) == {"done": wanted}
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
