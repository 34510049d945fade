"""The same from the command line: a new process, which has to load, read and prove everything first."""

from __future__ import annotations

from pathlib import Path

from tests.bench.runner import Bench, Side
from tests.bench.servers.recalling import CHANNELS, Out, promised


def bench(shared: Path) -> Bench:
    """Returns the recall bench of the command line."""
    out = Out()
    return Bench(
        name="recall_command",
        promise=f"from the start of `geoalert recall` to the first correction received, {CHANNELS} channels out",
        sides=(
            Side("geoalert", out.by_command, tells=True, calls=1),
            Side("one second", promised, limit=1, tells=True, calls=1),
            Side("a script that posts to one known address", out.by_hand, tells=True, calls=1),
        ),
        rounds=7,
    )
