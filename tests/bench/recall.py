"""A false alert in 200 channels: how long until the first of them reads that it is over."""

from __future__ import annotations

from pathlib import Path

from tests.bench.runner import Bench, Side
from tests.bench.servers.recalling import CHANNELS, Out, promised


def bench(shared: Path) -> Bench:
    """Returns the recall bench; the ledger and the plan are opened inside the time."""
    out = Out()
    return Bench(
        name="recall",
        promise=f"from Desk.recall to the first correction received, {CHANNELS} channels out",
        sides=(
            Side("geoalert", out.by_desk, tells=True, calls=1),
            Side("one second", promised, limit=1, tells=True, calls=1),
            Side("a script that posts to one known address", out.by_hand, tells=True, calls=1),
        ),
        rounds=7,
    )
