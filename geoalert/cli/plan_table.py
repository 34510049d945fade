"""A plan in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from geoalert.app.notices import Notified
from geoalert.cli.face import counted, percent, print_table
from geoalert.clock import local_text
from geoalert.plan import Plan

if TYPE_CHECKING:
    from geoalert.app.lives import Standpoint

SKIPPED_SHOWN = 12


def print_plan(plan: Plan, *, skipped: int | None = SKIPPED_SHOWN) -> None:
    """Prints boundaries, posts, visit list, skipped places (at most `skipped` of them) and findings, each with its reason."""
    alert = plan.alert
    ends = local_text(plan.expires, alert["zone"])
    click.echo(f"{plan.status.upper()}  {alert['sender']}  {plan.id} r{plan.revision}  {alert['kind']}  expires {ends}")
    rows = [
        (m["layer"], m["id"], m["label"], percent(m["share_of_area"]), "yes" if m["targeted"] else "no", m["reason"]) for m in plan.matches
    ]
    print_table(counted(len(rows), "boundary", "boundaries"), ("Layer", "Id", "Label", "% of area", "Targeted", "Reason"), rows)
    for layer, lead in plan.document["survey"]["leads"].items():
        click.echo(f"Lead {layer}: {lead['id']} ({lead['why']})")
    posts: list[tuple[object, ...]] = [
        (p.post.channel, p.post.account, p.post.language, len(p.post.text), len(p.post.media), p.reason) for p in plan.posts
    ]
    columns: tuple[str, ...] = ("Channel", "Account", "Language", "Characters", "Images", "Reason")
    if plan.revision > 1:
        columns = ("Channel", "How", *columns[1:])
        posts = [(row[0], planned.how, *row[1:]) for row, planned in zip(posts, plan.posts, strict=True)]
    print_table(counted(len(posts), "post"), columns, posts)
    if plan.visit_list:
        visits = [(n, v["name"], v["opening_hours"] or "unknown", v["reason"]) for n, v in enumerate(plan.visit_list, 1)]
        print_table(f"{counted(len(visits), 'venue')} to visit", ("No.", "Venue", "Opening hours", "Reason"), visits)
    left_out = [(s["kind"], s["name"], s["reason"]) for s in plan.selections if not s["chosen"]]
    if left_out:
        shown = left_out if skipped is None else left_out[:skipped]
        print_table(f"{len(left_out)} skipped", ("Kind", "Name", "Reason"), shown)
        if len(shown) < len(left_out):
            click.echo(f"... and {len(left_out) - len(shown)} more: geoalert show {plan.id} --all")
    for finding in plan.findings:
        click.echo(f"{finding.level}: {finding.text}" + (f" ({finding.where})" if finding.where else ""))
    click.echo(f"Digest {plan.digest}")


def print_notified(notified: Notified) -> None:
    """Prints who is told that the plan waits for approval, and why nobody, or somebody, is not."""
    for one in notified.told:
        click.echo(f"Told  {one.person} by {one.account}" + (f" ({one.state})" if one.state != "queued" else ""))
    for finding in notified.findings:
        click.echo(f"{finding.level}: {finding.text}" + (f" ({finding.where})" if finding.where else ""))


def print_life(where: Standpoint, plan: Plan) -> None:
    """Prints where the alert stands in its life, and what this revision is in CAP's words."""
    life = where.life
    kind = "Update" if plan.revision > 1 else "Alert"
    follows = "".join(f" {one['sender']},{one['id']}.r{one['revision']}" for one in plan.alert["references"])
    click.echo(
        f"Life  {life.state}"
        + (f" because {life.because}" if life.because else "")
        + f"; CAP {kind}"
        + (f" of{follows}" if follows else "")
    )
