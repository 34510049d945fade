"""`geoalert update`: the next revision of an alert that is out."""

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.face import open_desk, told
from geoalert.cli.plan import made, plan_options


@click.command(name="update")
@plan_options
@told
def command(
    alert: Path, out: Path | None, signals: tuple[str, ...], accepted: tuple[str, ...], who: str | None, project: Path | None, as_json: bool
) -> None:
    """Plan the next revision: everybody who was told of any earlier one is told of this; nothing is sent.

    Each post says how it gets there: edit, reply, replace or new. It has to be approved and sent as any plan.
    """
    from geoalert.app.placing import placed_in

    with open_desk(project) as desk, placed_in(alert):
        made(desk, desk.update, alert, out=out, signals=signals, accepted=accepted, who=who, as_json=as_json)
