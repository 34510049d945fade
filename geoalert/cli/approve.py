"""`geoalert approve`: the second person's yes."""

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.face import json_option, open_desk, print_json, project_option, told, who_is, who_option


@click.command(name="approve")
@click.argument("plan")
@click.option("--reason", default="", help="Why it is necessary and proportionate; recorded.")
@click.option("--key", type=click.Path(path_type=Path), help="Your signing key; a plan of status actual needs it.")
@who_option
@project_option
@json_option
@told
def command(plan: str, reason: str, key: Path | None, who: str | None, project: Path | None, as_json: bool) -> None:
    """Approve exactly the plan that `geoalert show` prints; its submitter cannot."""
    with open_desk(project) as desk:
        found = desk.store.load(plan)
        approval = desk.approve(found, by=who_is(who), reason=reason, key=key)
    if as_json:
        print_json({"alert": found.id, "revision": found.revision, "digest": approval.digest, "by": approval.by, "at": approval.at})
        return
    click.echo(f"{found.name} approved by {approval.by}\nDigest {approval.digest}\nNext  geoalert send {found.id}")
