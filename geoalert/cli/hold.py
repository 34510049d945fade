"""`geoalert hold`: the brake."""

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.face import counted, json_option, open_desk, print_json, project_option, told, who_is, who_option


@click.command(name="hold")
@click.argument("alert")
@click.option("--reason", default="", help="Why; recorded. A release needs one.")
@click.option("--release", is_flag=True, help="Let it go on.")
@who_option
@project_option
@json_option
@told
def command(alert: str, reason: str, release: bool, who: str | None, project: Path | None, as_json: bool) -> None:
    """Stop everything that an alert has still to say, at once, by one person; requests under way end.

    What is queued later is held too. A revision that is planned after the hold goes once it is approved and sent.
    """
    with open_desk(project) as desk:
        found = desk.release(alert, by=who_is(who), reason=reason) if release else desk.hold(alert, by=who_is(who), reason=reason)
        closed = desk.standpoint(alert).life.state == "closed"
    if as_json:
        print_json(found.to_dict())
        return
    if release:
        click.echo(f"{alert} goes on: {counted(found.rows, 'post')} queued again.")
        return
    flying = f"; {counted(found.in_flight, 'request')} under way will end" if found.in_flight else ""
    click.echo(f"{alert} is held through r{found.through}: {counted(found.rows, 'post')} stopped{flying}.")
    if closed:
        click.echo(f"{alert} is closed: what takes it back goes on. Next  geoalert status {alert} --open")
        return
    click.echo(
        f'Next  geoalert update ALERT.toml, geoalert recall {alert} --because REASON, or geoalert hold {alert} --release --reason "..."'
    )
