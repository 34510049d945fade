"""`geoalert show`: a stored plan, or a plan's file, proved and printed."""

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.exporting import exported, overwrite_option
from geoalert.cli.face import json_option, open_desk, print_json, project_option, told


@click.command(name="show")
@click.argument("plan")
@click.option("--all", "everything", is_flag=True, help="List every skipped place.")
@click.option("--posts", is_flag=True, help="Print every post in full.")
@click.option(
    "--export", type=click.Path(path_type=Path), help="Write area, boundaries and places to FILE.gpkg, .geojson, .kml, .shp or .zip."
)
@overwrite_option
@project_option
@json_option
@told
def command(plan: str, everything: bool, posts: bool, export: Path | None, overwrite: bool, project: Path | None, as_json: bool) -> None:
    """Show a plan by its file or its alert's id."""
    from geoalert.cli.plan_table import print_life, print_notified, print_plan
    from geoalert.clock import local_text

    with open_desk(project) as desk:
        found = desk.store.load(plan)
        approvals = desk.store.approvals(found)
        notified = desk.notified(found)
        where = desk.standpoint(found.id)
        if export is not None:
            exported(found, export, overwrite=overwrite, layers=desk.layers)
    if as_json:
        print_json(
            dict(found.document)
            | {"approvals": [approval.to_dict() for approval in approvals]}
            | notified.to_dict()
            | {"life": where.to_dict()}
        )
        return
    print_plan(found, skipped=None if everything else 12)
    if posts:
        for planned in found.posts:
            click.echo(f"\n--- {planned.post.channel} ({planned.post.account})\n{planned.post.text}")
    print_notified(notified)
    print_life(where, found)
    for approval in approvals:
        signed = f", signed {approval.key}" if approval.key else ""
        click.echo(
            f"Approved by {approval.by} at {local_text(approval.at, found.alert['zone'])}{signed}"
            + ("" if approval.digest == found.digest else " - another digest")
        )
