"""`geoalert worker`: what is due, until it is ended."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoalert.cli.face import json_option, open_desk, posts_beside, print_json, project_option, told

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

    A second worker stands by and takes over.
    """
    with open_desk(project) as desk, posts_beside(as_json):
        with _shown(desk, quiet=as_json) as tell:
            if once:
                mine = desk.work(tell=tell)
            else:
                with _ending() as stop:
                    desk.work(stop=stop, tell=tell, standing_by=lambda: click.echo("Another worker runs; standing by.", err=True))
                mine = True
        counts = desk.outbox.counts(desk.project.agency)
    if as_json:
        print_json({"counts": counts, "worked": mine})
        return
    if not mine:
        click.echo("Another process of this project does the work.")
    click.echo(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "Nothing was ever queued.")


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
