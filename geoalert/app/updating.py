"""The next revision of an alert that is out: planned for everybody who was told, sent so that nothing stands twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from geoalert.alert import Alert, Reference
from geoalert.app.content import Contents, dues
from geoalert.app.draft import draft_of
from geoalert.app.lives import Standpoint, standpoint
from geoalert.directory.model import Channel
from geoalert.directory.selection import Selected, Selection
from geoalert.errors import PlanChanged, PlanError
from geoalert.findings import Finding
from geoalert.outbox import Delivery, NewDelivery
from geoalert.outbox.model import URGENCIES, speaks
from geoalert.plan import Plan, build_plan
from geoalert.plan.build import Followup
from geoalert.recall import OUT, Standing, Trail, how_updated, standing_of, trails

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

WAITING = ("queued", "held", "sending", "unknown")
_ACTS = {"edit": "replace", "reply": "correct", "replace": "publish", "new": "publish"}


class Updating:
    """Plans and queues updates for one desk."""

    def __init__(self, desk: Desk, contents: Contents | None = None) -> None:
        self._desk = desk
        self._contents = contents or Contents(desk)

    def plan(self, alert: Alert, *, by: str) -> Plan:
        """Returns the plan of the next revision; see `Desk.update`."""
        desk = self._desk
        where = standpoint(desk, alert.id)
        if where.life.state == "draft":
            desk.store.load(alert.id)
        where.check("update")
        found = trails(desk.outbox, desk.project.agency, alert.id)
        revision = 1 + max(where.newest, desk.store.newest(alert.id), *(trail.content.revision for trail in found))
        alert = replace(alert, revision=revision, references=_references(alert, where))
        told = self._reached(alert, found)
        draft = draft_of(desk, alert, adjust=lambda chosen: self._selected(alert, chosen, told))
        return build_plan(replace(draft, followups=self._followups(alert, found, told)), by=by)

    def rows(self, plan: Plan, found: tuple[Trail, ...]) -> list[NewDelivery]:
        """Returns what sending a plan queues, by what is out at this moment; places that have this revision already get none."""
        rows = [row for trail in found for row in (trail.root, *trail.rows) if speaks(row.act, row.because)]
        told = {row.channel for row in rows if row.revision == plan.revision and row.state != "superseded"}
        standing = self._newest(found)
        takes = dues(plan)
        made = []
        for planned in plan.posts:
            if planned.post.channel in told:
                continue
            older = standing.get(planned.post.channel)
            new_images = {item.source_digest for item in planned.post.media}
            how = "new" if older is None else self._how(older, new_images)
            delivery = NewDelivery(
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
                act=_ACTS[how],
                how=how,
                of_delivery=None if older is None or how == "new" else older.root,
                take_down_at=takes[0][0] if takes else None,
            )
            made.append(delivery)
        return made

    def check_newest(self, plan: Plan, found: tuple[Trail, ...]) -> None:
        """Refuses a revision that was queued from another plan, or that a newer one has overtaken.

        Raises:
            PlanChanged: revision_taken. PlanError: revision_late.
        """
        rows = [row for trail in found for row in (trail.root, *trail.rows) if speaks(row.act, row.because)]
        if any(row.revision == plan.revision and row.plan_digest != plan.digest for row in rows):
            do = "Give the changed alert a new id"
            raise PlanChanged(f"{plan.name} was already queued from another plan", code="revision_taken", field="id", value=plan.id, do=do)
        newest = max((row.revision for row in rows), default=0)
        if newest > plan.revision:
            raise PlanError(
                f"{plan.name} is older than r{newest}, which was already queued",
                code="revision_late",
                field="revision",
                value=plan.revision,
                do="Send the newest revision",
            )

    def waiting(self, plan: Plan, found: tuple[Trail, ...]) -> list[Delivery]:
        """Returns what older revisions have still to say, which a newer one makes late."""
        rows = [row for trail in found for row in (trail.root, *trail.rows)]
        return [row for row in rows if row.revision < plan.revision and row.state in WAITING and speaks(row.act, row.because)]

    def _newest(self, found: Iterable[Trail]) -> dict[str, Standing]:
        """Returns the newest post that stands at each place; one that nobody can name any more is none."""
        return {post.channel: post for post in sorted(standing_of(self._desk.outbox, found), key=lambda each: each.root)}

    def _how(self, older: Standing, new_images: set[str]) -> str:
        at = self._desk.clock()
        means = self._contents.means(at)
        capabilities = means.capabilities(older.account)
        if capabilities is None:
            return "new"
        drops = bool(self._images(older.delivery) - new_images)
        expected = older.receipt is None and means.expected(older)
        return how_updated(capabilities, older.receipt, at=at, drops_images=drops, expected=expected)

    def _images(self, row: Delivery) -> set[str]:
        plan = self._contents.plan_or_none(row)
        told = None if plan is None else self._contents.told(plan, row.channel)
        return set() if told is None else {item["source_digest"] for item in told["post"]["media"]}

    def _reached(self, alert: Alert, found: Iterable[Trail]) -> dict[str, Channel]:
        """Returns every channel that received, or may have received, any earlier version; as it is now, else as it was then."""
        desk = self._desk
        known = {channel.id: channel for channel in desk.directory.channels}
        reached: dict[str, Channel] = {}
        for trail in found:
            row = trail.content
            if trail.root.state not in OUT:
                continue
            plan = self._contents.plan_or_none(row)
            told = self._contents.told(plan, row.channel) if plan else None
            if told is not None:
                post = told["post"]
                then = Channel(
                    id=row.channel,
                    name=row.channel,
                    account=post["account"],
                    address=post["address"],
                    scope=told["scope"],
                    languages=(post["language"],),
                    venue=row.channel.rpartition("/")[0] or None,
                )
                reached[row.channel] = known.get(row.channel, then)
            elif row.channel in known:
                reached[row.channel] = known[row.channel]
        return reached

    def _selected(self, alert: Alert, selected: Selected, reached: Mapping[str, Channel]) -> Selected:
        """Adds everybody who was told before; an address stays with the channel that it was told through."""
        desk = self._desk
        lost = [name for name, channel in reached.items() if channel.account not in desk.project.accounts]
        findings = [
            Finding("warn", "reached_lost", f"{name} was told, and its account is no longer in geoalert.toml", where=name) for name in lost
        ]
        kept = {name: channel for name, channel in reached.items() if name not in lost}
        taken = {(channel.account, channel.address): name for name, channel in kept.items()}
        recipients, dropped = [], {}
        for channel in selected.recipients:
            holder = taken.get((channel.account, channel.address), channel.id)
            if holder == channel.id:
                recipients.append(channel)
            else:
                dropped[channel.id] = holder
        present = {channel.id for channel in recipients}
        added = {name: channel for name, channel in kept.items() if name not in present}
        selections = []
        for one in selected.selections:
            if one.id in dropped and one.kind == "channel":
                one = replace(one, chosen=False, reason=f"reached once already, through {dropped[one.id]}", channels=())
            elif one.kind == "channel" and one.id in added:
                one = _told_before(one.id, one.name, added[one.id], alert)
            selections.append(one)
        listed = {one.id for one in selections if one.kind == "channel"}
        selections += [_told_before(name, name, channel, alert) for name, channel in added.items() if name not in listed]
        everybody = (*recipients, *added.values())
        return replace(selected, selections=tuple(selections), recipients=everybody, findings=(*selected.findings, *findings))

    def _followups(self, alert: Alert, found: tuple[Trail, ...], reached: Mapping[str, Channel]) -> dict[str, Followup]:
        standing = self._newest(found)
        last = {trail.root.channel: trail.content.revision for trail in found if trail.root.state in OUT}
        new_images = {item.digest for item in alert.media}
        made = {}
        for name in reached:
            older = standing.get(name)
            how = "new" if older is None else self._how(older, new_images)
            of = None
            if older is not None and how != "new":
                row = self._desk.outbox.delivery(older.root)
                of = row.key if row else None
            made[name] = Followup(how=how, update_of=f"{alert.id}.r{last[name]}", of=of)
        return made


def _told_before(name: str, title: str, channel: Channel, alert: Alert) -> Selection:
    return Selection(
        kind="channel",
        id=name,
        name=title,
        chosen=True,
        reason="told of an earlier version, so told of every change",
        channels=(name,),
        languages=tuple(tag for tag in channel.languages if tag in alert.languages),
    )


def _references(alert: Alert, where: Standpoint) -> tuple[Reference, ...]:
    issued = [Reference(sender=alert.sender, id=alert.id, revision=number, sent=sent) for number, sent in where.sent]
    return (*issued, *(one for one in alert.references if one.id != alert.id))
