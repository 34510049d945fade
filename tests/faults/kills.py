"""Kills a sender at one instant after another, lets it start again, and judges by what the other side received."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from geoalert.outbox import SqliteOutbox, check_chain
from tests.conftest import ROOT
from tests.faults.points import DATABASE, KINDS
from tests.faults.receiver import Receiver

KILLED = -9


class Nursery:
    """The process that senders are forked from."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.child"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def begin(self, **job: Any) -> None:
        """Begins one sender."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()

    def end(self) -> int:
        """Waits for the sender's end; returns its exit status, negative for the signal that killed it."""
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def run(self, **job: Any) -> int:
        """Runs one sender to its end."""
        self.begin(**job)
        return self.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()


@dataclass(frozen=True, slots=True)
class Found:
    """What one kill left, after the sender started again and ended.

    Attributes:
        claimed: rows that the ledger called `sending` when the sender died: posts whose first byte could have left.
        begun: of these, requests whose first byte was handed to the system.
        unknown: posts left for a person.
        doubled: posts that the receiver put up twice.
        forgotten: posts that never arrived and that nobody is asked about.
        wrong: posts that the ledger calls done and the receiver does not have.
        requests: whole requests that arrived, repeats included.
    """

    kind: str
    claimed: int
    begun: int
    unknown: int
    doubled: int
    forgotten: int
    wrong: int
    requests: int


@dataclass(slots=True)
class Row:
    """The kills of one kind of point, in one line of the table."""

    kills: int = 0
    claimed: int = 0
    begun: int = 0
    unknown: int = 0
    doubled: int = 0
    forgotten: int = 0

    def add(self, found: Found) -> None:
        """Adds one kill."""
        self.kills += 1
        for name in ("claimed", "begun", "unknown", "doubled", "forgotten"):
            setattr(self, name, getattr(self, name) + getattr(found, name))


@dataclass
class Killing:
    """One kind of sender, killed at point after point, each time from an empty ledger."""

    nursery: Nursery
    receiver: Receiver
    folder: Path
    publisher: str
    count: int = 50
    found: list[Found] = field(default_factory=list)

    def points(self) -> dict[str, int]:
        """Runs once without a kill; returns how often each kind of point was reached."""
        state = self.fresh()
        assert self._run(state, None) == 0
        counts: dict[str, int] = json.loads((state / "counts").read_text())
        return {kind: counts[kind] for kind in KINDS if counts.get(kind)}

    def kill(self, kind: str, number: int) -> Found | None:
        """Kills at one point, starts again, and judges; None where the sender was done before it came there."""
        state = self.fresh()
        ended = self._run(state, (kind, number))
        self.receiver.settle()
        if ended == 0:
            return None
        assert ended == KILLED, f"{kind}, {number}: ended with {ended}"
        claimed = sending_keys(state)
        begun = set((state / "begun").read_text().split()) if (state / "begun").exists() else set()
        assert self._run(state, None) == 0, f"{kind}, {number}: the next sender failed"
        self.receiver.settle()
        found = self.judge(state, kind, claimed, begun)
        self.found.append(found)
        return found

    def judge(self, state: Path, kind: str, claimed: set[str] | None, begun: set[str]) -> Found:
        """Compares ledger and receiver; `claimed` is what may be unknown, None where that is not known."""
        ledger = SqliteOutbox(state / "outbox.sqlite")
        try:
            rows = ledger.deliveries()
            check_chain(ledger.entries())
        finally:
            ledger.close()
        states = {row.key: row.state for row in rows}
        posts = self.receiver.posts
        unknown = {key for key, is_in in states.items() if is_in == "unknown"}
        done = {key for key, is_in in states.items() if is_in == "done"}
        assert len(rows) == self.count
        assert set(posts) <= set(states), "the receiver has a post that was never queued"
        assert claimed is None or unknown <= claimed, "a post is unknown that was not under way"
        return Found(
            kind=kind,
            claimed=len(claimed or ()),
            begun=len((claimed or set()) & begun),
            unknown=len(unknown),
            doubled=sum(number > 1 for number in posts.values()),
            forgotten=len(set(states) - set(posts) - unknown),
            wrong=len(done - set(posts)),
            requests=self.receiver.requests,
        )

    def fresh(self) -> Path:
        """Begins with an empty folder and an empty record."""
        self.receiver.settle()
        self.receiver.forget()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self.folder

    def _run(self, state: Path, kill: tuple[str, int] | None) -> int:
        return self.nursery.run(**self.job(state, kill))

    def job(self, state: Path, kill: tuple[str, int] | None, job: str = "send") -> dict[str, Any]:
        """Returns what a sender is told to do."""
        told = {"folder": state, "url": self.receiver.url, "begun": state / "begun", "counts": state / "counts"}
        return {"job": job, "publisher": self.publisher, "count": self.count, "kill": kill} | {
            name: str(what) for name, what in told.items()
        }


def spread(counts: dict[str, int], total: int) -> Iterator[tuple[str, int]]:
    """Yields points to kill at: every kind once, then more of each, early, late and in between, `total` at least."""
    per_kind = max(1, -(-total // len(counts)))
    taken = {kind: min(per_kind, reached) for kind, reached in counts.items()}
    short = total - sum(taken.values())
    for kind, reached in sorted(counts.items(), key=lambda item: -item[1]):
        more = min(max(short, 0), reached - taken[kind])
        taken[kind] += more
        short -= more
    for kind, number in taken.items():
        # The golden ratio spreads them without a rhythm that batches could share.
        chosen = {1 + int(counts[kind] * ((step * 0.6180339887 + 0.5) % 1.0)) for step in range(number)}
        yield from ((kind, each) for each in sorted(chosen))


@contextmanager
def nursery() -> Iterator[tuple[Nursery, Receiver]]:
    """Starts the receiver and the process that senders come from."""
    with Nursery() as born, Receiver() as receiver:
        yield born, receiver


def table(found: dict[str, Sequence[Found]]) -> str:
    """Returns one line a kind of point and publisher, as docs/explanation/delivery-faults.md shows it."""
    lines = [
        "| publisher | killed | kills | under way | first byte left | unknown | doubled | forgotten |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for publisher, each in found.items():
        lines += [_line(publisher, kind, row) for kind, row in _rows(each).items()]
        whole = Row()
        for one in each:
            whole.add(one)
        lines.append(_line(f"**{publisher}**", "**all**", whole))
    return "\n".join(lines)


def _rows(found: Iterable[Found]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for one in found:
        rows.setdefault(("ledger, " if one.kind in DATABASE else "") + one.kind, Row()).add(one)
    return rows


def _line(publisher: str, kind: str, row: Row) -> str:
    return f"| {publisher} | {kind} | {row.kills} | {row.claimed} | {row.begun} | {row.unknown} | {row.doubled} | {row.forgotten} |"


def sending_keys(state: Path) -> set[str]:
    """Returns the keys that a dead sender's ledger calls `sending`; none where it died before there was a ledger."""
    path = state / "outbox.sqlite"
    if not path.exists():
        return set()
    db = sqlite3.connect(path)
    try:
        return {row[0] for row in db.execute("SELECT key FROM deliveries WHERE state = 'sending'")}
    finally:
        db.close()


__all__ = ["KILLED", "Found", "Killing", "Nursery", "nursery", "sending_keys", "spread", "table"]
