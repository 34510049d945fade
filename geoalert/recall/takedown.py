"""The rows that take back what is out: one for each post, the strongest that its place can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from geoalert.outbox import Delivery, NewDelivery
from geoalert.outbox.model import URGENCIES
from geoalert.publishing import Capabilities
from geoalert.recall.standing import OUT, Standing, Trail
from geoalert.recall.verbs import ACTS, verb_for

CLOSING = ("arrested", "located", "identified", "resolved", "error")
"""Reasons that a closing text was approved for."""
BY_PERSON = "a person has to ask for its removal"

_ROUNDS = {"images_due": 100, "expired": 2, "updated": 3, "arrested": 4, "located": 4, "identified": 4, "resolved": 4, "error": 5}
_CORRECTION = 6
_ROUND_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Means:
    """What can be done and said.

    Attributes:
        capabilities: of an account by its name, as they are now; None where the account is there no more.
        approved: digest of the text that a row's plan has for a reason; None where it has none.
        carries: whether an account can carry that text as a post of its own.
        reason: why a row about a post of an account is held, where it has to be.
        expected: whether a post without a receipt will have one, or proof that it never arrived.
    """

    capabilities: Callable[[str], Capabilities | None]
    approved: Callable[[Delivery, str], str | None]
    carries: Callable[[Delivery, str], bool]
    expected: Callable[[Standing], bool]
    reason: Callable[[str], str]


def takedowns(
    posts: Iterable[Standing],
    *,
    because: str,
    at: datetime,
    deadline_at: datetime,
    means: Means,
    due_at: datetime | None = None,
    step: int = 0,
) -> list[NewDelivery]:
    """Returns one row for each post, images first; asked again it returns the same rows, which the ledger knows.

    Args:
        because: why, one of the ledger's reasons.
        at: now.
        deadline_at: when each has to be done.
        due_at: of images, which of them are due: those to be gone by then.
        step: number of that instant among the plan's.
    """
    made = []
    for post in sorted(posts, key=lambda each: not each.has_images):
        capabilities = means.capabilities(post.account)
        expected = post.receipt is None and means.expected(post)
        verb = "steward" if capabilities is None else verb_for(capabilities, because, post.receipt, at=at, expected=expected)
        made.append(takedown(post, verb, because=because, deadline_at=deadline_at, means=means, due_at=due_at, step=step))
    return made


def takedown(
    post: Standing,
    verb: str,
    *,
    because: str,
    deadline_at: datetime | None,
    means: Means,
    due_at: datetime | None = None,
    step: int = 0,
    silent: bool = False,
) -> NewDelivery:
    """Returns the row that takes one post down in one way.

    Args:
        silent: the place was told already, so that a person has to see to the rest.
    """
    row = post.delivery
    says = means.approved(row, because) if because in CLOSING else None
    able = verb != "steward" or (not silent and says is not None and means.capabilities(post.account) is not None)
    if verb == "steward" and able and not means.carries(row, because):
        able = False
    return _row(
        row,
        act=ACTS[verb],
        how=verb,
        because=because,
        root=post.root,
        digest=says or row.post_digest,
        occurrence=_ROUNDS[because] + step,
        deadline_at=deadline_at,
        held_reason=None if able else means.reason(row.account),
        take_down_at=due_at,
    )


def corrections(found: Iterable[Trail], rows: Iterable[NewDelivery | Delivery], *, because: str, means: Means) -> list[NewDelivery]:
    """Returns a new post with the correction for every place that was reached and that none of `rows`, made or due, tells."""
    told = {row.channel for row in rows if row.act != "recall" and row.held_reason is None}
    newest = {trail.root.channel: trail for trail in found if trail.root.state in OUT}
    made = []
    for channel, trail in newest.items():
        says = means.approved(trail.content, because)
        if channel in told or says is None or means.capabilities(trail.root.account) is None:
            continue
        whole = _row(
            trail.content,
            act="notify",
            how="new",
            because=because,
            root=trail.root.id,
            digest=says,
            occurrence=_CORRECTION,
            deadline_at=None,
            held_reason=None,
            take_down_at=None,
        )
        made.append(whole)
    return made


def _row(
    row: Delivery,
    *,
    act: str,
    how: str,
    because: str,
    root: int,
    digest: str,
    occurrence: int,
    deadline_at: datetime | None,
    held_reason: str | None,
    take_down_at: datetime | None,
) -> NewDelivery:
    return NewDelivery(
        sender=row.sender,
        alert=row.alert,
        revision=row.revision,
        channel=row.channel,
        account=row.account,
        status=row.status,
        plan_digest=row.plan_digest,
        post_digest=digest,
        expires_at=row.expires_at,
        act=act,
        # A thousand for each occurrence of the post itself: every takedown of it then has a key of its own.
        occurrence=_ROUND_SIZE * (row.occurrence + 1) + occurrence,
        of_delivery=root,
        urgency=URGENCIES["Immediate"],
        held_reason=held_reason,
        take_down_at=take_down_at,
        because=because,
        how=how,
        deadline_at=deadline_at,
    )
