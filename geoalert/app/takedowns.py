"""The takedowns of a closed alert, and how soon each has to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from geoalert.app.content import Contents
from geoalert.outbox import Delivery, NewDelivery
from geoalert.recall import CLOSING, Trail, corrections, standing_of, takedown, takedowns, verbs_for

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

_AGAIN = 200
"""Added to the number of a takedown that is decided anew, so that it has a key of its own."""


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


def decided_anew(desk: Desk, contents: Contents, found: tuple[Trail, ...]) -> tuple[list[Delivery], list[NewDelivery]]:
    """Returns takedowns that wait for a person though their place can be asked now, and the rows that take their place.

    A row made while an account could not be used, or was gone from geoalert.toml, is not the last word about its post.
    """
    at, waiting, made = desk.clock(), [], []
    means = contents.means(at)
    known = {row.key for trail in found for row in trail.rows}
    for trail in found:
        tried = [row for row in trail.takedowns() if row.state != "superseded"]
        if not tried or tried[-1].state != "held" or tried[-1].how != "steward" or not trail.visible:
            continue
        last, post = tried[-1], standing_of(desk.outbox, [trail], has_images=contents.has_images, ended_too=True)[0]
        because, capabilities = str(last.because), means.capabilities(post.account)
        if capabilities is None:
            continue
        expected = post.receipt is None and means.expected(post)
        refused = {row.how for row in tried if row.because == because and row.state == "rejected"}
        ways = verbs_for(capabilities, because, post.receipt, at=at, expected=expected)
        verb = next(way for way in ways if way not in refused or way == "steward")
        told = any(row.how == "new" and row.because == because for each in found for row in each.rows if row.channel == post.channel)
        row = takedown(
            post,
            verb,
            because=because,
            deadline_at=last.deadline_at,
            means=means,
            due_at=last.take_down_at,
            silent=told or bool(refused),
        )
        row = replace(row, occurrence=last.occurrence)
        while row.key in known:
            row = replace(row, occurrence=row.occurrence + _AGAIN)
        if row.held_reason is None:
            waiting.append(last)
            made.append(row)
    return waiting, made


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
