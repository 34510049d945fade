"""`geoalert unknown`: what nobody knows the outcome of, and a person's word about it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import DONE, UNKNOWN, json_option, open_desk, posts_beside, print_json, project_option, told, who_is, who_option


@click.command(name="unknown")
@click.argument("which", metavar="[ID|KEY]", required=False)
@click.option("--landed", metavar="URL", help="It arrived, and can be seen there.")
@click.option("--did-not-land", is_flag=True, help="It never arrived: it is queued again unless it has expired.")
@click.option("--reason", default="", metavar="TEXT", help="What was seen, where; recorded.")
@who_option
@project_option
@json_option
@told
def command(
    which: str | None, landed: str | None, did_not_land: bool, reason: str, who: str | None, project: Path | None, as_json: bool
) -> None:
    """List deliveries whose outcome nobody knows, of one alert or of all; or settle one by its key."""
    if landed is not None or did_not_land:
        if which is None or (landed is not None and did_not_land):
            raise click.UsageError("give one KEY, and either --landed URL or --did-not-land")
        with open_desk(project) as desk, posts_beside(as_json):
            state = desk.settle_unknown(which, landed=landed, by=who_is(who), reason=reason)
        if as_json:
            print_json({"key": which, "state": state})
        else:
            click.echo(f"{which} is {state}.")
        return
    with open_desk(project) as desk:
        found = desk.unknown(which)
    if as_json:
        print_json({"unknown": [one.to_dict() for one in found]})
    for one in () if as_json else found:
        when = f"{one.first_at:%Y-%m-%d %H:%M:%S} to {one.last_at:%H:%M:%S} UTC" if one.first_at and one.last_at else "an unknown time"
        click.echo(
            f"{one.key}  {one.alert} r{one.revision}  {one.act} to {one.channel} ({one.account}, {one.address or 'no address known'})"
        )
        click.echo(f"    {one.tries} tries, {when}: {one.error or 'no answer'} [{one.code}]")
        click.echo(f"    Text      {' '.join((one.text or 'none').split())}")
        click.echo(f"    Look for  {one.look_for}")
        if one.by_itself:
            click.echo("    A worker asks or repeats it by itself; nobody has to settle it.")
    if not as_json:
        settle = '\nSettle one: geoalert unknown KEY --landed URL | --did-not-land, with --reason "..."' if found else ""
        click.echo(f"{len(found)} unknown.{settle}")
    sys.exit(UNKNOWN if found else DONE)
