"""`geoalert status`: what became of every post."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import json_option, open_desk, print_json, project_option, told
from geoalert.cli.outcome import exit_status, print_outcome


@click.command(name="status")
@click.argument("alert", required=False)
@project_option
@json_option
@told
def command(alert: str | None, project: Path | None, as_json: bool) -> None:
    """Show what became of every post, of one alert or of all."""
    with open_desk(project) as desk:
        outcome = desk.status(alert)
    if as_json:
        print_json(outcome.to_dict())
    else:
        print_outcome(outcome)
    sys.exit(exit_status(outcome))
