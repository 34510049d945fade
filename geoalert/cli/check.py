"""`geoalert check`: the whole project in one table."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import DONE, REFUSED, json_option, open_desk, print_json, print_table, project_option, told


@click.command(name="check")
@project_option
@json_option
@told
def command(project: Path | None, as_json: bool) -> None:
    """Check files, layers, directory, accounts, profile, clock and disk; status 1 when something would refuse."""
    from geoalert.app.check import GOOD, check_project

    with open_desk(project) as desk:
        checks = check_project(desk)
    bad = any(check.level == "refuse" for check in checks)
    if as_json:
        print_json({"ok": not bad, "checks": [check.to_dict() for check in checks]})
    else:
        words = {"warn": "look", "refuse": "REFUSED"}
        rows = [(words.get(check.level, "ok" if check.code in GOOD else "note"), check.where, check.text) for check in checks]
        print_table("Project", ("", "What", "Found"), rows)
    sys.exit(REFUSED if bad else DONE)
