"""Durable sends to a server that answers after 50 ms, at most 64 in flight: what a slow platform costs."""

from __future__ import annotations

from pathlib import Path

from tests.bench.runner import Bench, Side
from tests.bench.servers.answering import start
from tests.bench.servers.sending import senders

POSTS = 640
DELAY_S = 0.05


def bench(shared: Path) -> Bench:
    """Returns the bench of a slow server; the bare session remembers nothing, and Apprise sends to as many addresses."""
    ours, bare, apprise = senders(start(DELAY_S), POSTS)
    return Bench(
        name="send",
        promise=f"{POSTS} durable sends, 64 in flight, to a server that answers after 50 ms",
        sides=(
            Side("geoalert", ours, calls=1),
            Side("requests.Session, 64 threads", bare, limit=0.85, calls=1),
            Side("Apprise.notify", apprise, limit=4, calls=1),
        ),
        rounds=7,
        check=ours.prove,
    )
