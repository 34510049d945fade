"""`geoalert status`: what became of every post, and what is out now."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import DONE, WAITING, json_option, open_desk, print_json, project_option, told
from geoalert.cli.outcome import exit_status, print_alerts, print_open, print_outcome


@click.command(name="status")
@click.argument("alert", required=False)
@click.option("--open", "only_open", is_flag=True, help="List what has still to be taken down, with deadlines.")
@project_option
@json_option
@told
def command(alert: str | None, only_open: bool, project: Path | None, as_json: bool) -> None:
    """Show what became of every post and what is out now, of one alert or of all."""
    with open_desk(project) as desk:
        outcome = desk.status(alert)
        zone = desk.project.zone
    if as_json:
        opened = {"open": [item.to_dict() for item in outcome.open]}
        print_json(opened if only_open else outcome.to_dict())
    elif only_open:
        print_open(outcome, zone)
    else:
        print_outcome(outcome)
        print_alerts(outcome, zone)
    sys.exit((WAITING if outcome.open else DONE) if only_open else exit_status(outcome))
