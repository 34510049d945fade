"""One thing to do, one try of it, and how a try ended."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from geoalert.publishing import Receipt

ACTS = ("publish", "replace", "recall", "correct", "notify")
STATES = ("queued", "held", "sending", "done", "rejected", "unknown", "skipped", "superseded", "expired")
BECAUSE = ("arrested", "located", "identified", "resolved", "error", "expired", "images_due", "updated")
"""Why a takedown row exists."""
HOW = ("new", "edit", "reply", "replace", "delete", "steward")
"""What a row does, as people read it."""

URGENCIES = {"Immediate": 0, "Expected": 1, "Future": 2, "Past": 3, "Unknown": 4}
"""CAP 1.2 section 3.2.2, in the order of sending."""

_WRITE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def delivery_key(sender: str, alert: str, revision: int, channel: str, act: str, occurrence: int = 0) -> str:
    """Returns the 26 base32 characters that name one delivery for ever, on this side and on the other."""
    whole = _WRITE([sender, alert, revision, channel, act, occurrence])
    # Whole groups of five bytes, and no more than 26 characters need.
    return base64.b32encode(hashlib.sha256(whole.encode()).digest()[:20]).decode()[:26]


def speaks(act: str, because: str | None) -> bool:
    """Returns whether a row says something new: what a hold stops and a newer revision makes late. Taking back is neither."""
    return act in ("publish", "replace", "correct") and because in (None, "updated")


def ends_at_expiry(act: str, because: str | None) -> bool:
    """Returns whether a row is not done once the alert has expired: what says something, and what asks people about it."""
    return act != "recall" and because in (None, "updated")


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One thing to do, before the ledger has it; identity is (sender, alert, revision, channel, act, occurrence).

    Attributes:
        status: the alert's status: actual, exercise or test.
        of_delivery: the id of the row whose post this one edits, answers or takes down.
        because: why a takedown row exists, one of `BECAUSE`; None for what says something new.
        how: what the row does, as people read it, one of `HOW`.
        deadline_at: when a takedown has to be done by.
    """

    sender: str
    alert: str
    revision: int
    channel: str
    account: str
    status: str
    plan_digest: str
    post_digest: str
    expires_at: datetime
    act: str = "publish"
    occurrence: int = 0
    of_delivery: int | None = None
    urgency: int = URGENCIES["Unknown"]
    not_before: datetime | None = None
    held_reason: str | None = None
    take_down_at: datetime | None = None
    because: str | None = None
    how: str | None = None
    deadline_at: datetime | None = None

    def __post_init__(self) -> None:
        for name, value, known in (("act", self.act, ACTS), ("because", self.because, (None, *BECAUSE)), ("how", self.how, (None, *HOW))):
            if value not in known:
                raise ValueError(f"unknown {name} {value!r}")
        for at in (self.expires_at, self.not_before, self.take_down_at, self.deadline_at):
            if at is not None and at.tzinfo is None:
                raise ValueError("the ledger keeps aware times only")

    @property
    def key(self) -> str:
        """The delivery's name, derived from its identity alone."""
        return delivery_key(self.sender, self.alert, self.revision, self.channel, self.act, self.occurrence)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the ledger.

    Attributes:
        confirmed_at, confirmed_by, confirmed_note: a person, or the place's own proof, says that the post is gone.
    """

    id: int
    key: str
    sender: str
    alert: str
    revision: int
    channel: str
    act: str
    occurrence: int
    account: str
    status: str
    plan_digest: str
    post_digest: str
    of_delivery: int | None
    urgency: int
    not_before: datetime | None
    held_reason: str | None
    expires_at: datetime
    take_down_at: datetime | None
    state: str
    tries: int = 0
    queued_at: datetime | None = None
    because: str | None = None
    how: str | None = None
    deadline_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_note: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery: when, by which worker, how it ended, what it left."""

    id: int
    delivery: int
    number: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    error_code: str | None = None
    error_text: str | None = None
    steps: Mapping[str, str] = field(default_factory=dict)
    receipt: Receipt | None = None
    worker: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one attempt ended, and the state its row goes into.

    Attributes:
        not_before: when the row may be tried again.
        pause_until: until when nothing of its account may be tried, as the place asked or because it does not answer.
    """

    attempt: Attempt
    state: str
    at: datetime
    receipt: Receipt | None = None
    error: Exception | None = None
    not_before: datetime | None = None
    pause_until: datetime | None = None

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"unknown state {self.state!r}")
