"""What is kept how long: purges what `[retention]` says is over, never what is open or on legal hold."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoalert.app.disk import write_whole
from geoalert.app.lives import standpoint
from geoalert.app.notices import is_notice
from geoalert.errors import GeoAlertError, PlanError
from geoalert.findings import Finding
from geoalert.outbox import Delivery, Entry, Event
from geoalert.outbox.purging import purge, scrub, telling
from geoalert.plan import Plan, pack
from geoalert.recall import Trail, open_of, trails_of

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

CLASSES = ("restricted", "media", "alerts", "evidence")
"""Classes of record, each with its days in `[retention]`."""
KEPT = ("closed", "expired", "exported", "purged", "recovered", "takedown_due")
"""Kinds of entries whose bodies hold nothing that anybody typed or answered, and that tell what became of the alert."""
_STALE_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Purged:
    """What of one alert is over.

    Attributes:
        ended_at: when it was closed, expired or rejected: days are counted from then.
        classes: those whose days are over and of which something is left.
        kept: why nothing is purged all the same; None where it is.
        plans, images, restricted, tries, bodies: how many of each go; approvals are counted with what the record says.
    """

    alert: str
    ended_at: datetime
    classes: tuple[str, ...]
    kept: str | None = None
    plans: int = 0
    images: int = 0
    restricted: int = 0
    tries: int = 0
    bodies: int = 0
    seqs: tuple[int, ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Returns every field but the entries' numbers, JSON-ready."""
        told = {name: value for name, value in asdict(self).items() if name != "seqs"}
        return told | {"ended_at": self.ended_at.isoformat(), "classes": list(self.classes)}


