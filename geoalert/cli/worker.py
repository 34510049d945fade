"""`geoalert worker`: what is due, until it is ended."""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoalert.cli.face import WAITING, json_option, open_desk, posts_beside, print_json, project_option, told
from geoalert.cli.outcome import status_of

if TYPE_CHECKING:
    from geoalert.app import Desk
    from geoalert.outbox import Delivery


@click.command(name="worker")
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@project_option
@json_option
@told
def command(once: bool, project: Path | None, as_json: bool) -> None:
    """Send, take down and expire what is due, until SIGTERM or Ctrl-C; requests under way end first.

    A second worker stands by and takes over. With --once the exit status is 3 where an outcome is unknown, 4 where something waits, also
    for another process, 1 where this run had something refused.
    """
    ended: dict[int, str] = {}
    with open_desk(project) as desk, posts_beside(as_json):
        with _shown(desk, quiet=as_json) as shown:

            def tell(delivery: Delivery) -> None:
                ended[delivery.id] = delivery.state
                if shown is not None:
                    shown(delivery)

            if once:
                mine = desk.work(tell=tell)
            else:
                with _ending() as stop:
                    desk.work(stop=stop, tell=tell, standing_by=lambda: click.echo("Another worker runs; standing by.", err=True))
                mine = True
        counts = desk.outbox.counts(desk.project.agency)
    run = dict(Counter(ended.values()))
    if as_json:
        print_json({"counts": counts, "run": run, "worked": mine})
    else:
        if not mine:
            click.echo("Another process of this project does the work.")
        everything = f"This run: {_listed(run) or 'nothing was due'}. In all: {_listed(counts)}."
        click.echo(everything if counts else "Nothing was ever queued.")
    if once:
        waits = {state: count for state, count in counts.items() if state in ("unknown", "sending", "queued", "held")}
        sys.exit(status_of({**run, **waits}) if mine else status_of(waits) or WAITING)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))


@contextmanager
def _ending() -> Iterator[threading.Event]:
    """Sets an event at SIGTERM or SIGINT; a second signal ends at once."""
    stop = threading.Event()
    before: dict[int, Any] = {}

    def end(number: int, frame: object) -> None:
        del frame
        stop.set()
        signal.signal(number, before[number])

    for number in (int(signal.SIGTERM), int(signal.SIGINT)):
        before[number] = signal.signal(number, end)
    try:
        yield stop
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextmanager
def _shown(desk: Desk, *, quiet: bool) -> Iterator[Callable[[Delivery], None] | None]:
    """Shows a bar on a terminal, and a line for each try elsewhere."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task, done = bar.add_task("Waiting", total=None), 0

            def tell(delivery: Delivery) -> None:
                nonlocal done
                done += 1
                left = desk.outbox.counts(desk.project.agency).get("queued", 0)
                said = f"{delivery.alert} {delivery.how or delivery.act} {delivery.channel}: {delivery.state}"
                bar.update(task, completed=done, total=done + left, description=said)

            yield tell
    else:

        def line(delivery: Delivery) -> None:
            what = f"{delivery.alert} r{delivery.revision}  {delivery.how or delivery.act} {delivery.channel}"
            click.echo(f"{what} ({delivery.account}): {delivery.state}", err=True)

        yield line
