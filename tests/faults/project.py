"""A whole project whose channels are at webhooks: planned, approved, and ready to be sent, recalled or updated."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from geoalert.app import Desk
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.plan import Plan
from tests.app.project import ALERT, PROJECT, START, write_project

SIGNING = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
_FOLDER_ACCOUNT = '[accounts.posts]\npublisher = "folder"\npath = "posts"\n'
_CHANNEL_COLUMNS = "id,name,account,address,scope,speaks_for,kinds,languages,steward,consent,consented,valid_from,valid_to"
_ACCOUNT = '[accounts.hook-{number}]\npublisher = "webhook"\nurl = "{url}"\ninternal = true\nsecret = "file:hook.secret"\n'


def write_hooks(folder: Path, url: str, *, channels: int, accounts: int = 4, limits: str = "") -> Path:
    """Writes the project of tests/app with so many channels at one webhook; returns its geoalert.toml."""
    told = "\n".join(_ACCOUNT.format(number=number, url=url) + limits for number in range(accounts))
    rows = [f"page-{n},Page {n},hook-{n % accounts},page-{n},public,division:{('D14', 'D52')[n % 2]},,en,,own,,," for n in range(channels)]
    path = write_project(folder, project=PROJECT.replace(_FOLDER_ACCOUNT, told), channels="\n".join([_CHANNEL_COLUMNS, *rows]) + "\n")
    (folder / "hook.secret").write_text(SIGNING)
    (folder / "hook.secret").chmod(0o600)
    return path


def open_desk(folder: Path, at: datetime = START) -> Desk:
    """Opens the project at an instant."""
    return Desk(read_project(folder / "geoalert.toml"), clock=fixed_clock(at))


def approved(desk: Desk, folder: Path) -> Plan:
    """Returns the alert's plan, approved."""
    plan = desk.plan(desk.read_alert(folder / "alert.toml"), by="w.clerk")
    desk.approve(plan, by="t.singh", reason="an exercise")
    return plan


__all__ = ["ALERT", "START", "approved", "open_desk", "write_hooks"]
