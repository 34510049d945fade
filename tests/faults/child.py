"""Senders to be killed: reads one job a line, does it in a process of its own, and tells how that ended.

The processes are forked from this one, which has loaded everything and has no threads, so that two hundred deaths take a minute.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from geoalert.clock import fixed_clock
from geoalert.http import Http
from geoalert.outbox import NewDelivery, SqliteOutbox
from geoalert.publishers.webhook import WebhookPublisher
from geoalert.publishing import Account, Post, Publisher
from geoalert.worker import Content, Ready, Worker, sole_sender, stand_by
from tests.faults.places import IN_FLIGHT, FindPublisher, PlainPublisher
from tests.faults.points import ANY, Points

AT = datetime(2027, 3, 12, 21, 0, tzinfo=UTC)
SIGNING = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
KINDS: dict[str, type[Publisher]] = {"webhook": WebhookPublisher, "plain": PlainPublisher, "find": FindPublisher}


def rows(count: int) -> Iterator[NewDelivery]:
    """Yields so many posts of one alert, each to its own channel."""
    fixed: dict[str, Any] = {"sender": "Example Police", "alert": "S1", "revision": 1, "account": "one", "status": "exercise"}
    fixed |= {"plan_digest": "a", "post_digest": "b", "expires_at": AT + timedelta(hours=6)}
    return (NewDelivery(channel=f"channel-{number}", **fixed) for number in range(count))


def send(job: dict[str, Any]) -> None:
    """Queues the posts, which does nothing where they are queued, and sends what is due; refuses beside another sender."""
    with sole_sender(Path(job["folder"])):
        _send(job)


def stand(job: dict[str, Any]) -> None:
    """The same, but waits for another sender's end."""
    with stand_by(Path(job["folder"]), stop=threading.Event()):
        _send(job)


def _send(job: dict[str, Any]) -> None:
    state, kind = Path(job["folder"]), KINDS[job["publisher"]]
    secrets = {"secret": lambda: SIGNING} if kind is WebhookPublisher else {}
    url = f"{job['url']}/webhook" if kind is WebhookPublisher else job["url"]
    options = {"url": url} | ({"internal": True} if kind is WebhookPublisher else {})
    account, http = Account("one", kind.name, "sandbox", options, secrets), Http()

    def make() -> Publisher:
        return kind(account, http=http, clock=fixed_clock(AT))

    def content(delivery: object) -> Content:
        channel = delivery.channel  # type: ignore[attr-defined]
        return Content(Post(channel=channel, account="one", address=channel, text=f"for {channel}", language="en"))

    outbox = SqliteOutbox(state / "outbox.sqlite")
    outbox.enqueue(rows(job["count"]), at=AT)
    ready = Ready(make(), kind.capabilities.narrowed({"in_flight": IN_FLIGHT}), make)
    worker = Worker(outbox, {"one": ready}, content, fixed_clock(AT), threads=IN_FLIGHT, chance=lambda: 0.5)
    while worker.run_once():
        pass
    outbox.close()


def desk(job: dict[str, Any]) -> None:
    """Sends, recalls, or goes on with either, through a whole project."""
    from geoalert.app import Desk
    from geoalert.config import read_project

    project = read_project(Path(job["folder"]) / "geoalert.toml")
    with Desk(project, clock=fixed_clock(datetime.fromisoformat(job["at"]))) as opened:
        if job["verb"] == "recall":
            opened.recall("S1", because=job["because"], by="t.singh")
        elif job["verb"] == "send":
            opened.send(opened.store.load(job["plan"]))
        else:
            opened.work()


JOBS = {"send": send, "stand": stand, "desk": desk}


def run(job: dict[str, Any]) -> int:
    """Does a job in a process of its own; returns the status that it ended with, negative for a signal."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        begun = os.open(job["begun"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        points = Points(*(job["kill"] or (None, 0)), begun)
        points.install()
        began = time.monotonic()
        JOBS[job["job"]](job)
        points.counts[ANY] = int((time.monotonic() - began) * 1000)
        Path(job["counts"]).write_text(json.dumps(points.counts))
        status = 0
    except BaseException:  # noqa: BLE001  the process ends here, with its reason on stderr
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Does job after job until its input ends."""
    for line in sys.stdin:
        job = json.loads(line)
        if job["job"] == "desk":
            import geoalert.app  # noqa: F401  loaded before the fork, and once
        print(run(job), flush=True)


if __name__ == "__main__":
    main()