@dataclass(frozen=True, slots=True)
class Purge:
    """What a purge did, or with `dry_run` would do, alert by alert."""

    items: tuple[Purged, ...]
    findings: tuple[Finding, ...] = ()
    dry_run: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Returns items and findings, JSON-ready."""
        findings = [finding.to_dict() for finding in self.findings]
        return {"dry_run": self.dry_run, "alerts": [item.to_dict() for item in self.items], "findings": findings}


class Retention:
    """The retention of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._findings: list[Finding] = []

    def purge(self, *, by: str, dry_run: bool = False) -> Purge:
        """Purges what is over; see `Desk.purge`."""
        desk = self._desk
        self._check(by)
        with desk.lock:
            items = tuple(item for alert in self._alerts() for item in self._over(alert))
            if dry_run:
                return Purge(items, tuple(self._findings), dry_run=True)
            for item in items:
                if item.kept is None:
                    self._purge(item, by)
            if any(item.kept is None for item in items):
                self._scrub()
        return Purge(items, tuple(self._findings))

    def legal_hold(self, alert: str, *, by: str, reason: str, held: bool) -> None:
        """Keeps everything of an alert from being purged, or ends that; see `Desk.legal_hold`."""
        desk = self._desk
        self._check(by)
        if not reason.strip():
            raise PlanError("a legal hold needs a reason", code="reason_missing", field="reason", do='--reason "..."')
        with desk.lock:
            entries = self._entries(alert)
            if not entries and not desk.outbox.deliveries(sender=desk.project.agency, alert=alert):
                raise PlanError("no alert of that id was ever planned", code="unknown_alert", value=alert, do="geoalert status lists them")
            if (held_by(entries) is not None) == held:
                code, what = ("already_held", "is on legal hold already") if held else ("not_held", "is not on legal hold")
                raise PlanError(f"the alert {what}", code=code, value=alert)
            event = Event("legal_hold", {"held": held, "reason": reason}, alert=alert, sender=desk.project.agency, actor=by)
            desk.outbox.record([event], at=desk.clock())

    def _check(self, by: str) -> None:
        project = self._desk.project
        keepers = [name for name, person in project.people.items() if {"admin", "auditor"} & {*person.roles}]
        person = project.person(by)
        if keepers and (person is None or person.name not in keepers):
            raise PlanError(
                f"{by} is neither admin nor auditor in geoalert.toml",
                code="not_a_keeper",
                file=project.path,
                field=f"people.{by}",
                value=by,
                do=f"Ask {' or '.join(keepers)}",
            )

    def _alerts(self) -> Iterator[str]:
        desk, sender = self._desk, self._desk.project.agency
        found = dict.fromkeys(entry.alert for entry in desk.outbox.entries() if entry.sender == sender and entry.alert)
        found |= dict.fromkeys(row.alert for row in desk.outbox.iter_deliveries(sender=sender))
        yield from sorted(filter(None, found))

    def _entries(self, alert: str) -> list[Entry]:
        desk = self._desk
        return [entry for entry in desk.outbox.entries(alert=alert) if entry.sender == desk.project.agency]

    def _over(self, alert: str) -> Iterator[Purged]:
        desk = self._desk
        rows = desk.outbox.deliveries(sender=desk.project.agency, alert=alert)
        entries = self._entries(alert)
        ended_at = self._ended_at(alert, rows, entries)
        if ended_at is None:
            return
        limits = desk.project.retention
        days = {name: getattr(limits, f"{name}_days") for name in CLASSES}
        due = tuple(name for name, kept in days.items() if kept is not None and ended_at + timedelta(days=kept) <= desk.clock())
        counts = self._counts(alert, rows, entries, due) if due else {}
        if not any(counts.values()):
            return
        yield Purged(alert, ended_at, due, kept=self._obstacle(rows, entries), **counts)

    def _ended_at(self, alert: str, rows: tuple[Delivery, ...], entries: list[Entry]) -> datetime | None:
        where = standpoint(self._desk, alert, rows)
        state = where.life.state
        if state == "closed":
            return where.closed_at
        if state == "rejected":
            return max(entry.time for entry in entries if entry.kind == "rejected_plan")
        expires = [row.expires_at for row in rows if not is_notice(row)]
        if state in ("pending", "returned", "draft"):
            expires += [plan.expires for _, _, plan in self._plans(alert, rows, entries) if plan is not None]
        ended = max(expires, default=None)
        return ended if ended is not None and ended <= self._desk.clock() and state not in ("issued", "updated") else None

    def _obstacle(self, rows: tuple[Delivery, ...], entries: list[Entry]) -> str | None:
        holder = held_by(entries)
        if holder is not None:
            return f"on legal hold by {holder.actor} since {holder.at[:10]}: {(holder.body or {}).get('reason')}"
        found = trails_of(rows)
        opened = len(open_of(found, self._desk.clock()))
        if opened:
            return f"{opened} still to be taken down: geoalert status --open"
        due = _due(found, entries)
        if due is not None:
            return f"something that is out has to go at {due}, and nothing is queued for it: geoalert worker --once"
        waiting = sum(row.state in ("queued", "sending") and not is_notice(row) for row in rows)
        lost = sum(trail.root.state == "unknown" and trail.visible for trail in found)
        if waiting or lost:
            return f"{waiting + lost} deliveries are not settled: geoalert unknown, geoalert worker --once"
        return None

    def _plans(self, alert: str, rows: Iterable[Delivery], entries: Iterable[Entry]) -> list[tuple[int, Path, Plan | None]]:
        """Returns every stored plan with its revision and file, the one made last first; None for one that cannot be read."""
        found: list[tuple[int, Path, Plan | None]] = []
        for revision in _revisions(rows, entries):
            for path in self._desk.store.paths(alert, revision):
                try:
                    found.append((revision, path, self._desk.store.load(path)))
                except GeoAlertError:
                    found.append((revision, path, None))
        return found

    def _counts(self, alert: str, rows: tuple[Delivery, ...], entries: list[Entry], due: tuple[str, ...]) -> dict[str, Any]:
        plans = self._plans(alert, rows, entries)
        # A copied state folder has a file where the link to the newest plan was.
        whole = {plan.digest: plan for _, _, plan in plans if plan is not None}.values()
        damaged = sum(plan is None for _, _, plan in plans)
        approvals = 0
        bodies = [entry.seq for entry in entries if entry.body is not None and entry.kind not in KEPT] if "evidence" in due else []
        if "evidence" in due:
            folders = [self._desk.store.path_of(alert, revision).with_suffix(".approvals") for revision in _revisions(rows, entries)]
            approvals = sum(1 for folder in folders for _ in folder.glob("*.json"))
        gone = "alerts" in due
        return {
            "plans": len(whole) + damaged if gone else 0,
            "restricted": sum(len(plan.restricted) for plan in whole) if gone or "restricted" in due else 0,
            "images": sum(len(plan.media) for plan in whole) if gone or "media" in due else 0,
            "tries": telling(self._ledger, sender=self._desk.project.agency, alert=alert) if gone else 0,
            "bodies": len(bodies) + approvals,
            "seqs": tuple(bodies),
        }

    @property
    def _ledger(self) -> Path:
        return self._desk.state / "outbox.sqlite"

    def _purge(self, item: Purged, by: str) -> None:
        """Records what goes, forgets it in the ledger, then in the files: a crash between leaves files that the next purge finds."""
        desk, sender = self._desk, self._desk.project.agency
        rows, entries = desk.outbox.deliveries(sender=sender, alert=item.alert), self._entries(item.alert)
        plans = self._plans(item.alert, rows, entries)
        told = {name: getattr(item, name) for name in ("plans", "images", "restricted", "tries", "bodies")}
        body = told | {"classes": list(item.classes), "digests": _digests(plans)}
        event = Event("purged", body, alert=item.alert, sender=sender, actor=by)
        purge(
            self._ledger,
            sender=sender,
            alert=item.alert,
            seqs=item.seqs,
            rows="alerts" in item.classes,
            event=event,
            at=desk.clock(),
        )
        for revision in _revisions(rows, entries):
            self._files(item, revision, [(path, plan) for number, path, plan in plans if number == revision])

    def _files(self, item: Purged, revision: int, plans: list[tuple[Path, Plan | None]]) -> None:
        newest = self._desk.store.path_of(item.alert, revision)
        if "alerts" in item.classes:
            for gone in (newest, newest.with_suffix(".html")):
                gone.unlink(missing_ok=True)
            for folder in (".plans", ".notices"):
                shutil.rmtree(newest.with_suffix(folder), ignore_errors=True)
        else:
            for path, plan in plans:
                self._lessen(item, newest.with_suffix(".html"), path, plan)
        if "evidence" in item.classes:
            shutil.rmtree(newest.with_suffix(".approvals"), ignore_errors=True)

    def _lessen(self, item: Purged, page: Path, path: Path, plan: Plan | None) -> None:
        if plan is None:
            text = "the plan is damaged, so its restricted parts and images cannot be taken out of it"
            self._findings.append(Finding("warn", "plan_damaged", text, where=str(path)))
            return
        less = plan.without(restricted="restricted" in item.classes, images="media" in item.classes)
        if less != plan:
            write_whole(path, pack(less))
        if less.purged:
            page.unlink(missing_ok=True)

    def _scrub(self) -> None:
        # What a process that died was writing is named so; nothing that runs takes an hour for it.
        for path in self._desk.store.folder.rglob(".new-*"):
            if time.time() - path.lstat().st_mtime > _STALE_S:
                path.unlink(missing_ok=True)
        if not scrub(self._ledger):
            text = "another process is using the ledger, so old pages of it may still hold what was purged; purge again once it has ended"
            self._findings.append(Finding("warn", "not_scrubbed", text, where=str(self._ledger)))


