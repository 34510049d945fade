"""From an approved plan to the ledger, and from the ledger to the publishers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from geoalert.app.approving import Approving
from geoalert.app.notices import is_notice, notice_post
from geoalert.clock import local_text
from geoalert.errors import ConfigurationError, NotLive, OutboxError, PlanError
from geoalert.gates.open import check_scope
from geoalert.outbox import Delivery, NewDelivery
from geoalert.outbox.model import URGENCIES
from geoalert.plan import Approval, Plan
from geoalert.plan.build import account_document
from geoalert.publishing import Post
from geoalert.worker import Content, Worker, sole_sender
from geoalert.worker.pace import LEAST_WAIT_S

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


LONGEST_WAIT_S = 7 * 86_400.0


class Sending:
    """One call of `send`: refuse, queue, work, wait."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._plans: dict[tuple[str, int], Plan] = {}

    def run(
        self,
        plan: Plan,
        *,
        live: str | None,
        wait_s: float,
        sleep: Callable[[float], None],
        tell: Callable[[Delivery], None] | None = None,
    ) -> None:
        """Queues the plan's posts and sends what is due; see `Desk.send`."""
        desk = self._desk
        approvals = self._refuse(plan, live, wait_s)
        desk.outbox.enqueue(_deliveries(plan), at=desk.clock(), events=Approving(desk).issued(plan, approvals))
        self._keep(plan)
        ends_at = desk.clock() + timedelta(seconds=wait_s)
        while not self._work(ends_at, sleep, tell) and (left_s := (ends_at - desk.clock()).total_seconds()) > 0:
            sleep(min(1.0, left_s))

    def _work(self, ends_at: datetime, sleep: Callable[[float], None], tell: Callable[[Delivery], None] | None) -> bool:
        """Sends until nothing is due before `ends_at`; returns False where another process is the sender."""
        desk = self._desk
        try:
            with sole_sender(desk.state):
                worker = Worker(desk.outbox, desk.accounts, self._content_of, desk.clock)
                worker.run_once(tell=tell)
                while (due := self._next_due()) is not None and due <= ends_at:
                    sleep((due - desk.clock()).total_seconds())
                    if desk.clock() < due:
                        break
                    worker.run_once(tell=tell)
        except OutboxError as err:
            if err.code != "sender_running":
                raise
            return False
        return True

    def _next_due(self) -> datetime | None:
        # What is due already and was not tried waits for its account's pace: it is not asked about without pause.
        now = self._desk.clock()
        due = self._desk.outbox.next_due(at=now)
        return due and max(due, now + timedelta(seconds=LEAST_WAIT_S))

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
        # A plan sent from a file of its own has to outlive that file: deliveries are read from the store.
        path = self._desk.store.plan_path(plan)
        try:
            stored = self._desk.store.load(path).digest if path.exists() else None
        except PlanError:
            stored = None
        if stored != plan.digest:
            self._desk.store.keep(plan)
        self._plans[plan.id, plan.revision] = plan

    def _content_of(self, delivery: Delivery) -> Content:
        post = None if delivery.act == "recall" else self._post_of(delivery)
        if delivery.of_delivery is None:
            return Content(post)
        receipts = [attempt.receipt for attempt in self._desk.outbox.attempts(delivery.of_delivery) if attempt.receipt]
        return Content(post, receipts[-1] if receipts else None)

    def _post_of(self, delivery: Delivery) -> Post:
        if is_notice(delivery):
            return notice_post(self._desk, delivery)
        wanted = (delivery.alert, delivery.revision)
        if wanted not in self._plans:
            self._plans[wanted] = self._desk.store.load_revision(*wanted)
        return self._plans[wanted].post(delivery.channel, delivery.post_digest)


def _deliveries(plan: Plan) -> list[NewDelivery]:
    return [
        NewDelivery(
            sender=plan.alert["sender"],
            alert=plan.id,
            revision=plan.revision,
            channel=planned.post.channel,
            account=planned.post.account,
            status=plan.status,
            plan_digest=plan.digest,
            post_digest=planned.digest,
            urgency=URGENCIES[plan.alert["urgency"]],
            expires_at=plan.expires,
        )
        for planned in plan.posts
    ]
