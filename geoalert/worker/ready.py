"""What the worker is handed: accounts made ready, and the approved content of a delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from geoalert.publishing import Capabilities, Post, Publisher, Receipt
from geoalert.worker.pace import Pacing


@dataclass(frozen=True, slots=True)
class Content:
    """The approved content of one delivery, proved against its digest by whoever hands it in.

    Attributes:
        post: what has to be said; for a correction the closing text or the update.
        receipt: what names the post that is edited, answered or taken down.
    """

    post: Post | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """An account made ready to send, with the capabilities that the plan was checked against.

    Attributes:
        publisher: its first instance, for what is asked of the account outside sending.
        make: makes another instance, one for each post in flight; without it posts go one after another.
        pacing: how fast the place lets itself be asked; a `Told` room feeds it.
    """

    publisher: Publisher
    capabilities: Capabilities
    make: Callable[[], Publisher] | None = None
    pacing: Pacing = field(default_factory=Pacing)
