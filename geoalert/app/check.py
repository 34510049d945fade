"""Looks at everything a project needs, and says of each what it found; one failure does not hide the next."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from geoalert.app.accounts import unusable_of
from geoalert.app.copying import copy_record
from geoalert.app.credentials import UNCHECKED
from geoalert.app.evidence import LOOKED_AT, check_record
from geoalert.app.keys import listed_keys, read_public
from geoalert.config import filesystem_type
from geoalert.directory.check import DirectoryReport, check_directory
from geoalert.directory.load import read_directory
from geoalert.errors import ExplainedError
from geoalert.findings import Finding
from geoalert.publishing import has_check
from geoalert.worker import Ready, worker_running

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

LEAST_FREE_BYTES = 200 * 2**20
GOOD = ("project", "layer", "directory", "account", "profile", "people", "clock", "worker", "state", "record")
"""Codes of the notes that say a part is good."""


def check_project(desk: Desk) -> tuple[Finding, ...]:
    """Returns one finding or more for each part: note when it is good, warn to look at, refuse where planning would stop."""
    found: list[Finding] = [Finding("note", "project", f"{desk.project.agency}, {desk.project.time_zone}", where=desk.project.path.name)]
    if not desk.project.layers:
        found.append(Finding("warn", "no_layers", "geoalert.toml has no layer: nothing can be matched", where="layers"))
    for name in desk.project.layers:
        found += _try(f"layer {name}", "layer_unusable", partial(_layer, desk, name))
    if not any(finding.level == "refuse" for finding in found):
        found += _try("directory", "directory_unusable", lambda: _directory(desk))
    else:
        found.append(Finding("warn", "not_looked_at", "looked at once every layer can be read", where="directory"))
    found += _try("accounts", "account_unusable", lambda: _accounts(desk))
    found += _try("profile", "profile_unusable", lambda: _profile(desk))
    found += _try("people", "people_unusable", lambda: _people(desk))
    found += _try(
        "clock", "clock_unusable", lambda: [Finding("note", "clock", f"{desk.clock().astimezone(desk.project.zone):%Y-%m-%d %H:%M %z}")]
    )
    found += _try("worker", "worker_unusable", lambda: _worker(desk))
    found += _try("state folder", "state_unusable", lambda: _state(desk))
    found += _try("record", "record_unusable", lambda: _record(desk))
    return tuple(found)


def directory_report(desk: Desk) -> DirectoryReport:
    """Returns everything that is wrong with the directory, read without the layers so that one dead id does not hide the next."""
    project = desk.project
    directory = read_directory(
        channels=project.channels,
        venues=project.venues,
        units=project.units,
        kinds=desk.profile.kinds,
        venue_accounts=project.venue_accounts,
    )
    today = desk.today
    return check_directory(directory, layers=desk.layers, accounts=tuple(project.accounts), on=today, kinds=desk.profile.kinds)


def _try(where: str, code: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return [finding if finding.where else _at(finding, where) for finding in look()]
    except ExplainedError as err:
        return [Finding("refuse", err.code or code, str(err), where=where)]


def _at(finding: Finding, where: str) -> Finding:
    return Finding(finding.level, finding.code, finding.text, finding.rule, finding.source, where)


def _layer(desk: Desk, name: str) -> list[Finding]:
    layer = desk.layer(name)
    accuracy = "" if layer.accuracy_m is None else f", converted to {layer.accuracy_m:g} m"
    said = Finding(
        "note", "layer", f"{len(layer)} boundaries, {layer.native_crs or 'EPSG:4326'}{accuracy}, version {layer.version or 'not stated'}"
    )
    repairs = [
        Finding("warn", repair.code, repair.text, where=f"layer {name}, {repair.where or ''}".rstrip(", ")) for repair in layer.repairs
    ]
    today = desk.today
    if len(desk.editions[layer.name]) == 1 and not layer.valid_on(today):
        repairs.append(Finding("refuse", "layer_not_valid", f"valid from {layer.valid_from} to {layer.valid_to}: not today"))
    return [said, *repairs]


def _directory(desk: Desk) -> list[Finding]:
    report = directory_report(desk)
    counts = ", ".join(f"{count} {noun.replace('_', ' ')}" for noun, count in report.counts.items())
    return [Finding("note", "directory", counts), *report.findings]


def _accounts(desk: Desk) -> list[Finding]:
    wrong = unusable_of(desk)
    found = [Finding("refuse", each.error.code, str(each.error), where=f"account {name}") for name, each in wrong.items()]
    for name, ready in desk.accounts.items():
        found += _try(f"account {name}", "account_unusable", partial(_account, ready))
    return found or [Finding("warn", "no_accounts", "geoalert.toml has no account: nothing can be sent")]


def _account(ready: Ready) -> list[Finding]:
    publisher = ready.publisher
    publisher.account.check_secrets()
    told = f"{publisher.name}, {publisher.account.mode}"
    if not has_check(publisher):
        return [Finding("note", "account_not_checked", f"{told}, cannot be checked: {UNCHECKED}")]
    publisher.check()
    return [Finding("note", "account", told)]


def _profile(desk: Desk) -> list[Finding]:
    profile = desk.profile
    if profile.reviewed:
        return [Finding("note", "profile", f"{profile.name}, reviewed by {profile.reviewed_by} on {profile.reviewed_on}")]
    return [Finding("warn", "profile_not_reviewed", f"{profile.name}: nobody has reviewed it, so it cannot go live")]


def _people(desk: Desk) -> list[Finding]:
    project = desk.project
    keys = listed_keys(project, project.people)
    approvers = [person for person in project.people.values() if "approver" in person.roles]
    if not approvers:
        return [Finding("warn", "no_approvers", "geoalert.toml lists no approver: anyone but the submitter approves an exercise")]
    on_call = [name for watch in project.on_call if watch.holds(desk.clock()) for name in watch.people]
    told = f"{len(approvers)} approvers, {len(keys)} keys, on call now: {', '.join(dict.fromkeys(on_call)) or 'nobody'}"
    quiet = bool(project.on_call) and not on_call
    found = [Finding("warn", "nobody_on_call", told) if quiet else Finding("note", "people", told)]
    for person in approvers:
        name = None if person.key is None else read_public(person.key)[1]
        if name not in (None, person.name):
            found.append(Finding("warn", "key_of_another", f"the key's file was made for {name}", where=f"people.{person.name}.key"))
    return found


def _worker(desk: Desk) -> list[Finding]:
    if worker_running(desk.state):
        return [Finding("note", "worker", "a worker runs")]
    waits = (desk.state / "outbox.sqlite").exists() and desk.outbox.next_due(at=desk.clock()) is not None
    text = "no worker runs, and something is queued: start geoalert worker" if waits else "no worker runs; nothing is queued"
    return [Finding("warn" if waits else "note", "worker", text)]


def _state(desk: Desk) -> list[Finding]:
    free = shutil.disk_usage(desk.state).free
    kind = filesystem_type(desk.state) or "unknown filesystem"
    told = f"{desk.state} on {kind}, {free // 2**20:,} MB free"
    return [Finding("warn" if free < LEAST_FREE_BYTES else "note", "state", told)]


def _record(desk: Desk) -> list[Finding]:
    """Proves the record's last entries, and brings its copies up to date; one that is behind is told of."""
    if not (desk.state / "outbox.sqlite").exists():
        return [Finding("note", "record", "nothing is recorded yet")]
    count, head = check_record(desk, most=LOOKED_AT)
    told = f"the last {count:,} entries verify, head {head[:12]}" if count else "nothing is recorded yet"
    return [Finding("note", "record", told), *copy_record(desk)]
