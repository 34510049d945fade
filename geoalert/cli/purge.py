"""`geoalert purge`: what is kept long enough goes; what is on legal hold stays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoalert.cli.face import counted, json_option, open_desk, print_json, print_table, project_option, told, who_is, who_option

if TYPE_CHECKING:
    from geoalert.app.retention import Purge


@click.command(name="purge")
@click.option("--dry-run", is_flag=True, help="Print what would go, and change nothing.")
@click.option("--hold", "hold_id", metavar="ID", help="Put an alert on legal hold: nothing of it is purged.")
@click.option("--release", "release_id", metavar="ID", help="End an alert's legal hold.")
@click.option("--reason", default="", help="Why it is held or released; recorded.")
@who_option
@project_option
@json_option
@told
def command(
    dry_run: bool, hold_id: str | None, release_id: str | None, reason: str, who: str | None, project: Path | None, as_json: bool
) -> None:
    """Purge what [retention] in geoalert.toml says is over, of alerts that have ended and have nothing open."""
    if (hold_id and release_id) or (dry_run and (hold_id or release_id)):
        raise click.UsageError("give one of --hold, --release and --dry-run")
    by, alert = who_is(who), hold_id or release_id
    with open_desk(project) as desk:
        if alert is None:
            _print(desk.purge(by=by, dry_run=dry_run), as_json=as_json)
            return
        (desk.legal_hold if hold_id else desk.end_legal_hold)(alert, by=by, reason=reason)
    if as_json:
        print_json({"alert": alert, "legal_hold": hold_id is not None, "by": by, "reason": reason})
    else:
        click.echo(f"{alert} is on legal hold: {reason}" if hold_id else f"{alert} is no longer on legal hold: {reason}")


def _print(done: Purge, *, as_json: bool) -> None:
    if as_json:
        print_json(done.to_dict())
        return
    columns = ("Alert", "Ended", "Classes", "%Plans", "%Images", "%Restricted", "%Tries", "%Bodies", "Kept because")
    counts = ("plans", "images", "restricted", "tries", "bodies")
    rows = [
        (item.alert, f"{item.ended_at:%Y-%m-%d}", ", ".join(item.classes), *(getattr(item, name) for name in counts), item.kept)
        for item in done.items
    ]
    if rows:
        print_table("Would be purged" if done.dry_run else "Purged", columns, rows)
    for finding in done.findings:
        click.echo(f"{finding.level}: {finding.where}: {finding.text}")
    gone = sum(item.kept is None for item in done.items)
    click.echo(f"{counted(gone, 'alert')} {'would be ' if done.dry_run else ''}purged, {len(done.items) - gone} kept")
