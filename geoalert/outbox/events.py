"""What is to be written into the record: the fixed list of kinds, and one event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = (
    "planned",
    "returned",
    "rejected_plan",
    "approved",
    "issued",
    "held",
    "released",
    "updated",
    "closed",
    "confirmed",
    "attempt",
    "settled_by_person",
    "recovered",
    "expired",
    "notified",
    "takedown_due",
    "media_blocked",
    "purged",
    "legal_hold",
    "exported",
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened and has to stay provable; `body` holds JSON values only.

    Attributes:
        alert: None for what concerns the whole project.
        actor: the person, or "system".
        role: in which role the person acted.
    """

    kind: str
    body: Mapping[str, Any]
    alert: str | None = None
    sender: str | None = None
    revision: int | None = None
    actor: str = "system"
    role: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of event {self.kind!r}")
