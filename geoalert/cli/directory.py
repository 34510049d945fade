"""`geoalert directory`: make and check the directory of channels and venues."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import DONE, REFUSED, json_option, open_desk, print_json, print_table, project_option, told


@click.group(name="directory")
def command() -> None:
    """Make and check the directory of channels and venues."""


@command.command(name="template")
@click.option("--layer", required=True, help="Layer of the project, or NAME=FILE,id=F[,...].")
@project_option
@json_option
@told
def template(layer: str, project: Path | None, as_json: bool) -> None:
    """Print a channels.csv with one row a boundary, to fill in."""
    from geoalert.cli.match import file_layer
    from geoalert.directory.template import channels_template

    if "=" in layer:
        text = channels_template(file_layer(layer))
    else:
        with open_desk(project) as desk:
            text = channels_template(desk.layer(layer))
    if as_json:
        print_json({"csv": text})
    else:
        click.echo(text, nl=False)


@command.command(name="check")
@project_option
@json_option
@told
def check(project: Path | None, as_json: bool) -> None:
    """Check the directory: dead ids, uncovered boundaries, expired consents, unknown accounts."""
    from geoalert.app.check import directory_report

    with open_desk(project) as desk:
        report = directory_report(desk)
    if as_json:
        print_json(report.to_dict())
    else:
        rows = [(finding.level, finding.where, finding.text) for finding in report.findings]
        print_table(f"{len(rows)} findings", ("Level", "Where", "What"), rows)
    sys.exit(REFUSED if any(finding.level == "refuse" for finding in report.findings) else DONE)