def _revisions(rows: Iterable[Delivery], entries: Iterable[Entry]) -> list[int]:
    return sorted({entry.revision for entry in entries if entry.revision} | {row.revision for row in rows})


def _digests(plans: Iterable[tuple[int, Path, Plan | None]]) -> dict[str, str]:
    """Returns what goes, by revision; of several plans of one, those that were not made last with their own digest in the name."""
    found: dict[str, str] = {}
    for revision, _, plan in plans:
        if plan is not None and plan.digest not in found.values():
            name = f"r{revision}"
            found[name if name not in found else f"{name}.{plan.digest[:12]}"] = plan.digest
    return found


def _due(found: Iterable[Trail], entries: list[Entry]) -> str | None:
    """Returns the first instant at which something that is out has to go by itself and for which nothing was queued yet."""
    queued = {(entry.revision or 1, *_instant(entry.body or {})) for entry in entries if entry.kind == "takedown_due"}
    standing = [trail for trail in found if trail.stands]
    for entry in entries:
        for at, because in (entry.body or {}).get("due", ()) if entry.kind in ("issued", "updated") else ():
            of = [trail for trail in standing if trail.content.revision == (entry.revision or 1)]
            if (entry.revision or 1, at, because) not in queued and any(because == "expired" or not trail.imageless for trail in of):
                return str(at)
    return None


def _instant(body: Mapping[str, Any]) -> tuple[str, str]:
    return str(body.get("due")), str(body.get("because"))


def held_by(entries: Iterable[Entry]) -> Entry | None:
    """Returns the entry of the legal hold that is on, None where none is."""
    last = next((entry for entry in reversed([*entries]) if entry.kind == "legal_hold"), None)
    return last if last is not None and (last.body or {}).get("held") is True else None
