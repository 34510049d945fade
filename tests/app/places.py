"""Places that hold posts in memory, of any ability: their own record is what tests judge by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from geoalert.app import Desk
from geoalert.clock import Clock
from geoalert.config import read_project
from geoalert.errors import Unsupported
from geoalert.outbox import Delivery
from geoalert.plan import Plan
from geoalert.publishing import Capabilities, Post, Publisher, Receipt
from geoalert.worker import Ready
from tests.app.project import ALERT, PROJECT, START, write_project

IMAGES = {"media_types": ("image/png", "image/jpeg"), "media_count": 4, "alt_limit": 1000}
ABLE = {
    "deletes": Capabilities(**IMAGES, delete=True, edit=True, threads=True, idempotent=True, find=True),  # type: ignore[arg-type]
    "edits": Capabilities(**IMAGES, edit=True),  # type: ignore[arg-type]
    "threads": Capabilities(**IMAGES, threads=True),  # type: ignore[arg-type]
    "drops": Capabilities(**IMAGES, delete=True),  # type: ignore[arg-type]
    "bare": Capabilities(**IMAGES),  # type: ignore[arg-type]
}


@dataclass
class Shown:
    """One post as a reader sees it."""

    id: str
    channel: str
    post: Post
    answers: str | None = None


@dataclass
class Place:
    """The other side: what can be seen, everything that ever arrived, and how the next requests end."""

    seen: dict[str, Shown] = field(default_factory=dict)
    arrived: list[tuple[str, Shown]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[bool, Exception]] = field(default_factory=list)
    before: Callable[[], None] | None = None

    def fault(self) -> tuple[bool, Exception] | None:
        """The next scripted end: whether the request takes effect, and what is raised."""
        return self.faults.pop(0) if self.faults else None

    def texts(self, channel: str) -> list[str]:
        """What can be read in one channel."""
        return [shown.post.text for shown in self.seen.values() if shown.channel == channel]


def publisher_of(place: Place, able: Capabilities, account: object, clock: Clock) -> Publisher:
    """A publisher that writes into a place."""

    class InMemory(Publisher):
        name = "folder"
        capabilities = able
        options = {"path": "unused"}

        def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
            return self._do(lambda: self._put(post, key), key)

        def find(self, post: Post, *, key: str, since: datetime) -> Receipt | None:
            found = place.keys.get(key)
            return self._receipt(found) if found else None

        def replace(self, receipt: Receipt, post: Post, *, key: str) -> Receipt:
            if not able.edit:
                raise Unsupported("no edit", field="edit")
            return self._do(lambda: self._edit(receipt.id, post), key)

        def recall(self, receipt: Receipt, *, key: str) -> Receipt:
            if not able.delete:
                raise Unsupported("no delete", field="delete")
            return self._do(lambda: self._drop(receipt.id), key)

        def _do(self, act: Callable[[], str], key: str) -> Receipt:
            if place.before is not None:
                place.before()
            fault = place.fault()
            if fault is None or fault[0]:
                done = act()
            if fault is not None:
                raise fault[1]
            return self._receipt(done)

        def _put(self, post: Post, key: str) -> str:
            if able.idempotent and key in place.keys:
                return place.keys[key]
            name = f"p{len(place.arrived) + 1}"
            shown = Shown(name, post.channel, post, post.reply_to.id if post.reply_to else None)
            place.seen[name] = shown
            place.keys[key] = name
            place.arrived.append(("post", shown))
            return name

        def _edit(self, name: str, post: Post) -> str:
            if name in place.seen:
                place.seen[name] = replace(place.seen[name], post=post)
                place.arrived.append(("edit", place.seen[name]))
            return name

        def _drop(self, name: str) -> str:
            if name in place.seen:
                place.arrived.append(("delete", place.seen.pop(name)))
            return name

        def _receipt(self, name: str) -> Receipt:
            return Receipt(publisher="folder", account=self.account.name, id=name, url=f"https://place.example/{name}", at=self.clock())

    return InMemory(account, clock=clock)  # type: ignore[arg-type]


class Evening:
    """A project whose accounts are places in memory, one account and one channel for each ability, and a clock that is set by hand."""

    def __init__(self, folder: Path, able: Mapping[str, Capabilities] = ABLE, *, alert: str = ALERT) -> None:
        accounts = "".join(f'[accounts.{name}]\npublisher = "folder"\npath = "{name}"\n' for name in able)
        head, _, tail = PROJECT.partition("[accounts.posts]")
        rows = "".join(f"{name}-page,{name} page,{name},{name},public,division:D14,,en,A. Roy,own,,,\n" for name in able)
        columns = "id,name,account,address,scope,speaks_for,kinds,languages,steward,consent,consented,valid_from,valid_to\n"
        people = tail[tail.index("[people") :]
        self.file = write_project(folder, project=head + accounts + people, channels=columns + rows, alert=alert)
        self.folder = folder
        self.now = START
        self.able = able
        self.places = {name: Place() for name in able}
        self.desk = self.opened()

    def opened(self) -> Desk:
        """Another desk over the same project, as another process has it."""
        desk = Desk(read_project(self.file), clock=lambda: self.now, sleep=self.sleep)
        made = {}
        for name, able in self.able.items():
            account = desk.project.accounts[name]
            made[name] = Ready(publisher_of(self.places[name], able, account, desk.clock), able)
        desk.__dict__["accounts"] = made
        return desk

    def sleep(self, seconds: float) -> None:
        """Time goes on."""
        self.now += timedelta(seconds=seconds)

    def later(self, **spans: float) -> None:
        """Sets the clock on."""
        self.now += timedelta(**spans)

    def write(self, *changes: tuple[str, str]) -> None:
        """Writes the alert file anew, with pieces changed."""
        text = (self.folder / "alert.toml").read_text("utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (self.folder / "alert.toml").write_text(text, encoding="utf-8")

    def planned(self) -> Plan:
        """The first plan, approved."""
        plan = self.desk.plan(self.desk.read_alert(self.folder / "alert.toml"), by="m.roy")
        self.desk.approve(plan, by="t.singh", reason="exercise")
        return plan

    def sent(self) -> Plan:
        """The first plan, sent."""
        plan = self.planned()
        self.desk.send(plan)
        return plan

    def updated(self, *changes: tuple[str, str]) -> Plan:
        """An update, approved and not sent."""
        self.write(*changes)
        plan = self.desk.update(self.desk.read_alert(self.folder / "alert.toml"), by="m.roy")
        self.desk.approve(plan, by="t.singh", reason="corrected")
        return plan

    def rows(self, **wanted: object) -> list[Delivery]:
        """Deliveries whose fields are these."""
        found = self.desk.outbox.deliveries(alert="S1")
        return [row for row in found if all(getattr(row, name) == value for name, value in wanted.items())]
