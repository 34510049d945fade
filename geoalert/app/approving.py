"""Approving a plan, giving it back, and telling those who can approve it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoalert.app.deciding import decided
from geoalert.app.keys import listed_keys, read_private
from geoalert.app.lives import LIFE
from geoalert.app.notices import Notified, Told, is_notice, notice_deliveries, notice_post, notices_of
from geoalert.errors import NotApproved, PlanChanged, PlanError
from geoalert.findings import Finding
from geoalert.outbox import Delivery, Entry, Event, NewDelivery, Seen
from geoalert.outbox.lifecycle import check_step, life_of
from geoalert.plan import Approval, Plan, approve, check_approved
from geoalert.text import fold
from geoalert.worker import worker_running

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


__all__ = ["Approving", "Tally", "check_read", "notice_post"]

_DECIDED = ("planned", "approved", "returned", "rejected_plan")
SHORTEST_DIGEST = 8
_BACK = {"return": "returned", "reject": "rejected_plan"}


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a plan's approval has come: by whom, and how many people are needed beside the submitter."""

    by: tuple[str, ...]
    needed: int

    @property
    def missing(self) -> int:
        """How many approvals are still missing."""
        return max(0, self.needed - len(self.by))


class Approving:
    """The approvals of one desk's plans."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def approve(self, plan: Plan, *, by: str, reason: str = "", key: Path | None = None, passphrase: str | None = None) -> Approval:
        """Records a second person's yes to exactly this plan; see `Desk.approve`."""
        approval = decided(lambda: self._approve(plan, by=by, reason=reason, key=key, passphrase=passphrase))
        self._desk.store.keep_approval(plan, approval)
        if not self.tally(plan).missing:
            self._quiet(plan)
        return approval

    def _approve(self, plan: Plan, *, by: str, reason: str, key: Path | None, passphrase: str | None) -> Approval:
        desk = self._desk
        record = self._check(plan, "approve")
        self._check_newest(plan, record)
        self.check_approver(plan, by)
        signing = None if key is None else read_private(key, passphrase=passphrase)
        listed = None if signing is None else listed_keys(desk.project, [by]).get(fold(by))
        approval = approve(plan, by=by, at=desk.clock(), reason=reason, key=signing, listed=listed)
        page = desk.store.read_page(plan)
        if page is not None and page != plan.page:
            self._check_newest(plan, self._record(plan))
            stored = desk.store.plan_path(plan)
            raise PlanChanged(
                "the page on disk is not the plan's: it was edited, or is of another plan of this revision",
                code="page_differs",
                file=desk.store.page_path(plan),
                do=f"Plan the alert again, or read the plan itself: geoalert show {stored}",
            )
        told = {name: value for name, value in approval.to_dict().items() if name not in ("alert", "revision", "by")}
        # Whoever proves it years later may not have the project, nor the project the key.
        public = None if listed is None else base64.b64encode(listed.content).decode()
        event = self._event(plan, "approved", told | {"needed": self.needed(plan), "public_key": public}, by=by, role=approval.role)
        desk.outbox.record((*self._adopted(plan, record), event), at=desk.clock(), seen=_seen(plan, record))
        return approval

    def give_back(self, plan: Plan, *, by: str, reason: str, step: str) -> None:
        """Returns a plan to its submitter, or rejects it, for a reason that is recorded; its approvals count no more.

        Args:
            plan: a plan that was not sent.
            by: an approver, or the submitter who takes it back.
            reason: what to change, or why not.
            step: `return` or `reject`.

        Raises:
            PlanError: illegal_step, not_an_approver, reason_missing.
        """
        decided(lambda: self._give_back(plan, by=by, reason=reason, step=step))
        self._desk.store.void_approvals(plan)
        self._quiet(plan)

    def _give_back(self, plan: Plan, *, by: str, reason: str, step: str) -> None:
        desk = self._desk
        record = self._check(plan, step)
        if not reason.strip():
            do = f'geoalert {step} {plan.id} --reason "..."'
            raise PlanError(f"a {step} needs a reason", code="reason_missing", field="reason", do=do)
        self.check_approver(plan, by)
        role = "submitter" if fold(by) == fold(plan.by) else "approver"
        event = self._event(plan, _BACK[step], {"digest": plan.digest, "reason": reason}, by=by, role=role)
        desk.outbox.record((*self._adopted(plan, record), event), at=desk.clock(), seen=_seen(plan, record))

    def keep(self, plan: Plan) -> Notified:
        """Stores a plan, records it, and tells the approvers on call that it waits for them.

        Raises:
            PlanError: illegal_step, the alert was rejected or closed; revision_taken. OutboxError: it cannot be recorded.
        """
        self._desk.store.put(plan)
        told = decided(lambda: self._keep(plan))
        self._quiet(plan, but=plan.digest)
        return told

    def _keep(self, plan: Plan) -> Notified:
        desk = self._desk
        record = self._record(plan)
        check_step(life_of(record).state, "plan", alert=plan.id)
        self._check_unsent(plan)
        if self._last(plan, record) in _BACK.values():
            desk.store.void_approvals(plan)
        posts, findings = notices_of(desk, plan)
        told = [Told(post.channel.partition(":")[2], post.account) for post in posts]
        body = {
            "digest": plan.digest,
            "told": [one.to_dict() for one in told],
            "findings": [finding.to_dict() for finding in findings],
        }
        event = self._event(plan, "planned", body, by=plan.by, role="submitter")
        rows = notice_deliveries(desk, plan, posts)
        desk.outbox.enqueue(self._with_the_plan(plan, rows), at=desk.clock(), events=[event], seen=_seen(plan, record))
        return Notified(tuple(told), findings)

    def _with_the_plan(self, plan: Plan, rows: list[NewDelivery]) -> Iterator[NewDelivery]:
        # Stored inside the transaction that records it: of two plans made at once the one recorded last is the one found.
        yield from rows
        self._desk.store.keep(plan)

    def notified(self, plan: Plan) -> Notified:
        """Returns who was told of this plan, what became of each notice, and what stood in the way, as the record has it."""
        if not (self._desk.state / "outbox.sqlite").exists():
            return Notified()
        rows = {row.channel.partition(":")[2]: row for row in self._notices(plan) if row.plan_digest == plan.digest}
        planned = [entry for entry in self._record(plan) if entry.kind == "planned" and (entry.body or {}).get("digest") == plan.digest]
        findings = [Finding(**found) for found in ((planned[-1].body or {}).get("findings", ()) if planned else ())]
        if any(row.state == "queued" for row in rows.values()) and not worker_running(self._desk.state):
            text = "No worker is running: a notice leaves with `geoalert worker`, or with the next send"
            findings.append(Finding("warn", "no_worker", text))
        return Notified(tuple(Told(name, row.account, row.state) for name, row in rows.items()), tuple(findings))

    def check(self, plan: Plan) -> tuple[Approval, ...]:
        """Returns the approvals that let a plan be sent now, every signature and every person's role proved again.

        Raises:
            NotApproved, PlanChanged, FourEyes: as `check_approved`, or approval_unrecorded; PlanError: illegal_step, not_an_approver.
        """
        record = self._check(plan, "send")
        given = self._desk.store.approvals(plan)
        gone = {fold(one.by): one.by for one in given if one.digest == plan.digest and not self._may_approve(plan, one.by)}
        given = tuple(one for one in given if fold(one.by) not in gone)
        signers = [approval.by for approval in given if approval.key is not None and approval.digest == plan.digest]
        keys = listed_keys(self._desk.project, signers) if signers else {}
        try:
            proved = check_approved(plan, given, keys=keys, needed=self.needed(plan))
        except (NotApproved, PlanChanged):
            for name in gone.values():
                self.check_approver(plan, name)
            raise
        people = self._people(plan, record)
        held = tuple(one for one in proved if fold(one.by) in people)
        if len(held) < self.needed(plan):
            raise NotApproved(
                f"{plan.name} has approvals that the record does not know of, or that ended when it was returned or planned anew",
                code="approval_unrecorded",
                value=", ".join(sorted(one.by for one in proved if one not in held)),
                do=f"Have it approved again: geoalert approve {plan.id} --as NAME",
            )
        return held

    def _people(self, plan: Plan, record: list[Entry]) -> set[str]:
        """Returns who has approved this very plan since it was planned or returned last, by folded name."""
        if self._last(plan, record) is None and self._was_sent(plan, record):
            # Sent before there was a record: what the folder holds is all there is.
            return {fold(one.by) for one in self._desk.store.approvals(plan)}
        people: set[str] = set()
        for entry in record:
            same = (entry.body or {}).get("digest") == plan.digest
            if entry.revision != plan.revision:
                continue
            if entry.kind in _BACK.values() or (entry.kind == "planned" and not same):
                people.clear()
            elif entry.kind == "approved" and same:
                people.add(fold(entry.actor))
        return people

    def seen(self, plan: Plan) -> Seen:
        """Returns how far the alert's record is read now; what is decided after it may rest on that."""
        return _seen(plan, self._record(plan))

    def issued(self, plan: Plan, approvals: tuple[Approval, ...]) -> tuple[Event, ...]:
        """Returns what sending a plan adds to the record: nothing where the revision was sent before."""
        record = self._record(plan)
        if self._was_sent(plan, record):
            return ()
        by = [{"by": one.by, "role": one.role, "key": one.key} for one in approvals]
        body = {"digest": plan.digest, "sent": self._desk.clock().isoformat(), "approved": by, "posts": len(plan.posts)}
        return (*self._adopted(plan, record), self._event(plan, "issued", body, by=plan.by, role="submitter"))

    def needed(self, plan: Plan) -> int:
        """Returns how many people beside the submitter have to approve a plan of this area and so many posts."""
        limits = self._desk.project.approval
        return limits.needed(area_m2=float(plan.document["area"]["area_m2"]), channels=len(plan.document["posts"]))

    def tally(self, plan: Plan) -> Tally:
        """Returns who has approved this very plan, and how many are needed."""
        given = [approval.by for approval in self._desk.store.approvals(plan) if approval.digest == plan.digest]
        known = self._people(plan, self._record(plan)) if given else set()
        people = {fold(name): name for name in given if fold(name) in known - {fold(plan.by)} and self._may_approve(plan, name)}
        return Tally(tuple(people.values()), self.needed(plan))

    def check_approver(self, plan: Plan, by: str) -> None:
        """Refuses whoever geoalert.toml does not list as an approver of the alert's unit, once it lists any.

        Raises:
            PlanError: not_an_approver.
        """
        if not self._may_approve(plan, by):
            raise PlanError(
                f"{by} is not listed in geoalert.toml as an approver of this unit",
                code="not_an_approver",
                file=self._desk.project.path,
                field=f"people.{by}",
                value=by,
                do="Ask an approver of the unit",
            )

    def _may_approve(self, plan: Plan, by: str) -> bool:
        project = self._desk.project
        listed = project.person(by)
        named = any("approver" in person.roles for person in project.people.values())
        return fold(by) == fold(plan.by) or not (listed or named) or bool(listed and listed.approves(plan.alert["unit"]))

    def _check_newest(self, plan: Plan, record: list[Entry]) -> None:
        """Refuses a plan in whose place another was made since."""
        stored = self._desk.store.newest_digest(plan)
        told = [(entry.body or {}).get("digest") for entry in record if entry.kind == "planned" and entry.revision == plan.revision]
        for newest in (stored, *told[-1:]):
            if newest not in (None, plan.digest):
                raise PlanChanged(
                    f"{plan.name} was planned anew since, and is another plan now",
                    code="plan_changed",
                    value=f"{plan.digest[:12]}, now {newest[:12]}",
                    do=f"Read what it is now: geoalert show {plan.id}",
                )

    def _check_unsent(self, plan: Plan) -> None:
        """Refuses another plan for a revision that was sent."""
        rows = self._desk.outbox.deliveries(sender=plan.alert["sender"], alert=plan.id, revision=plan.revision)
        if any(row.plan_digest != plan.digest and not is_notice(row) for row in rows):
            do = "Give the changed alert a new id"
            raise PlanError(f"{plan.name} was already sent from another plan", code="revision_taken", field="id", value=plan.id, do=do)

    def _check(self, plan: Plan, step: str) -> list[Entry]:
        """Refuses a step that the alert, or this revision of it, cannot take; returns the alert's record."""
        record = self._record(plan)
        life = life_of(record)
        last = self._last(plan, record)
        # A plan made in another project, or before there was a record, is taken in as one that waits.
        check_step("pending" if life.state == "draft" else life.state, step, alert=plan.id)
        if last in _BACK.values():
            check_step("returned" if last == "returned" else "rejected", step, alert=plan.name)
        if step in _BACK and self._was_sent(plan, record):
            raise PlanError(
                f"{plan.name} was sent and cannot be given back",
                code="illegal_step",
                field="id",
                value=plan.name,
                do=f"Stop or take it back: geoalert hold {plan.id}, geoalert recall {plan.id}",
            )
        return record

    def _record(self, plan: Plan) -> list[Entry]:
        return [entry for entry in self._desk.outbox.entries(alert=plan.id, kinds=LIFE) if entry.sender == plan.alert["sender"]]

    @staticmethod
    def _last(plan: Plan, record: list[Entry]) -> str | None:
        """Returns what was decided last about this revision's plan."""
        return next((entry.kind for entry in reversed(record) if entry.kind in _DECIDED and entry.revision == plan.revision), None)

    def _was_sent(self, plan: Plan, record: list[Entry]) -> bool:
        """Tells whether this revision was issued, by the record or, from before there was one, by its posts."""
        if any(entry.kind in ("issued", "updated") and entry.revision == plan.revision for entry in record):
            return True
        rows = self._desk.outbox.deliveries(sender=plan.alert["sender"], alert=plan.id, revision=plan.revision)
        return any(not is_notice(row) for row in rows)

    def _adopted(self, plan: Plan, record: list[Entry]) -> tuple[Event, ...]:
        if self._last(plan, record) is not None:
            return ()
        return (self._event(plan, "planned", {"digest": plan.digest, "told": [], "findings": []}, by=plan.by, role="submitter"),)

    @staticmethod
    def _event(plan: Plan, kind: str, body: Mapping[str, Any], *, by: str, role: str) -> Event:
        return Event(kind, body, alert=plan.id, sender=plan.alert["sender"], revision=plan.revision, actor=by, role=role)

    def _notices(self, plan: Plan) -> list[Delivery]:
        rows = self._desk.outbox.deliveries(sender=plan.alert["sender"], alert=plan.id, revision=plan.revision)
        return [row for row in rows if is_notice(row)]

    def _quiet(self, plan: Plan, *, but: str | None = None) -> None:
        """Takes notices out of the queue that ask for what is decided, or for an earlier plan of the revision."""
        late = [row.id for row in self._notices(plan) if row.state == "queued" and row.plan_digest != but]
        if late:
            self._desk.outbox.supersede(late, at=self._desk.clock())


def check_read(plan: Plan, digest: str | None) -> None:
    """Refuses an approval from the command line whose plan may not be the one that was read.

    Args:
        plan: what is stored.
        digest: the first 8 characters or more of the digest that was read; a plan of status actual needs it.

    Raises:
        PlanError: digest_needed, digest_too_short. PlanChanged: plan_changed.
    """
    show = f"Read it: geoalert show {plan.id}"
    if digest is None:
        if plan.status == "actual":
            do = f"{show}; then add --digest with what stands there"
            raise PlanError("a plan of status actual is approved by the digest that was read", code="digest_needed", field="digest", do=do)
    elif len(digest) < SHORTEST_DIGEST:
        do = f"Give {SHORTEST_DIGEST} characters or more"
        raise PlanError("so few characters tell no plan from another", code="digest_too_short", field="digest", value=digest, do=do)
    elif not plan.digest.startswith(digest.lower()):
        told = f"{digest[:12]}, now {plan.digest[:12]}"
        raise PlanChanged(f"{plan.name} is not the plan of that digest", code="plan_changed", field="digest", value=told, do=show)


def _seen(plan: Plan, record: list[Entry]) -> Seen:
    return Seen.of(record, sender=plan.alert["sender"], alert=plan.id)
