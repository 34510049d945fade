"""Short notes to approvers on call that a plan waits for them; nothing of the alert but its id is in one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoalert.config import Member
from geoalert.errors import ExplainedError, NotLive, PlanChanged
from geoalert.findings import Finding
from geoalert.outbox import Delivery, NewDelivery
from geoalert.outbox.model import URGENCIES
from geoalert.plan import Plan
from geoalert.plan.digest import bytes_digest, canonical
from geoalert.plan.model import post_document
from geoalert.publishing import Post
from geoalert.text import fold

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

DIGEST_SHOWN = 12
CHANNEL = "person:"


@dataclass(frozen=True, slots=True)
class Told:
    """One approver who is told of a plan, through which account, and what became of the notice."""

    person: str
    account: str
    state: str = "queued"

    def to_dict(self) -> dict[str, str]:
        """Returns the fields, JSON-ready."""
        return {"person": self.person, "account": self.account, "state": self.state}


@dataclass(frozen=True, slots=True)
class Notified:
    """Who is told that a plan waits, and what stood in the way of telling others."""

    told: tuple[Told, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns `notified` and `not_notified`, JSON-ready."""
        return {"notified": [one.to_dict() for one in self.told], "not_notified": [finding.to_dict() for finding in self.findings]}


def notices_of(desk: Desk, plan: Plan) -> tuple[list[Post], tuple[Finding, ...]]:
    """Returns a notice for each approver of the unit who is on call, and a finding for whoever cannot be told, or when it is nobody."""
    project = desk.project
    on_call = project.approvers_on_call(desk.clock(), plan.alert["unit"])
    asked = [person for person in on_call if fold(person.name) != fold(plan.by)]
    if not asked:
        return [], (_nobody(plan, has_rota=bool(project.on_call), submitter_only=bool(on_call)),)
    posts, findings = [], []
    for person in asked:
        try:
            posts.append(_post(desk, plan, person))
        except ExplainedError as err:
            findings.append(
                Finding("warn", "not_notified", f"{person.name} cannot be told: {err.what}", where=f"people.{person.name}.notify")
            )
    return posts, tuple(findings)


def notice_deliveries(desk: Desk, plan: Plan, posts: list[Post]) -> list[NewDelivery]:
    """Returns what the ledger is to do for these notices, whose texts are stored first; the same plan is told of once."""
    earlier = [row for row in desk.outbox.deliveries(sender=plan.alert["sender"], alert=plan.id, revision=plan.revision) if is_notice(row)]
    same = [row.occurrence for row in earlier if row.plan_digest == plan.digest]
    occurrence = same[0] if same else 1 + max((row.occurrence for row in earlier), default=-1)
    made = []
    for post in posts:
        content = canonical(post_document(post))
        digest = bytes_digest(content)
        desk.store.keep_notice(plan.id, plan.revision, digest, content)
        made.append(
            NewDelivery(
                sender=plan.alert["sender"],
                alert=plan.id,
                revision=plan.revision,
                channel=post.channel,
                account=post.account,
                status=plan.status,
                plan_digest=plan.digest,
                post_digest=digest,
                expires_at=plan.expires,
                act="notify",
                occurrence=occurrence,
                urgency=URGENCIES["Immediate"],
            )
        )
    return made


def notice_post(desk: Desk, delivery: Delivery) -> Post:
    """Returns the notice that a delivery of act `notify` sends, proved against its digest.

    Raises:
        PlanChanged: code notice_changed; its stored text is gone or is another.
    """
    path = desk.store.notice_path(delivery.alert, delivery.revision, delivery.post_digest)
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    if bytes_digest(content) != delivery.post_digest:
        raise PlanChanged("the stored notice is gone, or was changed", code="notice_changed", file=path, do="Plan the alert again")
    told: dict[str, Any] = json.loads(content)
    return Post(**{name: value for name, value in told.items() if name != "media"})


def is_notice(delivery: Delivery) -> bool:
    """Tells whether a delivery tells an approver of a plan, and is no post."""
    return delivery.act == "notify" and delivery.channel.startswith(CHANNEL)


def _post(desk: Desk, plan: Plan, person: Member) -> Post:
    accounts = desk.accounts
    for reach in person.notify:
        ready = accounts.get(reach.account)
        if ready is None:
            continue
        try:
            ready.publisher.account.check_status(plan.status)
        except NotLive:
            continue
        title = f"{plan.id} r{plan.revision} waits for approval"
        post = Post(
            channel=f"{CHANNEL}{person.name}",
            account=reach.account,
            address=reach.address,
            text=_text(plan, person.name),
            language="en",
            title=title if ready.capabilities.title else None,
        )
        ready.capabilities.check(post)
        return post
    mode = "live" if plan.status == "actual" else "sandbox"
    raise NotLive(f"no address on a {mode} account is listed", code="not_notified", field=f"people.{person.name}.notify")


def _text(plan: Plan, name: str) -> str:
    key = f" --digest {plan.digest[:DIGEST_SHOWN]} --key FILE" if plan.status == "actual" else ""
    return (
        f"{plan.status.upper()}: {plan.id} r{plan.revision} waits for approval.\n"
        f"Submitted by {plan.by}, digest {plan.digest[:DIGEST_SHOWN]}.\n"
        f"geoalert show {plan.id}\ngeoalert approve {plan.id} --as {name}{key}"
    )


def _nobody(plan: Plan, *, has_rota: bool, submitter_only: bool) -> Finding:
    unit = plan.alert["unit"] or "no unit"
    if submitter_only:
        text = f"Nobody was told: of those who approve for {unit}, only the submitter {plan.by} is on call; call another approver"
    elif has_rota:
        text = f"Nobody was told: nobody who approves for {unit} is on call; call an approver"
    else:
        return Finding(
            "note", "nobody_on_call", "Nobody was told: geoalert.toml has no rota, [[on_call]]; tell an approver", where="on_call"
        )
    return Finding("warn", "nobody_on_call", text, where="on_call")
