"""What became of every post, in the terminal and as an exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from geoalert.cli.face import DONE, REFUSED, UNKNOWN, WAITING, counted, print_table

if TYPE_CHECKING:
    from geoalert.app import Outcome


def exit_status(outcome: Outcome) -> int:
    """Returns 3 where an outcome is unknown, else 4 where something waits, else 1 where something was refused, else 0."""
    counts = outcome.counts
    if counts.get("unknown") or counts.get("sending"):
        return UNKNOWN
    if counts.get("queued") or counts.get("held"):
        return WAITING
    return REFUSED if counts.get("rejected") or counts.get("expired") else DONE


def print_outcome(outcome: Outcome) -> None:
    """Prints one line a delivery and the counts by state."""
    rows = [(row.alert, row.channel, row.account, row.state, row.where, row.told) for row in outcome.rows]
    print_table(counted(len(rows), "delivery", "deliveries"), ("Alert", "Channel", "Account", "State", "Where", "Said"), rows)
    if outcome.counts.get("unknown"):
        click.echo("Unknown: nobody knows whether these arrived. Look at the place itself; nothing is ever repeated blindly.")
    click.echo(", ".join(f"{count} {state}" for state, count in sorted(outcome.counts.items())) or "Nothing was sent yet.")
