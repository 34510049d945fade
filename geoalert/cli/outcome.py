"""What became of every post, in the terminal and as an exit status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from geoalert.cli.face import DONE, REFUSED, UNKNOWN, WAITING, counted, print_table

if TYPE_CHECKING:
    from geoalert.app import Outcome


def exit_status(outcome: Outcome) -> int:
    """Returns 3 where an outcome is unknown, else 4 where something waits, else 1 where something was refused, else 0."""
    return status_of(outcome.counts)


def status_of(counts: Mapping[str, int]) -> int:
    """Returns `exit_status` of numbers of deliveries by state."""
    if counts.get("unknown") or counts.get("sending"):
        return UNKNOWN
    if counts.get("queued") or counts.get("held"):
        return WAITING
    return REFUSED if counts.get("rejected") or counts.get("expired") else DONE


def print_outcome(outcome: Outcome) -> None:
    """Prints one line a delivery and the counts by state."""
    rows = [(f"{row.alert} r{row.revision}", row.channel, row.account, row.how, row.state, row.where, row.told) for row in outcome.rows]
    print_table(counted(len(rows), "delivery", "deliveries"), ("Alert", "Channel", "Account", "How", "State", "Where", "Said"), rows)
    if outcome.counts.get("unknown"):
        click.echo("Unknown: nobody knows whether these arrived. Look at the place itself; nothing is ever repeated blindly.")
    click.echo(", ".join(f"{count} {state}" for state, count in sorted(outcome.counts.items())) or "Nothing was sent yet.")


def clock_text(at: datetime, zone: ZoneInfo) -> str:
    """Returns an instant as people of the project read it, with what it is ahead of UTC."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %z}"


def print_waiting(outcome: Outcome, zone: ZoneInfo) -> None:
    """Prints why each post that waits does, and when it is tried again."""
    for row in outcome.rows:
        if row.state in ("queued", "held"):
            again = f", tried again from {clock_text(row.next_at, zone)}" if row.next_at else ""
            click.echo(f"{row.state}: {row.channel}: {row.told or 'not tried yet'}{again}")


def print_open(outcome: Outcome, zone: ZoneInfo) -> None:
    """Prints what has still to be taken down, overdue first."""
    rows = [
        (
            item.alert,
            item.channel,
            item.because,
            item.how,
            item.told,
            item.deadline_at and f"{item.deadline_at.astimezone(zone):%Y-%m-%d %H:%M %z}",
            "OVERDUE" if item.overdue else "",
            item.where,
        )
        for item in outcome.open
    ]
    columns = ("Alert", "Channel", "Because", "How", "So far", "Until", "", "Where")
    print_table(f"{counted(len(rows), 'open takedown')}", columns, rows)


def print_alerts(outcome: Outcome, zone: ZoneInfo) -> None:
    """Prints one line an alert: where it stands in its life, as CAP says it, and what is out."""
    for alert in outcome.alerts:
        where, life = alert.standpoint, alert.standpoint.life
        revision = f" r{life.revision}" if life.revision else ""
        because = f" because {life.because}" if life.because else ""
        cap = f", CAP {life.msg_type}" if life.msg_type else ""
        follows = f" of {', '.join(one.identifier for one in life.references)}" if life.references else ""
        shown = ", ".join(f"{count} {name}" for name, count in alert.shown.items()) or "nothing out"
        click.echo(f"{where.alert}{revision}: {life.state}{because}{cap}{follows}; {shown}")
        if where.held is not None:
            click.echo(f"    held by {where.held.actor} since {clock_text(where.held.time, zone)}: {(where.held.body or {}).get('reason')}")
        late = sum(item.overdue for item in alert.open)
        if alert.open:
            overdue = f", {late} overdue" if late else ""
            click.echo(f"    {counted(len(alert.open), 'takedown')} open{overdue}: geoalert status {where.alert} --open")
