"""Gathers what the evidence file of an alert is made of, and notes in the record who took one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from geoalert.app.keys import listed_keys
from geoalert.app.notices import is_notice
from geoalert.errors import ConfigurationError, GeoAlertError, OutboxError, PlanError
from geoalert.evidence import Source, build_evidence, build_public
from geoalert.outbox import ZEROS, Delivery, Entry, Event
from geoalert.outbox.chain import check_chain
from geoalert.plan import Approval, Plan, PublicKey
from geoalert.recall import open_takedowns
from geoalert.text import fold

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

LOOKED_AT = 1_000
"""Entries at the record's end that `geoalert check` proves."""


class Exporting:
    """The evidence of one desk's alerts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def export(self, alert: str, *, public: bool = False, by: str = "system") -> bytes:
        """Returns the evidence file of an alert; see `Desk.evidence`."""
        desk = self._desk
        with desk.lock:
            content = (build_public if public else build_evidence)(self.source(alert))
            body = {"sha256": hashlib.sha256(content).hexdigest(), "variant": "public" if public else "full"}
            event = Event("exported", body, alert=alert, sender=desk.project.agency, actor=by)
            desk.outbox.record([event], at=desk.clock())
        return content

    def source(self, alert: str) -> Source:
        """Returns all that is known of an alert, up to the last entry of the record that is no export: who looks changes nothing.

        Raises:
            PlanError: unknown_alert.
        """
        desk, sender = self._desk, self._desk.project.agency
        head = self._head()
        entries = [entry for entry in desk.outbox.entries(alert=alert) if entry.sender in (sender, None) and entry.seq <= head]
        rows = desk.outbox.deliveries(sender=sender, alert=alert)
        revisions = {entry.revision for entry in entries if entry.revision} | {row.revision for row in rows}
        if not revisions and not entries:
            raise PlanError("no alert of that id was ever planned", code="unknown_alert", value=alert, do="geoalert status lists them")
        plans, missing = self._plans(alert, sorted(revisions), rows)
        approvals, damaged = self._approvals(plans)
        listed, unread = self._keys([one for given in approvals.values() for one in given])
        first = min((entry.seq for entry in entries), default=1)
        return Source(
            sender=sender,
            alert=alert,
            zone=desk.project.time_zone,
            entries=entries,
            skeleton=desk.outbox.skeleton(first=first - 1, last=head),
            deliveries=rows,
            attempts={row.key: desk.outbox.attempts(row.id) for row in rows if row.tries},
            plans=plans,
            approvals=approvals,
            notices=self._notices(rows),
            keys=sorted(
                {**dict.fromkeys(listed.items()), **dict.fromkeys(_recorded_keys(entries))}, key=lambda each: (each[0], each[1].content)
            ),
            takedowns=list(self._takedowns(alert)),
            missing=missing | damaged | unread,
        )

    def _head(self) -> int:
        """Returns the last entry's number, exports after it left aside."""
        head = 0
        last, _ = self._desk.outbox.head()
        while last and not head:
            page = list(self._desk.outbox.entries(since_seq=max(0, last - LOOKED_AT)))
            head = max((entry.seq for entry in page if entry.kind != "exported"), default=0)
            last = max(0, last - LOOKED_AT)
        return head

    def _plans(self, alert: str, revisions: list[int], rows: tuple[Delivery, ...]) -> tuple[dict[int, Plan], dict[str, str]]:
        """Returns the plan that each revision was sent from, or the one made last where none was."""
        plans, missing, store = {}, {}, self._desk.store
        sent = {row.revision: row.plan_digest for row in rows if not is_notice(row)}
        for revision in revisions:
            try:
                digest = sent.get(revision)
                plans[revision] = store.load_digest(alert, revision, digest) if digest else store.load_revision(alert, revision)
            except GeoAlertError as err:
                missing[f"plan of revision {revision}"] = f"{err.what} [{err.code}]"
        return plans, missing

    def _approvals(self, plans: dict[int, Plan]) -> tuple[dict[int, tuple[Approval, ...]], dict[str, str]]:
        given, missing = {}, {}
        for revision, plan in plans.items():
            try:
                given[revision] = self._desk.store.approvals(plan)
            except GeoAlertError as err:
                missing[f"approvals of revision {revision}"] = f"{err.what} [{err.code}]"
        return given, missing

    def _keys(self, approvals: list[Approval]) -> tuple[dict[str, PublicKey], dict[str, str]]:
        signers = {fold(one.by): one.by for one in approvals if one.key}
        try:
            listed = listed_keys(self._desk.project, ())
        except ConfigurationError as err:
            return {}, {"public keys": f"{err.what} [{err.code}]"}
        return {name: listed[folded] for folded, name in signers.items() if folded in listed}, {}

    def _notices(self, rows: tuple[Delivery, ...]) -> dict[int, dict[str, bytes]]:
        found: dict[int, dict[str, bytes]] = {}
        for row in rows:
            path = self._desk.store.notice_path(row.alert, row.revision, row.post_digest)
            if is_notice(row) and path.is_file():
                found.setdefault(row.revision, {})[row.post_digest] = path.read_bytes()
        return found

    def _takedowns(self, alert: str) -> Iterator[dict[str, Any]]:
        """Yields what is open; what is overdue depends on who looks when, and is left to the reader."""
        for item in open_takedowns(self._desk.outbox, self._desk.project.agency, alert, self._desk.clock()):
            yield {
                "channel": item.channel,
                "key": item.row.key,
                "of": item.of.key,
                "how": item.how,
                "because": item.row.because,
                "state": item.row.state,
                "told": item.told,
                "deadline_at": item.deadline_at and item.deadline_at.isoformat(),
            }


def _recorded_keys(entries: list[Entry]) -> Iterator[tuple[str, PublicKey]]:
    """Yields the keys that signed, as the record has them since the day: geoalert.toml may list others by now."""
    for entry in entries:
        text = (entry.body or {}).get("public_key") if entry.kind == "approved" else None
        if text is not None:
            yield entry.actor, PublicKey(base64.b64decode(text))


def check_record(desk: Desk, *, most: int | None = None, head: str | None = None) -> tuple[int, str]:
    """Proves the record of the ledger, or its last entries; returns how many there were and the last one's hash.

    Args:
        most: how many to look at, from the end; None proves all.
        head: a hash that the record has to hold, from a copy kept elsewhere.

    Raises:
        OutboxError: record_broken, naming entry and field; record_shortened; head_differs.
    """
    last, _ = desk.outbox.head()
    after = 0 if most is None else max(0, last - most)
    prev = next((hashed for _, _, hashed in desk.outbox.skeleton(first=after, last=after)), ZEROS)
    seen = _Seen(prev, head)
    check_chain(seen.through(desk.outbox.entries(since_seq=after)), prev)
    if after + seen.count < last:
        what = f"the record's last entries were removed: {last} were written"
        do = "Keep this file, and restore the ledger from a backup"
        raise OutboxError(what, code="record_shortened", row=after + seen.count + 1, field="seq", do=do)
    if head is not None and not seen.found:
        do = "Compare the record with a copy kept elsewhere: it was cut or written anew"
        raise OutboxError("the record does not hold that hash", code="head_differs", field="head", value=head, do=do)
    return seen.count, seen.head


class _Seen:
    """Counts entries on their way through a check."""

    def __init__(self, head: str, wanted: str | None) -> None:
        self.count, self.head, self.found, self._wanted = 0, head, False, wanted

    def through(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self.count, self.head = self.count + 1, entry.hash
            self.found = self.found or entry.hash == self._wanted
            yield entry
