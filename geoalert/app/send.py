"""From an approved plan to the ledger, and from the ledger to the publishers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from geoalert.app.approving import Approving
from geoalert.app.closing import check_media
from geoalert.app.content import Contents, dues
from geoalert.app.deciding import decided
from geoalert.app.updating import Updating
from geoalert.app.working import Working
from geoalert.clock import local_text
from geoalert.errors import ConfigurationError, NotLive, PlanError
from geoalert.gates.open import check_scope
from geoalert.outbox import Delivery, Event, NewDelivery, Seen
from geoalert.plan import Approval, Plan
from geoalert.plan.build import account_document
from geoalert.recall import trails

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


LONGEST_WAIT_S = 7 * 86_400.0


class Sending:
    """One call of `send`: refuse, queue, work, wait."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._contents = Contents(desk)

    def run(self, plan: Plan, *, live: str | None, wait_s: float, tell: Callable[[Delivery], None] | None = None) -> None:
        """Queues the plan's posts and sends what is due; see `Desk.send`."""
        desk = self._desk
        with desk.lock:
            decided(lambda: self._decide(plan, live, wait_s))
        Working(desk, contents=self._contents).until(desk.clock() + timedelta(seconds=wait_s), tell=tell)

    def _decide(self, plan: Plan, live: str | None, wait_s: float) -> None:
        seen = Approving(self._desk).seen(plan)
        self._queue(plan, self._refuse(plan, live, wait_s), seen)

    def _queue(self, plan: Plan, approvals: tuple[Approval, ...], seen: Seen) -> None:
        """Queues what a plan says and takes what older revisions have still to say out of the queue, both or neither."""
        desk, updating = self._desk, Updating(self._desk, self._contents)
        events = tuple(_with_dues(event, plan) for event in Approving(desk).issued(plan, approvals))
        found = trails(desk.outbox, plan.alert["sender"], plan.id)
        updating.check_newest(plan, found)
        late = [row.id for row in updating.waiting(plan, found)]
        self._keep(plan)
        if found:
            self._contents.warm(trail.content for trail in found)
        desk.outbox.enqueue(self._rows(plan, updating), at=desk.clock(), events=events, supersede=late, seen=seen)

    def _rows(self, plan: Plan, updating: Updating) -> Iterator[NewDelivery]:
        # Read inside the transaction, where nobody's answer can still change what an older post is.
        yield from updating.rows(plan, trails(self._desk.outbox, plan.alert["sender"], plan.id))

    def _refuse(self, plan: Plan, live: str | None, wait_s: float) -> tuple[Approval, ...]:
        desk = self._desk
        if not 0 <= wait_s <= LONGEST_WAIT_S:
            raise PlanError("a wait is 0 seconds to a week", code="invalid_wait", field="wait", value=str(wait_s), do="Give seconds")
        approvals = desk.check_approved(plan)
        if plan.alert["sender"] != desk.project.agency:
            raise PlanError("the plan is of another agency", code="other_agency", field="sender", value=plan.alert["sender"])
        if live is not None and live != desk.project.agency:
            raise NotLive("--live does not name this agency", code="not_live", field="live", value=live, do=f"Type {desk.project.agency!r}")
        if live is not None and plan.status != "actual":
            raise NotLive(f"a plan of status {plan.status} cannot go live", code="not_live", field="live", do="Leave --live out")
        if live is None and plan.status == "actual":
            raise NotLive("going live needs the agency's name typed out", code="not_live", field="live", do="--live AGENCY")
        if plan.expires <= desk.clock():
            desk.outbox.expire(at=desk.clock())
            ended = local_text(plan.expires, plan.alert["zone"])
            raise PlanError("the alert has expired", code="already_expired", field="expires", value=ended, do="Plan it with a later time")
        check_media(desk, plan)
        for told in plan.document["posts"]:
            check_scope(plan.alert["scope"], told["scope"])
        for name, told in plan.document["accounts"].items():
            account = desk.project.accounts.get(name)
            if account is None or account_document(account) != told:
                raise ConfigurationError(
                    "the account is no longer the one that was planned and approved",
                    code="account_changed",
                    file=desk.project.path,
                    field=f"accounts.{name}",
                    do="Plan the alert again",
                )
            account.check_status(plan.status)
        return approvals

    def _keep(self, plan: Plan) -> None:
        # A plan sent from a file of its own has to outlive that file, and be there before any worker can claim its first row.
        self._desk.store.put(plan)
        if self._desk.store.newest_digest(plan) != plan.digest:
            self._desk.store.keep(plan)
        self._contents.keep(plan)


def _with_dues(event: Event, plan: Plan) -> Event:
    """Adds to what is recorded of an issued plan when something of it has to go by itself."""
    if event.kind not in ("issued", "updated"):
        return event
    return replace(event, body={**event.body, "due": [[at.isoformat(), because] for at, because in dues(plan)]})
