"""`geoalert accounts`: whether the project's accounts can be used."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import DONE, REFUSED, json_option, open_desk, print_json, print_table, project_option, told


@click.group(name="accounts")
def command() -> None:
    """Check the project's accounts at their places; logging in from here comes in a later version."""


@command.command(name="check")
@click.argument("name", required=False)
@project_option
@json_option
@told
def check(name: str | None, project: Path | None, as_json: bool) -> None:
    """Prove secrets, connection and credentials of every account, or of one; posts nothing. Status 1 when one cannot be used."""
    from geoalert.app.credentials import check_accounts
    from geoalert.clock import local_text

    with open_desk(project) as desk:
        found = check_accounts(desk, name)
        zone, now = desk.project.time_zone, desk.clock()
    if as_json:
        print_json({"ok": all(each.code is None for each in found), "accounts": [each.to_dict() for each in found]})
    else:
        rows = []
        for each in found:
            ends = [
                f"{token} {'ENDED' if at <= now else 'until'} {local_text(at, zone)}" if at else f"{token} without end"
                for token, at in each.tokens.items()
            ]
            state = "REFUSED" if each.code else "ok" if each.checked else "note"
            rows.append((state, each.name, each.publisher, each.mode, "; ".join(ends), each.told))
        print_table("Accounts", ("", "Account", "Publisher", "Mode", "Tokens", "Found"), rows)
    sys.exit(REFUSED if any(each.code for each in found) else DONE)
