"""A named person's yes to one digest, kept beside the plan and never inside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from geoalert.errors import FourEyes, NotApproved, PlanChanged, PlanError
from geoalert.plan.model import Plan
from geoalert.plan.page import page_html
from geoalert.text import fold

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved which digest, when and why."""

    alert: str
    revision: int
    digest: str
    by: str
    at: datetime
    reason: str = ""

    def to_json(self) -> str:
        """Returns the approval's file."""
        whole = {"format": FORMAT, "alert": self.alert, "revision": self.revision, "digest": self.digest, "by": self.by}
        return json.dumps(whole | {"at": self.at.isoformat(), "reason": self.reason}, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, *, file: str) -> Approval:
        """Reads an approval's file.

        Raises:
            PlanError: it is none.
        """
        try:
            told = json.loads(text)
            if told.pop("format") != FORMAT:
                raise ValueError("format")
            at = datetime.fromisoformat(told["at"])
            if at.tzinfo is None:
                raise ValueError("at")
            return cls(**told | {"at": at})
        except (ValueError, TypeError, KeyError, AttributeError) as err:
            raise PlanError(
                "this is no approval, or it is damaged", code="invalid_approval", file=file, do="Approve the plan again"
            ) from err


def approve(plan: Plan, *, by: str, at: datetime, reason: str = "") -> Approval:
    """Returns the second person's yes to a plan whose bytes were proved.

    Raises:
        FourEyes: the approver submitted it.
        NotApproved: the plan is of status actual, which needs a signature.
        PlanChanged: the plan's bytes are not the digested ones.
    """
    plan.verify()
    if page_html(plan.document, media=plan.media, picture=plan.picture) != plan.page:
        raise PlanChanged(
            "the page to read is not that of these posts", code="page_differs", file=plan.name, do="Plan the alert again with this version"
        )
    if not isinstance(by, str) or not fold(by):
        raise PlanError("an approval needs a name", code="missing_name", field="by", do="Say who approves: --as NAME")
    if fold(by) == fold(plan.by):
        raise FourEyes(
            f"{by} submitted this plan and cannot approve it",
            code="four_eyes",
            field="by",
            value=by,
            do="Ask a second person to approve it",
        )
    if plan.status == "actual":
        raise NotApproved("a plan of status actual needs a signature", code="signature_needed", field="status", do="Use status exercise")
    return Approval(alert=plan.id, revision=plan.revision, digest=plan.digest, by=by, at=at, reason=reason)


def check_approved(plan: Plan, approvals: Iterable[Approval]) -> Approval:
    """Returns the approval that lets this plan be sent.

    Raises:
        NotApproved: nobody approved the alert's revision.
        PlanChanged: what was approved is not this digest.
        FourEyes: the only approval is the submitter's own.
    """
    plan.verify()
    given = list(approvals)
    if not given:
        raise NotApproved(
            f"nobody approved {plan.name}", code="not_approved", value=plan.digest[:12], do=f"geoalert approve {plan.id} --as NAME"
        )
    fitting = [approval for approval in given if approval.digest == plan.digest]
    if not fitting:
        raise PlanChanged(
            f"{plan.name} was approved with another digest", code="plan_changed", value=plan.digest[:12], do="Have this plan approved again"
        )
    for approval in fitting:
        if fold(approval.by) != fold(plan.by):
            return approval
    raise FourEyes(f"{plan.by} submitted this plan and approved it too", code="four_eyes", do="Ask a second person to approve it")
