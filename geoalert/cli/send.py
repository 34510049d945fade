"""`geoalert send`: an approved plan to its channels."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import json_option, open_desk, posts_beside, print_json, project_option, told
from geoalert.cli.outcome import exit_status, print_outcome, print_waiting


@click.command(name="send")
@click.argument("plan")
@click.option("--live", metavar="AGENCY", help="Go live: the agency's name, typed out.")
@click.option(
    "--wait", "wait_s", type=click.FloatRange(min=0), default=0.0, metavar="S", help="Seconds to go on trying what can be repeated."
)
@project_option
@json_option
@told
def command(plan: str, live: str | None, wait_s: float, project: Path | None, as_json: bool) -> None:
    """Send an approved plan; sending it twice sends nothing twice."""
    from geoalert.worker import worker_running

    with open_desk(project) as desk, posts_beside(as_json):
        outcome = desk.send(desk.store.load(plan), live=live, wait_s=wait_s)
        zone = desk.project.zone
        later = bool(outcome.counts.get("queued")) and not worker_running(desk.state)
    if as_json:
        print_json(outcome.to_dict())
    else:
        print_outcome(outcome)
        print_waiting(outcome, zone)
    if later:
        click.echo("warn: some posts are due later and no worker runs: start geoalert worker, or send again with --wait S", err=True)
    sys.exit(exit_status(outcome))
