"""An alert that was planned, approved with a key, sent, updated in the record and recalled, with everything kept about it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from geoalert.app import Desk
from geoalert.app.keys import new_key
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.outbox import Event
from tests.app.project import ALERT, PROJECT, START, write_project

SURNAME = "Quennevillepatrick"
"""A restricted field's value, which no file may show."""
PERSON = '[[people]]\nnumber = 1\nlabel = "suspect"\n'
WITH_SECRET = ALERT.replace("[[people]]\n", f'[[people]]\nrestricted.surname = "{SURNAME}"\n', 1)


def desk_at(folder: Path, hours: float = 0.0, **texts: str) -> Desk:
    """The project's desk, some hours into the evening."""
    path = folder / "geoalert.toml"
    if not path.exists():
        write_project(folder, **{"alert": WITH_SECRET} | texts)
    return Desk(read_project(path), clock=fixed_clock(START + timedelta(hours=hours)))


def signed_project(folder: Path) -> Path:
    """A project whose approver has a key; returns the private one."""
    key = folder / "singh.key"
    write_project(folder, alert=WITH_SECRET, project=PROJECT.replace('[people."t.singh"]\n', '[people."t.singh"]\nkey = "singh.pub"\n'))
    new_key("t.singh", key)
    return key


def told(folder: Path, *, recalled: bool = True, key: Path | None = None) -> Desk:
    """A desk one hour after an alert was sent and, unless not, recalled; something else stands between in the record."""
    with desk_at(folder) as desk:
        plan = desk.plan(desk.read_alert(folder / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh", reason="armed and not found", key=key)
        desk.outbox.record([Event("planned", {"digest": "0" * 64}, alert="S2", sender="Hamilton Example Police", revision=1)], at=START)
        desk.send(plan)
    desk = desk_at(folder, 1.0)
    if recalled:
        desk.recall("S1", because="arrested", by="m.roy")
    return desk
