"""What may be seen now of an alert, in every revision: read from the ledger's rows, never stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from geoalert.outbox import Delivery, Outbox
from geoalert.outbox.model import speaks
from geoalert.publishing import Receipt

OUT = ("done", "unknown", "sending")
"""States in which a post may have arrived."""
ENDING = ("arrested", "located", "identified", "resolved", "error", "expired")


def _any(_: Delivery) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Standing:
    """One post that is out, or may be.

    Attributes:
        delivery: the row whose content it shows: the first one, or the newest edit.
        receipt: the place's answer, which an edit keeps; None where nobody knows whether it arrived.
        revision: of the content.
        has_images: whether the content shows images that were not taken out since.
        root: id of the row that first posted it; what edits, answers and takedowns name.
    """

    channel: str
    account: str
    delivery: Delivery
    receipt: Receipt | None
    revision: int
    has_images: bool
    root: int


@dataclass(frozen=True, slots=True)
class Trail:
    """One post and everything that was to be done to it since, oldest first."""

    root: Delivery
    rows: tuple[Delivery, ...] = ()

    @property
    def content(self) -> Delivery:
        """The row whose content may be seen: the first post, or the newest edit that may have arrived."""
        edits = [row for row in self.rows if row.act == "replace" and speaks(row.act, row.because) and row.state in OUT]
        return edits[-1] if edits else self.root

    @property
    def stands(self) -> bool:
        """Whether the alert can still be read there: it may have arrived, and was neither deleted, edited into its end nor seen gone."""
        return self.visible and not any(_ends(row) for row in self.rows)

    @property
    def visible(self) -> bool:
        """Whether anything can still be seen there, be it the words that end the alert."""
        return self.root.state in OUT and self.root.confirmed_at is None and not any(_gone(row) for row in self.rows)

    @property
    def imageless(self) -> bool:
        """Whether the images were taken out of what may be seen."""
        edited = [row for row in self.rows if row.act == "replace" and row.state == "done"]
        seen_gone = any(row.because == "images_due" and row.confirmed_at is not None for row in self.rows)
        return seen_gone or (bool(edited) and not speaks("replace", edited[-1].because))

    def takedowns(self) -> tuple[Delivery, ...]:
        """Returns the rows that take the post down or tell who can."""
        return tuple(row for row in self.rows if row.because is not None and not speaks(row.act, row.because) and row.how != "new")


def trails(outbox: Outbox, sender: str, alert: str) -> tuple[Trail, ...]:
    """Returns every post of an alert that was ever to be made, in the order they were queued, each with what followed it."""
    return trails_of(outbox.iter_deliveries(sender=sender, alert=alert))


def trails_of(rows: Iterable[Delivery]) -> tuple[Trail, ...]:
    """Returns `trails` of one alert's rows, in the order they were queued."""
    roots: dict[int, Delivery] = {}
    followed: dict[int, list[Delivery]] = {}
    root_of: dict[int, int] = {}
    for row in rows:
        if row.act in ("publish", "correct") and speaks(row.act, row.because):
            roots[row.id], followed[row.id], root_of[row.id] = row, [], row.id
        elif row.of_delivery in root_of:
            root_of[row.id] = root_of[row.of_delivery]
            followed[root_of[row.id]].append(row)
    return tuple(Trail(root, tuple(followed[number])) for number, root in roots.items())


def standing(outbox: Outbox, sender: str, alert: str, *, has_images: Callable[[Delivery], bool] = _any) -> tuple[Standing, ...]:
    """Returns what is out now, or may be, of every revision; those with images first, then in the order they were queued.

    Args:
        has_images: whether the plan's post of a row has any.
    """
    return standing_of(outbox, trails(outbox, sender, alert), has_images=has_images)


def standing_of(
    outbox: Outbox, found: Iterable[Trail], *, has_images: Callable[[Delivery], bool] = _any, ended_too: bool = False
) -> tuple[Standing, ...]:
    """Returns `standing` of trails already read; with `ended_too` also what shows the words that end the alert."""
    out = []
    for trail in found:
        if trail.stands or (ended_too and trail.visible):
            shown = not trail.imageless and has_images(trail.content)
            receipt = _newest_edit(outbox, trail) or receipt_of(outbox, trail.root.id)
            out.append(
                Standing(trail.root.channel, trail.root.account, trail.content, receipt, trail.content.revision, shown, trail.root.id)
            )
    return tuple(sorted(out, key=lambda each: not each.has_images))


def receipt_of(outbox: Outbox, delivery: int) -> Receipt | None:
    """Returns the last answer that one row's tries got."""
    found = [attempt.receipt for attempt in outbox.attempts(delivery) if attempt.receipt is not None]
    return found[-1] if found else None


def _newest_edit(outbox: Outbox, trail: Trail) -> Receipt | None:
    edited = [row for row in trail.rows if row.act == "replace" and row.state == "done"]
    return receipt_of(outbox, edited[-1].id) if edited else None


def _gone(row: Delivery) -> bool:
    seen_gone = row.confirmed_at is not None and row.because != "images_due"
    return seen_gone or (row.act == "recall" and row.state == "done")


def _ends(row: Delivery) -> bool:
    return row.act == "replace" and row.because in ENDING and row.state == "done"
