"""Deliveries as the tests of the ledger queue them."""

from __future__ import annotations

from datetime import datetime, timedelta

from geoalert.outbox import NewDelivery


def new(now: datetime, channel: str = "ed-bia", **changes: object) -> NewDelivery:
    """A delivery due now, with chosen differences."""
    values: dict[str, object] = {
        "sender": "Example Police", "alert": "S1", "revision": 1, "channel": channel, "account": "posts", "status": "exercise",
        "plan_digest": "a" * 64, "post_digest": "b" * 64, "expires_at": now + timedelta(hours=6),
    }  # fmt: skip
    return NewDelivery(**values | changes)  # type: ignore[arg-type]
