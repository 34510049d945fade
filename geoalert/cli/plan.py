"""`geoalert plan`: from an alert file to a stored plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geoalert.cli.face import json_option, open_desk, print_json, project_option, told, who_is, who_option

if TYPE_CHECKING:
    from geoalert.app import Desk
    from geoalert.plan import Plan

F = TypeVar("F", bound=Callable[..., Any])


def plan_options(function: F) -> F:
    """Adds what `plan` and `update` both take."""
    options = [
        click.argument("alert", type=click.Path(path_type=Path)),
        click.option("-o", "--out", type=click.Path(path_type=Path), help="Also write the plan to this file."),
        click.option(
            "--signal", "signals", multiple=True, metavar="NAME", help="A signal that rings of the area wait for; may be given again."
        ),
        click.option(
            "--accept",
            "accepted",
            multiple=True,
            metavar="MEASURE=REASON",
            help="Why a limit is exceeded, as [accept] in the alert's file says it: size, outside_city, no_boundary, unreached, overshoot.",
        ),
        who_option,
        project_option,
        json_option,
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.command(name="plan")
@plan_options
@told
def command(
    alert: Path, out: Path | None, signals: tuple[str, ...], accepted: tuple[str, ...], who: str | None, project: Path | None, as_json: bool
) -> None:
    """Plan an alert: who gets what, and why; nothing is sent."""
    from geoalert.app.placing import placed_in

    with open_desk(project) as desk, placed_in(alert):
        made(desk, desk.plan, alert, out=out, signals=signals, accepted=accepted, who=who, as_json=as_json)


def made(
    desk: Desk,
    make: Callable[..., Plan],
    alert: Path,
    *,
    out: Path | None,
    signals: tuple[str, ...],
    accepted: tuple[str, ...],
    who: str | None,
    as_json: bool,
) -> None:
    """Makes a plan of an alert file by `make`, which stores it, and prints it."""
    from geoalert.app.store import check_copy
    from geoalert.cli.plan_table import print_notified, print_plan

    if out is not None:
        check_copy(out)
    plan = make(desk.read_alert(alert, signals=signals).accepting(_reasons(accepted)), by=who_is(who))
    stored, page, notified = desk.store.plan_path(plan), desk.store.page_path(plan), desk.notified(plan)
    if out is not None:
        desk.store.copy(plan, out)
    if as_json:
        print_json(dict(plan.document) | {"file": str(stored), "page": str(page)} | notified.to_dict())
        return
    print_plan(plan)
    print_notified(notified)
    live = f" --digest {plan.digest[:12]} --key FILE" if plan.status == "actual" else ""
    click.echo(f"Plan  {stored}\nPage  {page}\nNext  geoalert approve {plan.id} --as NAME{live}   (anyone but {plan.by})")


def _reasons(written: tuple[str, ...]) -> dict[str, str]:
    """Returns the reason by measure of each MEASURE=REASON."""
    if any("=" not in each for each in written):
        raise click.BadParameter("write MEASURE=REASON", param_hint="--accept")
    return {measure.strip(): reason for measure, _, reason in (each.partition("=") for each in written)}
