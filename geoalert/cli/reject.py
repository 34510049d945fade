"""`geoalert reject`: a plan that is not to be sent."""

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.face import json_option, open_desk, print_json, project_option, told, who_is, who_option


@click.command(name="reject")
@click.argument("plan")
@click.option("--reason", required=True, help="Why it is not sent; recorded.")
@who_option
@project_option
@json_option
@told
def command(plan: str, reason: str, who: str | None, project: Path | None, as_json: bool) -> None:
    """Reject a plan for good: it can be neither approved nor sent."""
    with open_desk(project) as desk:
        found = desk.store.load(plan)
        desk.reject(found, by=who_is(who), reason=reason)
    if as_json:
        print_json({"alert": found.id, "revision": found.revision, "digest": found.digest, "state": "rejected", "reason": reason})
        return
    click.echo(f"{found.name} rejected: {reason}")
