"""Keeps the record's copies up to date beside the work, which never waits for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoalert.app.desk import Desk
    from geoalert.findings import Finding

EVERY_S = 1.0


def copy_record(desk: Desk) -> tuple[Finding, ...]:
    """Copies what is new in the record to where `[log]` says; returns a finding for each copy that is behind."""
    log = desk.project.log
    if log.file is None and log.syslog is None:
        return ()
    from geoalert.evidence import LogCopies

    return LogCopies(desk.outbox, state=desk.state, file=log.file, syslog=log.syslog_at).run()


@contextmanager
def copied(desk: Desk) -> Iterator[None]:
    """Copies once a second in a thread of its own, and once more at the end."""
    if desk.project.log.file is None and desk.project.log.syslog is None:
        yield
        return
    ended = threading.Event()

    def go() -> None:
        while not ended.wait(EVERY_S):
            copy_record(desk)

    thread = threading.Thread(target=go, name="geoalert-copy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        copy_record(desk)
