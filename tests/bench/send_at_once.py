"""Durable sends to a server that answers at once, at most 64 in flight: what the ledger itself costs."""

from __future__ import annotations

from pathlib import Path

from tests.bench.runner import Bench, Side
from tests.bench.servers.answering import start
from tests.bench.servers.sending import senders

POSTS = 640


def bench(shared: Path) -> Bench:
    """Returns the bench of a fast server; errors as `send`."""
    ours, bare, apprise = senders(start(0.0), POSTS)
    return Bench(
        name="send_at_once",
        promise=f"{POSTS} durable sends, 64 in flight, to a server that answers at once",
        sides=(
            Side("geoalert", ours, calls=1),
            Side("requests.Session, 64 threads", bare, limit=0.70, calls=1),
            Side("Apprise.notify", apprise, limit=1.5, calls=1),
        ),
        rounds=9,
        check=ours.prove,
    )
