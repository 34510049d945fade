"""Approving a plan, giving it back, and telling those who can approve it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoalert.app.keys import read_private, read_public
from geoalert.errors import ConfigurationError, PlanChanged, PlanError
from geoalert.plan import Approval, Plan, PublicKey, approve, check_approved
from geoalert.text import fold

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


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
        self.check_approver(plan, by)
        signing = None if key is None else read_private(key, passphrase=passphrase)
        listed = None if signing is None else self._keys([by]).get(fold(by))
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
        desk.store.keep_approval(plan, approval)
        return approval

    def check(self, plan: Plan) -> tuple[Approval, ...]:
        """Returns the approvals that let a plan be sent now, every signature and every person's role proved again.

        Raises:
            NotApproved, PlanChanged, FourEyes: as `check_approved`; PlanError: not_an_approver.
        """
        given = self._desk.store.approvals(plan)
        signers = [approval.by for approval in given if approval.key is not None and approval.digest == plan.digest]
        keys = self._keys(signers) if signers else {}
        held = check_approved(plan, given, keys=keys, needed=self.needed(plan))
        for approval in held:
            self.check_approver(plan, approval.by)
        return held

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

    def _keys(self, needed: Collection[str]) -> dict[str, PublicKey]:
        """Returns the listed public keys by folded name; one that cannot be read stops only who needs it."""
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
