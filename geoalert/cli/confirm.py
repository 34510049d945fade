"""`geoalert confirm`: a post is seen gone."""

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.face import counted, json_option, open_desk, print_json, project_option, told, who_is, who_option


@click.command(name="confirm")
@click.argument("alert")
@click.argument("channel")
@click.option("--removed", is_flag=True, required=True, help="The posts in this channel are gone.")
@click.option("--note", metavar="TEXT", help="Who saw it, and how; recorded.")
@who_option
@project_option
@json_option
@told
def command(alert: str, channel: str, removed: bool, note: str | None, who: str | None, project: Path | None, as_json: bool) -> None:
    """Say that the posts in one channel are seen gone, which ends their open takedowns."""
    if not removed:
        raise click.UsageError("say --removed")
    with open_desk(project) as desk:
        count = desk.confirm(alert, channel, by=who_is(who), note=note)
        left = len(desk.status(alert).open)
    if as_json:
        print_json({"alert": alert, "channel": channel, "confirmed": count, "open": left})
        return
    said = f"{counted(count, 'takedown')} of {channel} confirmed" if count else f"{channel} was confirmed before"
    click.echo(f"{said}; {counted(left, 'takedown')} of {alert} still open.")
