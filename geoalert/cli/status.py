"""`geoalert status`: what became of every post, and what is out now."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import DONE, WAITING, json_option, open_desk, print_json, print_table, project_option, told
from geoalert.cli.outcome import exit_status, print_alerts, print_open, print_outcome


@click.command(name="status")
@click.argument("alert", required=False)
@click.option("--open", "only_open", is_flag=True, help="List what has still to be taken down, with deadlines.")
@click.option("--salvage", "from_damaged", is_flag=True, help="Read what can be read of a damaged ledger, and change nothing.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="With --salvage: a file for the rows, one line of JSON each.")
@project_option
@json_option
@told
def command(alert: str | None, only_open: bool, from_damaged: bool, out: Path | None, project: Path | None, as_json: bool) -> None:
    """Show what became of every post and what is out now, of one alert or of all."""
    if from_damaged:
        _salvage(alert, out, project, as_json=as_json)
        return
    if out is not None:
        raise click.UsageError("-o goes with --salvage")
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


def _salvage(alert: str | None, out: Path | None, project: Path | None, *, as_json: bool) -> None:
    from geoalert.app.disk import write_whole
    from geoalert.app.salvaging import salvaged
    from geoalert.errors import GeoAlertError

    if out is not None and out.exists():
        raise GeoAlertError("the file is there already", code="file_exists", file=out, do="Name another file with -o")
    with open_desk(project) as desk:
        found = salvaged(desk, alert)
    if out is not None:
        write_whole(out, found.lines())
    told = {"file": str(found.file), "rows": found.counts, "head": found.head, "broken": list(found.broken)}
    if as_json:
        print_json(told | {"out": out and str(out)} if out else told | {"found": list(found.rows)})
        return
    rows = [row for row in found.rows if row["table"] == "deliveries"]
    columns = ("alert", "revision", "channel", "act", "state", "tries", "key")
    print_table("What can be read", [name.capitalize() for name in columns], [[row.get(name) for name in columns] for row in rows])
    click.echo(", ".join(f"{table}: {count}" for table, count in found.counts.items()) + (f", written to {out}" if out else ""))
    for each in found.broken:
        click.echo(f"The record: {each}")
    click.echo(
        "Every delivery that is `sending`, or that is missing here, may have arrived: look at its place before anything is sent again."
    )
