"""The sender killed again and again: judged by what the place received, each post at most once and none forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from geoalert.outbox import SqliteOutbox, check_chain
from tests.worker.places import PATIENCE_S, queue

IN_FLIGHT = 4
POSTS = 50

SENDER = f"""
import os, sys
from datetime import datetime
from pathlib import Path
from geoalert.outbox import SqliteOutbox
from geoalert.publishing import Account, Capabilities, Post, Publisher, Receipt
from geoalert.worker import Content, Ready, Worker
folder, able = Path(sys.argv[1]), sys.argv[2] == "idempotent"
at = datetime.fromisoformat("2027-03-12T21:00:00+00:00")
received = os.open(folder / "received", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

class Wire(Publisher):
    name = "wire"
    capabilities = Capabilities(text_limit=100, in_flight={IN_FLIGHT}, idempotent=able)

    def publish(self, post, *, key, steps):
        steps["begun"] = "yes"
        os.write(received, f"{{key}}\\n".encode())
        print(key, flush=True)
        steps["ended"] = "yes"
        return Receipt(publisher="wire", account="wall", id=key, at=at)

account = Account("wall", "wire")
ready = Ready(Wire(account), Wire.capabilities, lambda: Wire(account))
post = Post(channel="c", account="wall", address="x", text="hello", language="en")
Worker(SqliteOutbox(folder / "outbox.sqlite"), {{"wall": ready}}, lambda _: Content(post), lambda: at).run_once()
print("end", flush=True)
"""


@pytest.mark.parametrize("place", ["plain", "idempotent"])
@pytest.mark.parametrize("kills", [pytest.param(6, id="short"), pytest.param(100, id="full", marks=pytest.mark.long)])
def test_killed_at_any_moment_nothing_is_doubled_or_forgotten(outbox: SqliteOutbox, tmp_path: Path, place: str, kills: int) -> None:
    """Killed after some requests, each time at another; what is open in the end is named, and zero where keys make repeating safe."""
    queue(outbox, "wall", POSTS)
    for number in range(kills + 1):
        sender = subprocess.Popen([sys.executable, "-c", SENDER, str(tmp_path), place], stdout=subprocess.PIPE, text=True)
        assert sender.stdout is not None
        for _ in range(1 + number % 7 if number < kills else 10 * POSTS):
            if sender.stdout.readline() in ("end\n", ""):
                break
        if number < kills:
            os.kill(sender.pid, signal.SIGKILL)
        sender.communicate(timeout=PATIENCE_S)

    received = Counter((tmp_path / "received").read_text(encoding="utf-8").split())
    rows = {row.key: row.state for row in outbox.deliveries()}
    unknown = {key for key, state in rows.items() if state == "unknown"}

    assert set(received) <= set(rows)
    assert {key for key, state in rows.items() if state == "done"} <= set(received)
    assert set(rows.values()) <= {"done", "unknown"}
    assert len(unknown) <= (0 if place == "idempotent" else kills * IN_FLIGHT)
    assert place == "idempotent" or max(received.values()) == 1
    check_chain(outbox.entries())
