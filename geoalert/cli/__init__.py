"""The command line: one small file per command, imported when it is called and not before."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from typing import Any

import click

SECTIONS: dict[str, dict[str, str]] = {
    "The day's commands": {
        "plan": "Plan an alert: who gets what, and why.",
        "show": "Show a stored plan.",
        "approve": "Approve a plan as its second person.",
        "send": "Send an approved plan.",
        "status": "Show what became of every post, and what is out now.",
        "hold": "Stop everything that an alert has still to say, at once.",
        "update": "Plan the next revision for everybody who was told.",
        "recall": "Take back everything that is out.",
    },
    "Looking after": {
        "confirm": "Say that a post is seen gone.",
        "unknown": "List and settle what nobody knows the outcome of.",
        "worker": "Send, take down and expire what is due, until it is ended.",
    },
    "Deciding": {
        "return": "Give a plan back to be changed.",
        "reject": "Reject a plan for good.",
    },
    "Keeping": {
        "evidence": "Write the file that proves an alert, and verify one.",
        "purge": "Purge what is kept long enough; legal holds.",
    },
    "Asking": {
        "match": "Match an area to boundaries.",
        "area": "Make, show, check and export area files.",
        "locate": "Name the boundary of every point in a CSV file.",
    },
    "Setting up": {
        "init": "Start a project in a folder.",
        "check": "Check the whole project.",
        "boundaries": "List, install and check boundary layers.",
        "places": "Build and ask a gazetteer of street corners.",
        "directory": "Make and check the directory of channels and venues.",
        "keys": "Make and show the keys that approvals are signed with.",
        "accounts": "Check the project's accounts at their places.",
        "publishers": "List the installed publishers and what they can do.",
        "schema": "Print the JSON Schema of a file, for an editor.",
    },
    "Trying it": {"demo": "Run a whole exercise, with no network and no set-up."},
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for section in SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"geoalert.cli.{cmd_name}")
        found: click.Command = module.command
        return found

    def main(self, args: Sequence[str] | None = None, *pieces: Any, **options: Any) -> Any:
        """Runs a command; with --json a wrong usage is told as JSON too."""
        given = list(sys.argv[1:] if args is None else args)
        if "--json" not in given or not options.get("standalone_mode", True):
            return super().main(given, *pieces, **options)
        try:
            return super().main(given, *pieces, **options | {"standalone_mode": False})
        except click.exceptions.Exit as err:
            sys.exit(err.exit_code)
        except click.Abort:
            sys.exit(130)
        except click.ClickException as err:
            told = {"code": "usage", "message": err.format_message(), "file": None, "row": None, "field": None, "value": None}
            click.echo(json.dumps(told | {"do": "See --help"}, ensure_ascii=False), err=True)
            sys.exit(err.exit_code)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            from geoalert.text import nearest

            near = nearest(args[0], self.list_commands(ctx))
            ctx.fail(f"no such command {args[0]!r}." + (f" Did you mean {' or '.join(near)}?" if near else " See geoalert --help."))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="geoalert", prog_name="geoalert")
def main() -> Any:
    """One alert, one area, one reviewed plan, every right place, once.

    Every command takes --json. Exit status: 0 done, 1 refused or failed, 2 usage, 3 some outcome unknown, 4 some held or waiting.
    """
