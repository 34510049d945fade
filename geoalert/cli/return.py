"""`geoalert return`: a plan back to its submitter."""  # noqa: N999

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.face import json_option, open_desk, print_json, project_option, told, who_is, who_option


@click.command(name="return")
@click.argument("plan")
@click.option("--reason", required=True, help="What has to be changed; recorded.")
@who_option
@project_option
@json_option
@told
def command(plan: str, reason: str, who: str | None, project: Path | None, as_json: bool) -> None:
    """Give a plan back to be changed; it is planned and approved again under the same id."""
    with open_desk(project) as desk:
        found = desk.store.load(plan)
        desk.give_back(found, by=who_is(who), reason=reason)
    if as_json:
        print_json({"alert": found.id, "revision": found.revision, "digest": found.digest, "state": "returned", "reason": reason})
        return
    click.echo(f"{found.name} returned to {found.by}: {reason}\nNext  geoalert plan ALERT.toml --as {found.by}")
