"""Copies of the record for other systems: JSON lines in a file, RFC 5424 to a syslog; in order, each entry at least once.

A copy holds the chained header of every entry and what programs wrote of it. What people typed, what places answered and
everything restricted stay in the ledger, so that a purge has nothing to look for here.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from geoalert.errors import OutboxError
from geoalert.evidence.public import plain_body
from geoalert.findings import Finding
from geoalert.outbox import Entry, Outbox

PRIORITY = 13 * 8 + 5
"""Facility log audit, severity notice (RFC 5424 section 6.2.1)."""
MOST_BYTES = 8_000
"""What a datagram holds at most; a longer entry is sent without what it tells."""
PAGE = 500
_TIMEOUT_S = 0.5
_HEADER = ("seq", "at", "kind", "sender", "alert", "revision", "actor", "role", "body_digest", "entry_digest", "hash")


def line_of(entry: Entry, *, told: bool = True) -> str:
    """Returns an entry as one line of ASCII JSON; digests and hash prove the copy as they prove the record."""
    header = {name: getattr(entry, name) for name in _HEADER}
    return json.dumps(header | {"told": plain_body(entry) if told else None}, sort_keys=True, separators=(",", ":"))


def syslog_of(entry: Entry, host: str) -> bytes:
    """Returns an entry as one RFC 5424 datagram."""
    head = f"<{PRIORITY}>1 {entry.at} {host} geoalert - {entry.kind} - ".encode("ascii")
    whole = head + line_of(entry).encode("ascii")
    return whole if len(whole) <= MOST_BYTES else head + line_of(entry, told=False).encode("ascii")


class LogCopies:
    """Every copy that a project asks for, each with its own mark in the ledger.

    Args:
        outbox: has the record and the marks.
        state: the state folder; a lock in it lets one process copy at a time.
        file: where lines are added; it may be moved away at any time.
        syslog: host and port for UDP, or the path of a local datagram socket.
    """

    def __init__(self, outbox: Outbox, *, state: Path, file: Path | None = None, syslog: tuple[str, int] | Path | None = None) -> None:
        self._outbox = outbox
        self._state = state
        self._copies: list[tuple[str, str, Callable[[list[Entry]], int]]] = []
        if file is not None:
            self._copies.append(("log:file", str(file), lambda page: _append(file, page)))
        if syslog is not None:
            to = str(syslog) if isinstance(syslog, Path) else f"{syslog[0]}:{syslog[1]}"
            self._copies.append(("log:syslog", to, lambda page: _send(syslog, page)))

    def run(self, *, most_s: float = 2.0) -> tuple[Finding, ...]:
        """Copies what is new; returns a finding for each copy that is behind. It never raises: nothing waits for a copy.

        Args:
            most_s: about how long it may take; the rest is copied next time.
        """
        if not self._copies:
            return ()
        found, ends = [], time.monotonic() + most_s
        try:
            with _alone(self._state) as alone:
                for mark, to, write in self._copies if alone else ():
                    told = self._copy(mark, write, ends)
                    if told:
                        found.append(Finding("warn", "log_not_copied", f"{to}: {told}; sending goes on", where="log"))
        except (OSError, OutboxError) as err:
            found.append(Finding("warn", "log_not_copied", f"the record is not copied: {err}; sending goes on", where="log"))
        return tuple(found)

    def _copy(self, mark: str, write: Callable[[list[Entry]], int], ends: float) -> str | None:
        done = int(self._outbox.mark(mark) or 0)
        entries = self._outbox.entries(since_seq=done)
        while page := list(islice(entries, PAGE)):
            written, why = 0, None
            try:
                written = write(page)
            except _Stopped as err:
                written, why = err.written, err.why
            except OSError as err:
                why = err.strerror or str(err)
            if written:
                self._outbox.set_mark(mark, str(page[written - 1].seq))
            if why is not None:
                return f"entry {page[written].seq} and what follows cannot be written ({why})"
            if time.monotonic() > ends:
                return None
        return None


class _Stopped(OSError):
    """The other side stopped taking entries after some."""

    def __init__(self, written: int, err: OSError) -> None:
        super().__init__(str(err))
        self.written, self.why = written, err.strerror or str(err)


def _append(file: Path, page: list[Entry]) -> int:
    """Adds lines and syncs them; the file is opened by its name each time, so that rotation needs no signal."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "rb+") as opened:
        size = opened.seek(0, os.SEEK_END)
        torn = b"\n" if size and os.pread(opened.fileno(), 1, size - 1) != b"\n" else b""
        opened.write(torn + "".join(f"{line_of(entry)}\n" for entry in page).encode("ascii"))
        opened.flush()
        os.fsync(opened.fileno())
    return len(page)


def _send(to: tuple[str, int] | Path, page: list[Entry]) -> int:
    host = "".join(mark for mark in os.uname().nodename if "!" <= mark <= "~")[:255] or "-"
    with _connected(to) as opened:
        for count, entry in enumerate(page):
            try:
                opened.send(syslog_of(entry, host))
                refused = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if refused:
                    raise OSError(refused, os.strerror(refused))
            except OSError as err:
                raise _Stopped(count, err) from err
    return len(page)


@contextmanager
def _connected(to: tuple[str, int] | Path) -> Iterator[socket.socket]:
    if isinstance(to, Path):
        family, address = socket.AF_UNIX, str(to)
    else:
        # A connected datagram socket hears of a port that nobody listens on.
        family, _, _, _, address = socket.getaddrinfo(*to, type=socket.SOCK_DGRAM)[0]  # type: ignore[assignment]
    with socket.socket(family, socket.SOCK_DGRAM) as opened:
        opened.settimeout(_TIMEOUT_S)
        opened.connect(address)
        yield opened


@contextmanager
def _alone(state: Path) -> Iterator[bool]:
    path = state / "log.lock"
    path.touch(mode=0o600)
    with path.open("a") as file:
        held = False
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
        yield held
