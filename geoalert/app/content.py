"""What a delivery says: the approved words and images of its plan, proved, and the receipt of what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geoalert.app.accounts import unusable_of
from geoalert.app.notices import is_notice, notice_post
from geoalert.errors import GeoAlertError, NotSent, PlanChanged, Rejected
from geoalert.outbox import Delivery
from geoalert.outbox.model import speaks
from geoalert.plan import Plan
from geoalert.plan.digest import part_digest
from geoalert.publishing import Capabilities, Post, Receipt
from geoalert.recall import BY_PERSON, CLOSING, Means, Standing, receipt_of
from geoalert.worker import Content

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

WAIT_S = 1.0


class Contents:
    """Every plan of a desk, read once and proved, by its digest; and what each delivery of it says."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._plans: dict[tuple[str, int, str], Plan] = {}
        self._told: dict[str, dict[str, Mapping[str, Any]]] = {}

    def __call__(self, delivery: Delivery) -> Content:
        """Returns what a delivery says and is about.

        Raises:
            PlanChanged: the plan does not hold what was approved. NotSent: what it is about is still on its way (waits_for_first).
            Rejected: an image was blocked since (media_blocked).
        """
        if is_notice(delivery):
            return Content(notice_post(self._desk, delivery))
        receipt = None
        if delivery.of_delivery is not None:
            receipt = self._receipt(delivery, delivery.of_delivery)
        return Content(None if delivery.act == "recall" else self._post(delivery), receipt)

    def keep(self, plan: Plan) -> None:
        """Takes a plan that was read and proved elsewhere."""
        self._plans[plan.id, plan.revision, plan.digest] = plan

    def warm(self, rows: Iterable[Delivery]) -> None:
        """Reads the plans of rows and makes the publishers, so that nothing of it is done while the ledger is locked."""
        seen: set[str] = set()
        for row in rows:
            if row.plan_digest not in seen:
                seen.add(row.plan_digest)
                self.plan_or_none(row)
                self._capabilities(row.account)

    def plan(self, delivery: Delivery) -> Plan:
        """Returns the very plan that a row was queued from, proved on its bytes; errors as `Store.load_digest`."""
        wanted = (delivery.alert, delivery.revision, delivery.plan_digest)
        if wanted not in self._plans:
            self._plans[wanted] = self._desk.store.load_digest(*wanted)
        return self._plans[wanted]

    def plan_or_none(self, delivery: Delivery) -> Plan | None:
        """Returns the plan of a row, None where it is purged or damaged: what is out is taken down without it."""
        try:
            return self.plan(delivery)
        except GeoAlertError:
            return None

    def has_images(self, delivery: Delivery) -> bool:
        """Returns whether a row's post has images; one whose plan is gone may have."""
        plan = self.plan_or_none(delivery)
        told = None if plan is None else self.told(plan, delivery.channel)
        return True if told is None else bool(told["post"]["media"])

    def told(self, plan: Plan, channel: str) -> Mapping[str, Any] | None:
        """Returns what a plan's document says of one channel's post, None where it has none; found without a search."""
        if plan.digest not in self._told:
            self._told[plan.digest] = {each["post"]["channel"]: each for each in plan.document["posts"]}
        return self._told[plan.digest].get(channel)

    def means(self, at: datetime) -> Means:
        """Returns what can be done about posts that are out, and what was approved to be said."""
        return Means(
            capabilities=self._capabilities,
            approved=self._approved,
            carries=self._carries,
            expected=self._expected,
            reason=self._reason,
        )

    def _capabilities(self, account: str) -> Capabilities | None:
        unusable = unusable_of(self._desk).get(account)
        if unusable is not None:
            return unusable.capabilities
        ready = self._desk.accounts.get(account)
        return None if ready is None else ready.capabilities

    def _reason(self, account: str) -> str:
        unusable = unusable_of(self._desk).get(account)
        if unusable is not None and unusable.capabilities is None:
            return unusable.told
        return (
            BY_PERSON
            if unusable is not None or account in self._desk.accounts
            else f"account {account} is not in geoalert.toml; {BY_PERSON}"
        )

    def _approved(self, delivery: Delivery, because: str) -> str | None:
        plan = self.plan_or_none(delivery)
        text = None if plan is None else plan.closing.get(delivery.channel, {}).get(because)
        return None if text is None else part_digest(text)

    def _carries(self, delivery: Delivery, because: str) -> bool:
        capabilities = self._capabilities(delivery.account)
        if capabilities is None:
            return False
        try:
            capabilities.check(self._closing(delivery, because))
        except (Rejected, PlanChanged):
            return False
        return True

    def _expected(self, post: Standing) -> bool:
        row, capabilities = self._desk.outbox.delivery(post.root), self._capabilities(post.account)
        if row is None or capabilities is None:
            return False
        return row.state == "sending" or (row.state == "unknown" and capabilities.find)

    def _receipt(self, delivery: Delivery, first: int) -> Receipt | None:
        receipt = receipt_of(self._desk.outbox, first)
        if receipt is not None or delivery.act == "publish" or delivery.act == "notify":
            return receipt
        row, capabilities = self._desk.outbox.delivery(first), self._capabilities(delivery.account)
        if row is not None and (row.state == "sending" or (row.state == "unknown" and capabilities is not None and capabilities.find)):
            raise NotSent("what this is about is still on its way", code="waits_for_first", channel=delivery.channel, retry_after_s=WAIT_S)
        return None

    def _post(self, delivery: Delivery) -> Post:
        if delivery.because in CLOSING:
            return self._closing(delivery, str(delivery.because), digest=delivery.post_digest)
        plan = self.plan(delivery)
        post = plan.proved(self.told(plan, delivery.channel), delivery.channel, delivery.post_digest)
        gone = due_images(plan, delivery.take_down_at if delivery.because == "images_due" else self._desk.clock())
        post = replace(post, media=tuple(item for item in post.media if item.source_digest not in gone))
        if speaks(delivery.act, delivery.because) and post.media:
            blocked = self._desk.outbox.blocked({name for item in post.media for name in (item.digest, item.source_digest)})
            if blocked and delivery.state == "unknown":
                # It is looked for by its key and words; were it sent again, then without its images.
                return replace(post, media=())
            if blocked:
                raise Rejected("an image was blocked after an error", code="media_blocked", channel=delivery.channel, field="media")
        return post

    def _closing(self, delivery: Delivery, because: str, *, digest: str | None = None) -> Post:
        plan = self.plan(delivery)
        text, told = plan.closing.get(delivery.channel, {}).get(because), self.told(plan, delivery.channel)
        if text is None or told is None or (digest is not None and part_digest(text) != digest):
            raise PlanChanged("the plan holds another closing text than the one that was approved", field="channel", value=delivery.channel)
        title = text["title"] if plan.capabilities(delivery.account).title else None
        plain = {name: told["post"][name] for name in ("channel", "account", "address", "language")}
        return Post(**plain, text=text["text"], title=title or None)


def due_images(plan: Plan, at: datetime | None) -> frozenset[str]:
    """Returns the digests of the author's images that have to be gone at an instant."""
    if at is None:
        return frozenset()
    ended = plan.alert["at_expiry"] in ("remove_images", "remove") and plan.expires <= at
    told = plan.alert["media"]
    return frozenset(m["digest"] for m in told if ended or (m["remove_by"] and datetime.fromisoformat(m["remove_by"]) <= at))


def dues(plan: Plan) -> list[tuple[datetime, str]]:
    """Returns when something of a plan's posts has to go by itself, and what: images_due or expired; earliest first."""
    shown = {item["source_digest"] for told in plan.document["posts"] for item in told["post"]["media"]}
    times = {datetime.fromisoformat(m["remove_by"]) for m in plan.alert["media"] if m["remove_by"] and m["digest"] in shown}
    ends = plan.alert["at_expiry"]
    if ends == "remove_images" and shown:
        times.add(plan.expires)
    found = [(at, "images_due") for at in sorted(times) if ends != "remove" or at < plan.expires]
    return [*found, (plan.expires, "expired")] if ends == "remove" else found
