"""The takedowns of a closed alert, and how soon each has to be done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from geoalert.app.content import Contents
from geoalert.outbox import Delivery, NewDelivery
from geoalert.recall import CLOSING, Trail, corrections, standing_of, takedowns

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


def closing_rows(desk: Desk, contents: Contents, *, because: str, closed_at: datetime, found: tuple[Trail, ...]) -> list[NewDelivery]:
    """Returns the takedown rows that a closed alert still lacks: a post that lands late gets one too.

    After an error every place that was ever reached is told, also where the post is deleted.
    """
    at = desk.clock()
    error = because == "error"
    lacking = [trail for trail in found if not _taken(trail, because)]
    posts = standing_of(desk.outbox, lacking, has_images=contents.has_images, ended_too=error)
    means = contents.means(at)
    deadline_at = closed_at + timedelta(minutes=minutes_for(desk, because))
    rows = takedowns(posts, because=because, at=at, deadline_at=deadline_at, means=means)
    # Who reads two posts in one place is answered once, at the newer.
    newest = {trail.root.channel: trail.root.id for trail in found if trail.visible}
    rows = [row for row in rows if row.how not in ("reply", "steward") or row.of_delivery == newest[row.channel]]
    if error:
        told: list[NewDelivery | Delivery] = [*rows, *(row for trail in found for row in trail.rows if row.because == because)]
        rows += corrections(found, told, because=because, means=means)
    return rows


def minutes_for(desk: Desk, because: str) -> int:
    """Returns within how many minutes a takedown has to be done: geoalert.toml's, else the profile's."""
    limits, profile = desk.project.takedown, desk.profile
    if because == "error":
        return limits.error_minutes or profile.error_minutes
    return limits.minutes or profile.takedown_minutes


def _taken(trail: Trail, because: str) -> bool:
    """Tells whether a post has its takedown for this end already; an error comes after any other."""
    reasons = ("error",) if because == "error" else CLOSING
    return any(row.because in reasons and row.state != "superseded" for row in trail.takedowns())
