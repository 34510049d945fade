"""Every instant at which a sender can die: around each write to its ledger and each part of an exchange.

Only ever put into a child process, which is killed there for good.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import threading
import time
from collections import Counter
from typing import Any

_KEY = re.compile(rb"[A-Z2-7]{26}")
_AROUND = ("BEGIN", "COMMIT")
_WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE")
_PART_BYTES = 64
"""At most so much of an answer is read at once, so that there are parts to die between."""

DATABASE = (
    "before BEGIN", "after BEGIN", "after CREATE", "after INSERT", "after UPDATE", "before COMMIT", "after COMMIT",
)  # fmt: skip
CUTS = ("0 bytes", "1 byte", "half", "all but 1 byte", "all")
EXCHANGE = (
    "before connect", "after connect",
    *(f"{part}: {cut}" for part in ("head", "body") for cut in CUTS),
    "answer: nothing", "answer: first part", "answer: later part",
)  # fmt: skip
ANY = "any moment"
"""So many milliseconds after the start: the one way to die inside a system call, a sync for one."""
KINDS = (*DATABASE, *EXCHANGE, ANY)


class Points:
    """Counts every point that is reached, and dies at the one that is armed.

    Args:
        kind, number: die at the number-th point of this kind, from 1, or in the number-th millisecond; None only counts.
        begun: descriptor that the key of each request is written to before its first byte; it outlives the process.
    """

    def __init__(self, kind: str | None, number: int, begun: int) -> None:
        self.counts: Counter[str] = Counter()
        self._armed = (kind, number)
        self._begun = begun
        self._lock = threading.Lock()
        self._answering: set[int] = set()

    def hit(self, kind: str) -> bool:
        """Counts a point, and returns whether it is the one to die at."""
        with self._lock:
            self.counts[kind] += 1
            return (kind, self.counts[kind]) == self._armed

    def reach(self, kind: str) -> None:
        """Counts a point, and dies where it is the one."""
        if self.hit(kind):
            die()

    def install(self) -> None:
        """Puts the points round this process's databases and sockets."""
        points, connect_db = self, sqlite3.connect
        if self._armed[0] == ANY:
            threading.Thread(target=self._die_later, daemon=True).start()
        connect, sendall, recv_into = socket.socket.connect, socket.socket.sendall, socket.socket.recv_into

        class Ledger(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                verb = sql.split(None, 1)[0].upper()
                if verb in _AROUND:
                    points.reach(f"before {verb}")
                found = super().execute(sql, *values)
                if verb in _AROUND or verb in _WRITES:
                    points.reach(f"after {verb}")
                return found

        def connected(self: socket.socket, address: Any) -> None:
            points.reach("before connect")
            connect(self, address)
            points.reach("after connect")

        def sent(self: socket.socket, content: Any, *flags: int) -> None:
            whole = bytes(content)
            part = "head" if whole.endswith(b"\r\n\r\n") else "body"
            if part == "head":
                os.write(points._begun, (_KEY.search(whole) or [b"?"])[0] + b"\n")
                points._answering.add(id(self))
            for cut, most in zip(CUTS, (0, 1, len(whole) // 2, len(whole) - 1, len(whole)), strict=True):
                if points.hit(f"{part}: {cut}"):
                    sendall(self, whole[:most])
                    die()
            sendall(self, whole, *flags)

        def received(self: socket.socket, buffer: Any, *sizes: int) -> int:
            first = id(self) in points._answering
            if first:
                points.reach("answer: nothing")
            count = recv_into(self, buffer, min(len(buffer), _PART_BYTES))
            points._answering.discard(id(self))
            if count:
                points.reach("answer: first part" if first else "answer: later part")
            return count

        sqlite3.connect = lambda *given, **options: connect_db(*given, factory=Ledger, **options)
        socket.socket.connect, socket.socket.sendall, socket.socket.recv_into = connected, sent, received  # type: ignore[method-assign]

    def _die_later(self) -> None:
        time.sleep(self._armed[1] / 1000)
        die()


def die() -> None:
    """Ends this process as a power switch does: nothing of it runs any more."""
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()
