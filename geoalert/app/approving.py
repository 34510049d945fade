"""Approving a plan, giving it back, and telling those who can approve it."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoalert.app.keys import read_private, read_public
from geoalert.app.notices import Notified, Told, is_notice, notice_deliveries, notice_post, notices_of
from geoalert.errors import ConfigurationError, PlanChanged, PlanError
from geoalert.findings import Finding
from geoalert.outbox import Delivery, Entry, Event
from geoalert.outbox.lifecycle import check_step, life_of
from geoalert.plan import Approval, Plan, PublicKey, approve, check_approved
from geoalert.text import fold
from geoalert.worker import worker_running

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


__all__ = ["Approving", "Tally", "notice_post"]

_DECIDED = ("planned", "approved", "returned", "rejected_plan")
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
        desk = self._desk
        record = self._check(plan, "approve")
        self.check_approver(plan, by)
        signing = None if key is None else read_private(key, passphrase=passphrase)
        listed = None if signing is None else self.keys([by]).get(fold(by))
        approval = approve(plan, by=by, at=desk.clock(), reason=reason, key=signing, listed=listed)
        page = desk.store.read_page(plan)
        if page is not None and page != plan.page:
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
        desk.outbox.record((*self._adopted(plan, record), event), at=desk.clock())
        desk.store.keep_approval(plan, approval)
        if not self.tally(plan).missing:
            self._quiet(plan)
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
        desk = self._desk
        record = self._check(plan, step)
        if not reason.strip():
            do = f'geoalert {step} {plan.id} --reason "..."'
            raise PlanError(f"a {step} needs a reason", code="reason_missing", field="reason", do=do)
        self.check_approver(plan, by)
        role = "submitter" if fold(by) == fold(plan.by) else "approver"
        event = self._event(plan, _BACK[step], {"digest": plan.digest, "reason": reason}, by=by, role=role)
        desk.outbox.record((*self._adopted(plan, record), event), at=desk.clock())
        desk.store.void_approvals(plan)
        self._quiet(plan)

    def keep(self, plan: Plan) -> Notified:
        """Stores a plan, records it, and tells the approvers on call that it waits for them.

        Raises:
            PlanError: illegal_step; the alert was rejected or closed. OutboxError: it cannot be recorded.
        """
        desk = self._desk
        record = self._record(plan)
        check_step(life_of(record).state, "plan", alert=plan.id)
        if self._last(plan, record) in _BACK.values():
            desk.store.void_approvals(plan)
        desk.store.keep(plan)
        posts, findings = notices_of(desk, plan)
        told = [Told(post.channel.partition(":")[2], post.account) for post in posts]
        body = {
            "digest": plan.digest,
            "told": [one.to_dict() for one in told],
            "findings": [finding.to_dict() for finding in findings],
        }
        event = self._event(plan, "planned", body, by=plan.by, role="submitter")
        desk.outbox.enqueue(notice_deliveries(desk, plan, posts), at=desk.clock(), events=[event])
        self._quiet(plan, but=plan.digest)
        return Notified(tuple(told), findings)

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
            NotApproved, PlanChanged, FourEyes: as `check_approved`; PlanError: illegal_step, not_an_approver.
        """
        self._check(plan, "send")
        given = self._desk.store.approvals(plan)
        signers = [approval.by for approval in given if approval.key is not None and approval.digest == plan.digest]
        keys = self.keys(signers) if signers else {}
        held = check_approved(plan, given, keys=keys, needed=self.needed(plan))
        for approval in held:
            self.check_approver(plan, approval.by)
        return held

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
        people = {fold(name): name for name in given if fold(name) != fold(plan.by)}
        return Tally(tuple(people.values()), self.needed(plan))

    def check_approver(self, plan: Plan, by: str) -> None:
        """Refuses whoever geoalert.toml does not list as an approver of the alert's unit, once it lists any.

        Raises:
            PlanError: not_an_approver.
        """
        project = self._desk.project
        listed = project.person(by)
        named = any("approver" in person.roles for person in project.people.values())
        if fold(by) != fold(plan.by) and (listed or named) and not (listed and listed.approves(plan.alert["unit"])):
            raise PlanError(
                f"{by} is not listed in geoalert.toml as an approver of this unit",
                code="not_an_approver",
                file=project.path,
                field=f"people.{by}",
                value=by,
                do="Ask an approver of the unit",
            )

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
        return [entry for entry in self._desk.outbox.entries(alert=plan.id) if entry.sender == plan.alert["sender"]]

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

    def keys(self, needed: Collection[str]) -> dict[str, PublicKey]:
        """Returns the listed public keys by folded name; one that cannot be read stops only who needs it.

        Raises:
            ConfigurationError: key_shared, key_unreadable, invalid_key.
        """
        project = self._desk.project
        found: dict[str, PublicKey] = {}
        for name, person in project.people.items():
            if person.key is None:
                continue
            try:
                key, _ = read_public(person.key)
            except ConfigurationError:
                if fold(name) in map(fold, needed):
                    raise
                continue
            twin = next((other for other, held in found.items() if held == key), None)
            if twin is not None:
                raise ConfigurationError(
                    f"{name} and {twin} have one key, so that nobody can tell who signed",
                    code="key_shared",
                    file=project.path,
                    field=f"people.{name}.key",
                    do="Make each a key: geoalert keys new NAME",
                )
            found[fold(name)] = key
        return found
