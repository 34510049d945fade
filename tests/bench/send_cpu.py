"""Processor time of durable sends, ledger and signature included."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.runner import Bench, Side
from tests.bench.servers.answering import start
from tests.bench.servers.sending import senders

POSTS = 640


def bench(shared: Path) -> Bench:
    """Returns the bench of processor time, user and system, over all threads of this process."""
    ours, bare, apprise = senders(start(0.05), POSTS)
    return Bench(
        name="send_cpu",
        promise=f"processor time of {POSTS} durable sends",
        sides=(
            Side("geoalert", ours, calls=1),
            Side("requests.Session, 64 threads", bare, limit=1 / 1.3, calls=1),
            Side("Apprise.notify", apprise, calls=1),
        ),
        rounds=5,
        timer=time.process_time,
        check=ours.prove,
    )
