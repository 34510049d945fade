"""Kills a project in the middle of a recall or an update, starts it again, and judges by what can be read at the other side."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from geoalert.app import Desk
from geoalert.outbox import check_chain
from tests.faults.kills import KILLED, Found, Nursery, sending_keys
from tests.faults.points import KINDS
from tests.faults.project import ALERT, START, approved, open_desk, write_hooks
from tests.faults.receiver import Receiver

AFTER = (timedelta(minutes=2), timedelta(minutes=12), timedelta(minutes=52))
"""When the project is opened again: a post whose turn has not come by the first is done by a later one."""
OLD, NEW = "Friday, 11 pm", "Friday, 10:45 pm"
ABILITIES = {
    "deletes": "",
    "edits": "limits = {delete = false}\n",
    "answers": "limits = {delete = false, edit = false}\n",
    "answers, cannot be asked": "limits = {delete = false, edit = false, idempotent = false, in_flight = 2}\n",
}
"""What the places can do; only the last leaves anything for a person."""


@dataclass
class DeskKilling:
    """An alert that is out, and what is done about it: `recall` or `update`."""

    nursery: Nursery
    receiver: Receiver
    folder: Path
    verb: str
    able: str
    count: int = 50
    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._out, self._now = self.folder / "out", self.folder / "now"
        write_hooks(self._out, f"{self.receiver.url}/webhook", channels=self.count, limits=ABILITIES[self.able])
        self.receiver.forget()
        with open_desk(self._out) as desk:
            self._plan = str(desk.store.plan_path(approved(desk, self._out)).relative_to(self._out))
        assert self._run("send", START, None, self._out) == 0
        if self.verb == "update":
            with open_desk(self._out) as desk:
                self._plan = str(self._update(desk))
        self.receiver.settle()
        self._record = {name: copy.copy(getattr(self.receiver, name)) for name in ("posts", "standing", "asked", "answers")}
        self._ids = set(self.receiver.standing)
        assert len(self._ids) == self.count

    def points(self) -> dict[str, int]:
        """Runs once without a kill; returns how often each kind of point was reached."""
        self._fresh()
        assert self._begin(None) == 0
        counts: dict[str, int] = json.loads((self._now / "counts").read_text())
        return {kind: counts[kind] for kind in KINDS if counts.get(kind)}

    def kill(self, kind: str, number: int) -> Found | None:
        """Kills at one point, opens the project again until nothing is left to do, and judges; None where it was done before."""
        self._fresh()
        ended = self._begin((kind, number))
        self.receiver.settle()
        if ended == 0:
            return None
        assert ended == KILLED, f"{kind}, {number}: ended with {ended}"
        claimed = sending_keys(self._now / ".geoalert")
        begun = set((self._now / "begun").read_text().split()) if (self._now / "begun").exists() else set()
        self._go_on()
        found = self._judge(kind, claimed, begun)
        self.found.append(found)
        return found

    def _update(self, desk: Desk) -> Path:
        (self._out / "alert.toml").write_text(ALERT.replace(OLD, NEW))
        plan = desk.update(desk.read_alert(self._out / "alert.toml"), by="w.clerk")
        desk.approve(plan, by="t.singh", reason="a correction")
        return desk.store.plan_path(plan).relative_to(self._out)

    def _fresh(self) -> None:
        self.receiver.settle()
        self.receiver.forget()
        for name, value in self._record.items():
            setattr(self.receiver, name, copy.copy(value))
        shutil.rmtree(self._now, ignore_errors=True)
        shutil.copytree(self._out, self._now)

    def _begin(self, kill: tuple[str, int] | None) -> int:
        return self._run("recall" if self.verb == "recall" else "send", START + timedelta(minutes=1), kill)

    def _go_on(self) -> None:
        """Lets a worker go on where the person's decision is on disk, and lets the person decide again where it is not."""
        with open_desk(self._now, START) as desk:
            decided = any(entry.kind == {"recall": "closed", "update": "updated"}[self.verb] for entry in desk.outbox.entries())
        for number, after in enumerate(AFTER):
            again = "recall" if self.verb == "recall" else "send"
            assert self._run("work" if decided or number else again, START + after, None) == 0
        self.receiver.settle()

    def _run(self, verb: str, at: datetime, kill: tuple[str, int] | None, folder: Path | None = None) -> int:
        folder = folder or self._now
        told: dict[str, Any] = {"job": "desk", "verb": verb, "at": at.isoformat(), "because": "arrested", "kill": kill}
        told |= {name: str(folder / name) for name in ("begun", "counts")} | {"folder": str(folder)}
        return self.nursery.run(**told, plan=str(folder / self._plan))

    def _judge(self, kind: str, claimed: set[str], begun: set[str]) -> Found:
        """Counts places where the end, or the update, can be read once, twice or not at all."""
        receiver = self.receiver
        with open_desk(self._now, START + AFTER[-1]) as desk:
            rows = desk.outbox.deliveries()
            check_chain(desk.outbox.entries())
            closing = {name: texts["arrested"]["text"] for name, texts in desk.store.load_revision("S1", 1).closing.items()}
        first = {row.id: row for row in rows if row.key in self._ids}
        channel = {row.key: row.channel for row in first.values()}
        later = [row for row in rows if row.of_delivery in first]
        left = {row.state for row in later} - {"done", "unknown", "superseded"}
        assert not left, f"{kind}: rows are left {left}"
        unknown = {first[row.of_delivery or 0].key for row in later if row.state == "unknown"}
        told = {key for key in self._ids if self._is_told(key, closing[channel[key]])}
        repeated = {row.key for row in later if receiver.asked[row.key] > 1} if "cannot" in self.able else set()
        return Found(
            kind=kind,
            claimed=len(claimed),
            begun=len(claimed & begun),
            unknown=len(unknown),
            doubled=sum(receiver.answers[key] > 1 for key in self._ids) + len(repeated) + sum(n > 1 for n in receiver.posts.values()),
            forgotten=len(self._ids - told - unknown),
            wrong=len({first[row.of_delivery or 0].key for row in later if row.state == "done"} - told),
            requests=receiver.requests,
        )

    def _is_told(self, key: str, closing: str) -> bool:
        receiver = self.receiver
        if self.able.startswith("answers"):
            return receiver.answers[key] >= 1
        if self.verb == "update":
            return NEW in receiver.standing.get(key, "")
        return key not in receiver.standing if self.able == "deletes" else receiver.standing.get(key) == closing
