"""`geoalert demo`: a whole exercise, with no network and no set-up."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from geoalert.cli.face import json_option, posts_beside, print_json, told
from geoalert.cli.outcome import exit_status


@click.command(name="demo")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("geoalert-demo"), show_default=True, help="Folder of the demo's project."
)
@json_option
@told
def command(out: Path, as_json: bool) -> None:
    """Run an exercise from alert file to sent posts: a composite sketch at Queen and Spadina, over drawn layers and invented places."""
    from geoalert.app.demo import APPROVER, SUBMITTER, run_demo
    from geoalert.cli.plan_table import print_plan

    with posts_beside(as_json):
        done = run_demo(out)
    if as_json:
        print_json(
            {
                "folder": str(done.folder),
                "alert": done.plan.id,
                "digest": done.plan.digest,
                "map": str(done.picture),
                "page": str(done.page),
                "matches": done.plan.matches,
                "posts": len(done.plan.posts),
                "visit_list": len(done.plan.visit_list),
                **done.outcome.to_dict(),
            }
        )
        sys.exit(exit_status(done.outcome))
    print_plan(done.plan)
    counts = ", ".join(f"{count} {state}" for state, count in sorted(done.outcome.counts.items()))
    click.echo(f"\nSubmitted by {SUBMITTER}, approved by {APPROVER}, sent: {counts}. Nothing left this machine.\n")
    for what, where in (
        ("Posts", done.folder / "posts"),
        ("Posts to venues", done.folder / "mail"),
        ("Map", done.picture),
        ("Page to approve", done.page),
        ("Alert file", done.folder / "alert.toml"),
        ("Project", done.folder / "geoalert.toml"),
    ):
        click.echo(f"{what:16} {where}")
    click.echo(f"\nGo on: geoalert status S1 --project {shlex.quote(str(done.folder))}")
    sys.exit(exit_status(done.outcome))
