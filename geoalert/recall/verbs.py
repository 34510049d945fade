"""Which of the things that a place can do is done there: the strongest that it can do now."""

from __future__ import annotations

from datetime import datetime

from geoalert.publishing import Capabilities, Receipt

VERBS = ("delete", "edit", "reply", "steward")
"""How a post is taken down, strongest first; `steward` tells whoever looks after the channel."""
ACTS = {"delete": "recall", "edit": "replace", "reply": "correct", "steward": "notify"}
"""What the ledger calls each."""


def verb_for(capabilities: Capabilities, because: str, receipt: Receipt | None, *, at: datetime, expected: bool = False) -> str:
    """Returns how a post is taken down: delete > edit > reply > tell the steward.

    Images that are due are edited out where the place can, so that the words stay. Without a receipt nothing there can be named.

    Args:
        capabilities: of the account, as they are now.
        because: why, one of the ledger's reasons.
        receipt: what the place answered when it was posted or last edited.
        at: now; a place may let posts be deleted or edited for a while only.
        expected: there is no receipt yet, and there will be one, or proof that nothing arrived.
    """
    return verbs_for(capabilities, because, receipt, at=at, expected=expected)[0]


def verbs_for(
    capabilities: Capabilities, because: str, receipt: Receipt | None, *, at: datetime, expected: bool = False
) -> tuple[str, ...]:
    """Returns every way that is open, best first; the last one always is."""
    if receipt is None and not expected:
        return ("steward",)
    can = {
        "delete": capabilities.delete and _within(receipt, capabilities.delete_within_s, at),
        "edit": capabilities.edit and _within(receipt, capabilities.edit_within_s, at),
        "reply": capabilities.threads,
        "steward": True,
    }
    if because == "images_due":
        order: tuple[str, ...] = ("edit", "delete", "steward")
    elif because == "expired":
        # No text was approved for an end by the clock, so nothing can be said there.
        order = ("delete", "steward")
    else:
        order = VERBS
    return tuple(verb for verb in order if can[verb])


def how_updated(
    capabilities: Capabilities, receipt: Receipt | None, *, at: datetime, drops_images: bool = False, expected: bool = False
) -> str:
    """Returns how a newer revision reaches a place that has an older one: edit > reply > replace > new.

    Args:
        drops_images: the older post shows an image that the newer does not; then a place that deletes replaces rather than replies.
        expected: there is no receipt yet, and there will be one, or proof that nothing arrived.
    """
    if receipt is None and not expected:
        return "new"
    if capabilities.edit and _within(receipt, capabilities.edit_within_s, at):
        return "edit"
    deletes = capabilities.delete and _within(receipt, capabilities.delete_within_s, at)
    if deletes and (drops_images or not capabilities.threads):
        return "replace"
    return "reply" if capabilities.threads else "new"


def _within(receipt: Receipt | None, seconds: int | None, at: datetime) -> bool:
    return receipt is None or seconds is None or (at - receipt.at).total_seconds() <= seconds
