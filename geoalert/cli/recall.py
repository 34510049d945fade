"""`geoalert recall`: everything that is out, taken back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import (
    DONE,
    UNKNOWN,
    WAITING,
    counted,
    json_option,
    open_desk,
    posts_beside,
    print_json,
    print_table,
    project_option,
    told,
    who_is,
    who_option,
)
from geoalert.cli.outcome import clock_text


@click.command(name="recall")
@click.argument("alert")
@click.option(
    "--because",
    required=True,
    type=click.Choice(["arrested", "located", "identified", "resolved", "error"]),
    help="Which of the closing texts approved with the alert is used; after error its images are blocked.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
@click.option(
    "--wait", "wait_s", type=click.FloatRange(min=0), default=0.0, metavar="S", help="Seconds to go on with what can be repeated."
)
@who_option
@project_option
@json_option
@told
def command(alert: str, because: str, dry_run: bool, wait_s: float, who: str | None, project: Path | None, as_json: bool) -> None:
    """Take back everything that is out of an alert, in every revision, by one person and at once.

    Each post is deleted where its place can, else edited, answered, or its channel is told; it stays open until it is known to be gone.
    Legal from every state after sending, also days after expiry. Recalling twice is quiet; of two reasons only an error comes second.
    """
    from geoalert.worker import worker_running

    with open_desk(project) as desk, posts_beside(as_json):
        found = desk.recall(alert, because=because, by=who_is(who), dry_run=dry_run, wait_s=wait_s)
        zone = desk.project.zone
        later = any(item.state == "queued" for item in found.items) and not worker_running(desk.state)
    if as_json:
        print_json(found.to_dict())
    else:
        rows = [
            (
                item.channel,
                item.account,
                f"r{item.revision}",
                item.how,
                "yes" if item.images else "",
                item.deadline_at and f"{item.deadline_at.astimezone(zone):%Y-%m-%d %H:%M %z}",
                item.state or "would be done",
                item.told or item.where,
            )
            for item in found.items
        ]
        columns = ("Channel", "Account", "Of", "How", "Images", "Until", "State", "Where")
        print_table(f"{alert}: {counted(len(rows), 'takedown')}, because {because}", columns, rows)
        if found.stopped:
            verb = "would be" if dry_run else "is" if found.stopped == 1 else "are"
            click.echo(f"{counted(found.stopped, 'post')} that had still to be sent {verb} stopped.")
        for item in found.items:
            if item.next_at is not None:
                click.echo(f"{item.state}: {item.channel} ({item.how}): tried again from {clock_text(item.next_at, zone)}")
        click.echo("Nothing was done." if dry_run else f"Next  geoalert status {alert} --open, geoalert confirm {alert} CHANNEL --removed")
    if later:
        click.echo("warn: some takedowns are due later and no worker runs: start geoalert worker, or recall again with --wait S", err=True)
    for finding in found.findings:
        click.echo(f"warn: {finding.text}", err=True)
    states = {item.state for item in found.items}
    sys.exit(UNKNOWN if "unknown" in states else WAITING if states & {"queued", "held", "sending"} else DONE)
