"""Approving, returning and rejecting on a project, judged by what is in the record, in the ledger and on disk."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from geoalert.app import Desk
from geoalert.app.approving import Approving, notice_post
from geoalert.app.check import check_project
from geoalert.app.draft import draft_of
from geoalert.app.keys import new_key
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.errors import ConfigurationError, GeoAlertError, NotApproved, NotLive, PlanChanged, PlanError
from geoalert.outbox import Event, NewDelivery, check_chain
from geoalert.plan import Plan, build_plan
from geoalert.plan.approval import approve as approve_alone
from geoalert.worker import sole_sender
from tests.app.project import ALERT, CHANNELS, PROJECT, START, write_project
from tests.plan.drafts import as_actual, resealed

STAFF = """
[accounts.staff]
publisher = "folder"
path = "staff"

[accounts.pager]
publisher = "folder"
path = "pager"
mode = "live"

[people."m.lee"]
roles = ["approver"]
units = ["homicide"]
notify = ["staff:lee"]

[people."m.roy"]
roles = ["approver", "submitter"]
notify = ["staff:roy"]

[people."b.okafor"]
roles = ["approver"]
notify = ["pager:okafor"]

[people."a.khan"]
roles = ["approver"]
notify = ["pager:khan", "staff:khan"]
"""
ROTA = """
[[on_call]]
people = ["t.singh", "m.lee", "m.roy", "b.okafor", "a.khan"]
from = 2027-03-12T19:00:00
until = 2027-03-13T07:00:00
"""
SINGH = 'roles = ["approver"]\n'


def told_by(notify: str) -> str:
    """The project with a rota, t.singh being told where `notify` says."""
    return PROJECT.replace(SINGH, f"{SINGH}notify = {notify}\n", 1) + STAFF + ROTA


ON_CALL = told_by('["staff:singh"]')


def desk_at(folder: Path, hours: float = 0.0, **texts: str) -> Desk:
    """The project's desk, some hours into the evening."""
    path = folder / "geoalert.toml"
    if not path.exists():
        write_project(folder, **texts)
    return Desk(read_project(path), clock=fixed_clock(START + timedelta(hours=hours)))


def planned(desk: Desk, by: str = "m.roy") -> Plan:
    """The project's alert, planned."""
    return desk.plan(desk.read_alert(desk.project.folder / "alert.toml"), by=by)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk over a project with a rota."""
    with desk_at(tmp_path, project=ON_CALL) as opened:
        yield opened


def posted(folder: Path, account: str) -> dict[str, str]:
    """What arrived in a folder account, by channel."""
    return {unquote(path.parent.name): path.read_text("utf-8") for path in (folder / account).rglob("post.txt")}


def test_approvers_on_call_are_told_of_a_plan(desk: Desk, tmp_path: Path) -> None:
    """Those of the unit, by an account of the alert's mode, never the submitter; the others are named with the reason."""
    plan = planned(desk)
    desk.approve(plan, by="t.singh")
    told = desk.notified(plan)

    assert [(one.person, one.account) for one in told.told] == [("t.singh", "staff"), ("a.khan", "staff")]
    assert [(finding.level, finding.code, finding.where) for finding in told.findings] == [
        ("warn", "not_notified", "people.b.okafor.notify")
    ]
    recorded = [entry.body for entry in desk.outbox.entries(alert="S1") if entry.kind == "planned"][-1] or {}
    assert recorded["told"] == [{"person": name, "account": "staff", "state": "queued"} for name in ("t.singh", "a.khan")]


def test_a_notice_says_what_to_do_and_nothing_of_the_case(desk: Desk, tmp_path: Path) -> None:
    """Its text, as it arrives with the next run of the worker."""
    first = planned(desk)
    other = ALERT.replace('"S1"', '"S2"')
    (tmp_path / "other.toml").write_text(other, encoding="utf-8")
    second = desk.plan(desk.read_alert(tmp_path / "other.toml"), by="m.roy")
    desk.approve(second, by="t.singh")
    desk.send(second)

    arrived = posted(tmp_path, "staff")
    assert sorted(arrived) == ["person:a.khan", "person:t.singh"]
    assert not (tmp_path / "pager").exists()
    text = arrived["person:t.singh"]
    for word in ("EXERCISE", "S1 r1", first.digest[:12], "m.roy", "geoalert show S1", "geoalert approve S1 --as t.singh"):
        assert word in text
    for word in ("Robbery", "Spadina", "jacket", "beard", "25-35"):
        assert word not in text
    assert [one.state for one in desk.notified(first).told] == ["done", "done"]


def test_notices_are_no_posts(desk: Desk) -> None:
    """They are in no count of what became of an alert."""
    plan = planned(desk)
    desk.approve(plan, by="t.singh")

    assert desk.send(plan).counts == {"done": 2}
    assert desk.status("S1").counts == {"done": 2}


@pytest.mark.parametrize(
    ("project", "by", "hours", "code", "words"),
    [
        (PROJECT, "m.roy", 0, "nobody_on_call", "no rota"),
        (ON_CALL, "m.roy", 12, "nobody_on_call", "nobody who approves for hold-up is on call"),
        (told_by("[]").replace('people = ["t.singh", "m.lee", "m.roy", "b.okafor", "a.khan"]', 'people = ["m.roy", "m.lee"]'), "M.ROY", 0,
         "nobody_on_call", "only the submitter M.ROY is on call"),
        (told_by("[]").replace('"b.okafor", "a.khan"]', '"b.okafor"]'), "m.roy", 0, "not_notified", "no address on a sandbox account"),
    ],
)  # fmt: skip
def test_nobody_told_is_said(tmp_path: Path, project: str, by: str, hours: float, code: str, words: str) -> None:
    """The plan is made all the same."""
    with desk_at(tmp_path, hours, project=project) as desk:
        told = desk.notified(planned(desk, by))

    assert told.told == ()
    assert {finding.code for finding in told.findings} == {code}
    assert any(words in finding.text for finding in told.findings)


def notices(desk: Desk) -> list[tuple[str, int, str]]:
    """Every notice of the ledger: channel, occurrence, state."""
    return [(row.channel, row.occurrence, row.state) for row in desk.outbox.deliveries(alert="S1") if row.act == "notify"]


def test_a_notice_that_waits_for_a_worker_says_so(desk: Desk) -> None:
    """While none is running, and no longer than that."""
    plan = planned(desk)

    assert [finding.code for finding in desk.notified(plan).findings] == ["not_notified", "no_worker"]
    with sole_sender(desk.state):
        assert [finding.code for finding in desk.notified(plan).findings] == ["not_notified"]


def test_a_plan_made_anew_is_told_of_anew(desk: Desk, tmp_path: Path) -> None:
    """The same plan once; another one again, and the first notices that wait are not sent any more."""
    planned(desk)
    planned(desk)
    assert notices(desk) == [("person:t.singh", 0, "queued"), ("person:a.khan", 0, "queued")]
    (tmp_path / "alert.toml").write_text(ALERT.replace("11 pm", "10 pm"), encoding="utf-8")

    plan = planned(desk)

    assert notices(desk)[:2] == [("person:t.singh", 0, "superseded"), ("person:a.khan", 0, "superseded")]
    assert notices(desk)[2:] == [("person:t.singh", 1, "queued"), ("person:a.khan", 1, "queued")]
    desk.approve(plan, by="t.singh")
    assert {state for _, _, state in notices(desk)} == {"superseded"}


def test_a_notice_changed_on_disk_is_not_sent(desk: Desk) -> None:
    """Nor one that is gone; its digest is in the ledger."""
    planned(desk)
    row = next(row for row in desk.outbox.deliveries(alert="S1") if row.channel == "person:t.singh")
    assert notice_post(desk, row).address == "singh"
    path = desk.store.notice_path("S1", 1, row.post_digest)

    path.write_bytes(path.read_bytes().replace(b"m.roy", b"m.rot"))
    with pytest.raises(PlanChanged) as changed:
        notice_post(desk, row)
    path.unlink()
    with pytest.raises(PlanChanged) as gone:
        notice_post(desk, row)

    assert changed.value.code == gone.value.code == "notice_changed"


def steps(desk: Desk) -> list[tuple[str, str, str | None]]:
    """The record of people's steps: kind, who, as what."""
    check_chain(tuple(desk.outbox.entries()))
    return [(entry.kind, entry.actor, entry.role) for entry in desk.outbox.entries(alert="S1") if entry.kind != "attempt"]


def test_a_returned_plan_is_planned_and_approved_again(desk: Desk) -> None:
    """Under the same id and revision; the approval from before counts no more, though not a byte differs."""
    plan = planned(desk)
    desk.approve(plan, by="t.singh")
    desk.give_back(plan, by="t.singh", reason="the place is too vague")

    for refused in (lambda: desk.approve(plan, by="t.singh"), lambda: desk.send(plan), lambda: desk.reject(plan, by="t.singh", reason="x")):
        with pytest.raises(PlanError) as caught:
            refused()
        assert caught.value.code == "illegal_step"
    again = planned(desk)
    with pytest.raises(NotApproved):
        desk.send(again)
    desk.approve(again, by="t.singh")

    assert again.digest == plan.digest
    assert again.revision == 1
    assert desk.send(again).counts == {"done": 2}
    assert steps(desk) == [
        ("planned", "m.roy", "submitter"), ("approved", "t.singh", "approver"), ("returned", "t.singh", "approver"),
        ("planned", "m.roy", "submitter"), ("approved", "t.singh", "approver"), ("issued", "m.roy", "submitter"),
    ]  # fmt: skip


def test_an_approval_file_laid_back_after_a_return_is_refused(desk: Desk) -> None:
    """What counts is the record, not the folder."""
    plan = planned(desk)
    kept = desk.approve(plan, by="t.singh")
    desk.give_back(plan, by="t.singh", reason="wait")
    desk.store.keep_approval(plan, kept)

    with pytest.raises(PlanError) as caught:
        desk.send(plan)
    again = planned(desk)
    with pytest.raises(NotApproved):
        desk.send(again)

    assert caught.value.code == "illegal_step"


def test_a_rejected_plan_is_at_its_end(desk: Desk) -> None:
    """Neither approved nor sent nor planned again; another id is."""
    plan = planned(desk)
    desk.approve(plan, by="t.singh")
    desk.reject(plan, by="a.khan", reason="not proportionate")

    refusals = (lambda: desk.approve(plan, by="t.singh"), lambda: desk.send(plan), lambda: planned(desk))
    for refused in (*refusals, lambda: desk.give_back(plan, by="t.singh", reason="x")):
        with pytest.raises(PlanError) as caught:
            refused()
        assert caught.value.code == "illegal_step"
        assert caught.value.do
    assert desk.status("S1").rows == ()
    assert not (desk.project.folder / "posts").exists()


@pytest.mark.parametrize(("by", "reason", "code"), [("w.clerk", "x", "not_an_approver"), ("t.singh", " ", "reason_missing")])
def test_giving_back_needs_an_approver_and_a_reason(desk: Desk, by: str, reason: str, code: str) -> None:
    """The submitter may take their own plan back."""
    plan = planned(desk)

    for step in (desk.give_back, desk.reject):
        with pytest.raises(PlanError) as caught:
            step(plan, by=by, reason=reason)
        assert caught.value.code == code
    desk.give_back(plan, by="m.roy", reason="my own mistake")

    assert steps(desk)[-1] == ("returned", "m.roy", "submitter")


def test_what_was_sent_is_not_given_back(desk: Desk) -> None:
    """It is held or recalled."""
    plan = planned(desk)
    desk.approve(plan, by="t.singh")
    desk.send(plan)

    for step in (desk.give_back, desk.reject):
        with pytest.raises(PlanError) as caught:
            step(plan, by="t.singh", reason="x")
        assert caught.value.code == "illegal_step"
        assert "recall" in str(caught.value.do)


def test_what_was_sent_before_there_was_a_record_is_not_given_back(desk: Desk) -> None:
    """Its posts in the ledger tell that it was; sending it again records no second issue."""
    plan = build_plan(draft_of(desk, desk.read_alert(desk.project.folder / "alert.toml")), by="m.roy")
    desk.store.keep(plan)
    desk.store.keep_approval(plan, approve_alone(plan, by="t.singh", at=START))
    rows = [
        NewDelivery(
            sender=desk.project.agency,
            alert="S1",
            revision=1,
            channel=told.post.channel,
            account="posts",
            status="exercise",
            plan_digest=plan.digest,
            post_digest=told.digest,
            expires_at=plan.expires,
        )
        for told in plan.posts
    ]
    desk.outbox.enqueue(rows, at=START)

    with pytest.raises(PlanError) as caught:
        desk.give_back(plan, by="t.singh", reason="x")

    assert caught.value.code == "illegal_step"
    assert desk.send(plan).counts == {"done": 2}
    assert steps(desk) == []


def test_a_rejected_revision_of_an_issued_alert_is_not_sent(desk: Desk) -> None:
    """The life of the alert goes on with the one that is out."""
    first = planned(desk)
    desk.approve(first, by="t.singh")
    desk.send(first)
    second = resealed(first, lambda document: document["alert"].update(revision=2))
    desk.store.keep(second)
    desk.approve(second, by="t.singh")
    desk.reject(second, by="t.singh", reason="x")

    for refused in (lambda: desk.approve(second, by="t.singh"), lambda: desk.send(second)):
        with pytest.raises(PlanError) as caught:
            refused()
        assert caught.value.code == "illegal_step"


def test_nothing_is_approved_or_sent_after_the_end(desk: Desk) -> None:
    """A closed alert stays closed."""
    plan = planned(desk)
    desk.approve(plan, by="t.singh")
    closed = Event("closed", {"because": "arrested"}, alert="S1", sender=desk.project.agency, revision=1, actor="t.singh")
    desk.outbox.record([closed], at=desk.clock())

    for refused in (lambda: desk.approve(plan, by="t.singh"), lambda: desk.send(plan), lambda: planned(desk)):
        with pytest.raises(PlanError) as caught:
            refused()
        assert caught.value.code == "illegal_step"


def test_approvals_needed_follow_area_and_channels(tmp_path: Path) -> None:
    """Above either limit two; send says how many are missing, the same person twice is one."""
    limits = "\n[approval]\ntwo_above_km2 = {}\ntwo_above_channels = {}\n"
    for number, (km2, channels, needed) in enumerate([(1.2, 2, 1), (1.1, 2, 2), (1.2, 1, 2)]):
        with desk_at(tmp_path / str(number), project=ON_CALL + limits.format(km2, channels)) as desk:
            plan = planned(desk)
            desk.approve(plan, by="t.singh")
            desk.approve(plan, by="T.SINGH")
            tally = desk.tally(plan)
            assert (len(tally.by), tally.needed, tally.missing) == (1, needed, needed - 1)
            if needed == 2:
                with pytest.raises(NotApproved) as caught:
                    desk.send(plan)
                assert (caught.value.code, caught.value.value) == ("approvals_missing", "1 missing")
                assert {state for _, _, state in notices(desk)} == {"queued"}
                desk.approve(plan, by="a.khan")
            assert desk.send(plan).counts == {"done": 2}


def keyed(folder: Path, *names: str) -> str:
    """The project with a key for each name."""
    text = ON_CALL
    for name in names:
        new_key(name, folder / "keys" / f"{name}.key")
        text = text.replace(f'[people."{name}"]\n', f'[people."{name}"]\nkey = "keys/{name}.pub"\n')
    return text


def live(text: str) -> str:
    """The project with its posts going to a live account."""
    return text.replace('path = "posts"\n', 'path = "posts"\nmode = "live"\n', 1)


@pytest.fixture
def signing(tmp_path: Path) -> Iterator[tuple[Desk, Plan]]:
    """A desk whose account is live, and a plan of status actual put together by hand, as the gates let none be made yet."""
    text = keyed(tmp_path, "t.singh", "a.khan")
    with desk_at(tmp_path, project=text) as desk:
        plan = resealed(planned(desk), as_actual)
    (tmp_path / "geoalert.toml").write_text(live(text), encoding="utf-8")
    with desk_at(tmp_path) as desk:
        Approving(desk).keep(plan)
        yield desk, plan


def test_a_signed_plan_goes_live(signing: tuple[Desk, Plan]) -> None:
    """By the key that is listed, and the agency's name typed out; the record says which key."""
    desk, plan = signing
    folder = desk.project.folder
    with pytest.raises(NotApproved) as unsigned:
        desk.approve(plan, by="t.singh")
    with pytest.raises(NotApproved) as wrong:
        desk.approve(plan, by="t.singh", key=folder / "keys" / "a.khan.key")

    approval = desk.approve(plan, by="t.singh", reason="proportionate", key=folder / "keys" / "t.singh.key")

    assert (unsigned.value.code, wrong.value.code) == ("signature_needed", "wrong_key")
    assert desk.send(plan, live=desk.project.agency).counts == {"done": 2}
    issued = [entry for entry in desk.outbox.entries(alert="S1") if entry.kind == "issued"][-1]
    assert issued.body
    assert issued.body["approved"] == [{"by": "t.singh", "role": "approver", "key": approval.key}]


@pytest.mark.parametrize(
    ("attack", "code"),
    [("reason", "signature_invalid"), ("at", "signature_invalid"), ("digest", "plan_changed"), ("by", "key_replaced"),
     ("unsigned", "signature_needed"),
     ("replaced", "key_replaced"), ("withdrawn", "no_key_listed"), ("gone", "key_unreadable"), ("broken", "invalid_key")],
)  # fmt: skip
def test_every_signature_is_proved_again_at_send(signing: tuple[Desk, Plan], attack: str, code: str) -> None:
    """After the approval was given, its file or the listed key was changed."""
    desk, plan = signing
    folder = desk.project.folder
    approval = desk.approve(plan, by="t.singh", key=folder / "keys" / "t.singh.key")
    path, public = desk.store.keep_approval(plan, approval), folder / "keys" / "t.singh.pub"
    told = json.loads(path.read_text("utf-8"))
    edits = {
        "reason": {"reason": "other"},
        "at": {"at": "2027-03-12T21:00:00+00:00"},
        "digest": {"digest": "0" * 64},
        "by": {"by": "a.khan"},
        "unsigned": {"key": None, "signature": None},
    }
    if attack in edits:
        path.write_text(json.dumps(told | edits[attack]), encoding="utf-8")
    elif attack == "replaced":
        public.write_text(new_key("t.singh", folder / "new.key").public.read_text("utf-8"), encoding="utf-8")
    elif attack == "gone":
        public.unlink()
    elif attack == "broken":
        public.write_text("geoalert-ed25519 AAAA t.singh", encoding="utf-8")
    else:
        toml = (folder / "geoalert.toml").read_text("utf-8")
        (folder / "geoalert.toml").write_text(toml.replace('key = "keys/t.singh.pub"\n', ""), encoding="utf-8")

    with desk_at(folder) as later, pytest.raises((GeoAlertError, ConfigurationError)) as caught:
        later.send(plan, live=later.project.agency)

    assert caught.value.code == code  # type: ignore[attr-defined]
    assert not (folder / "posts").exists()


def test_a_key_that_two_people_share_proves_neither(tmp_path: Path) -> None:
    """Not for an exercise either, once it is used."""
    text = keyed(tmp_path, "t.singh").replace('[people."a.khan"]\n', '[people."a.khan"]\nkey = "keys/t.singh.pub"\n')
    with desk_at(tmp_path, project=text) as desk:
        plan = planned(desk)
        with pytest.raises(ConfigurationError) as caught:
            desk.approve(plan, by="t.singh", key=tmp_path / "keys" / "t.singh.key")

    assert caught.value.code == "key_shared"


def test_an_approver_struck_off_the_list_does_not_count_at_send(tmp_path: Path) -> None:
    """The list of the moment of sending holds."""
    with desk_at(tmp_path, project=ON_CALL) as desk:
        plan = planned(desk)
        desk.approve(plan, by="t.singh")
    (tmp_path / "geoalert.toml").write_text(ON_CALL.replace(SINGH, 'roles = ["approver"]\nunits = ["homicide"]\n', 1), encoding="utf-8")

    with desk_at(tmp_path) as later, pytest.raises(PlanError) as caught:
        later.send(plan)

    assert caught.value.code == "not_an_approver"


def test_no_exercise_is_planned_for_a_live_account(tmp_path: Path) -> None:
    """The first of three places."""
    with desk_at(tmp_path, project=live(PROJECT)) as desk, pytest.raises(NotLive):
        planned(desk)

    assert not list(tmp_path.rglob("*.plan"))


def test_no_exercise_is_queued_for_a_live_account(tmp_path: Path) -> None:
    """The second: a plan put together by hand that says its account is live, as it is by now."""
    with desk_at(tmp_path) as desk:
        plan = resealed(planned(desk), lambda document: document["accounts"]["posts"].update(mode="live"))
    (tmp_path / "geoalert.toml").write_text(live(PROJECT), encoding="utf-8")

    with desk_at(tmp_path) as desk:
        Approving(desk).keep(plan)
        desk.approve(plan, by="t.singh")
        with pytest.raises(NotLive):
            desk.send(plan)
        assert desk.outbox.deliveries(alert="S1", states=("queued", "sending", "done", "rejected")) == ()


def test_no_exercise_leaves_through_a_live_account(tmp_path: Path) -> None:
    """The third: queued while the account was a sandbox, and sent by the next run of the worker once it is live."""
    second = '\n[accounts.other]\npublisher = "folder"\npath = "other"\n'
    channels = CHANNELS.replace("d52-page,52 Division page,posts", "d52-page,52 Division page,other")
    only = 'audience = {categories = ["nightlife.*"], channels = ["%s"]}\naccept = {unreached = "an exercise"}'
    alert = ALERT.replace('audience = {categories = ["nightlife.*"]}', only % "d14-page")
    with desk_at(tmp_path, project=PROJECT + second, channels=channels, alert=alert) as desk:
        plan = planned(desk)
        desk.approve(plan, by="t.singh")
        with sole_sender(desk.state):
            assert desk.send(plan).counts == {"queued": 1}
    (tmp_path / "geoalert.toml").write_text(live(PROJECT) + second, encoding="utf-8")
    (tmp_path / "alert.toml").write_text(alert.replace("d14-page", "d52-page").replace('"S1"', '"S2"'), encoding="utf-8")

    with desk_at(tmp_path) as desk:
        other = planned(desk)
        desk.approve(other, by="t.singh")
        desk.send(other)
        row = desk.status("S1").rows[0]

    assert (row.state, row.code) == ("rejected", "not_live")
    assert not (tmp_path / "posts").exists()
    assert list(posted(tmp_path, "other")) == ["d52-page"]


def test_whatever_the_umask_state_is_private(tmp_path: Path) -> None:
    """Folders 0700 and files 0600 in the state folder: ledger, plans, pages, approvals, notices, locks."""
    before = os.umask(0)
    try:
        with desk_at(tmp_path, project=ON_CALL) as desk:
            plan = planned(desk)
            desk.approve(plan, by="t.singh")
            desk.send(plan)
            found = [(path, stat.S_IMODE(path.stat().st_mode)) for path in desk.state.rglob("*")]
            modes = {path.relative_to(desk.state).as_posix(): (path.is_dir(), mode) for path, mode in found}
            desk.store.copy(plan, tmp_path / "copy.plan")
    finally:
        os.umask(before)

    assert stat.S_IMODE(desk.state.stat().st_mode) == 0o700
    assert {kind: {mode for is_dir, mode in modes.values() if is_dir == kind} for kind in (True, False)} == {True: {0o700}, False: {0o600}}
    assert {"outbox.sqlite", "outbox.sqlite-wal", "plans/S1.r1.plan", "plans/S1.r1.html", "sender.lock"} <= modes.keys()
    assert len([name for name in modes if ".approvals/" in name or ".notices/" in name]) == 3
    assert stat.S_IMODE((tmp_path / "copy.plan").stat().st_mode) == 0o600


def people_found(folder: Path, hours: float = 0.0) -> dict[str, tuple[str, str]]:
    """What `geoalert check` says of people: level and text by code."""
    parts = ("people", "people.t.singh.key")
    with desk_at(folder, hours) as desk:
        return {found.code: (found.level, found.text) for found in check_project(desk) if found.where in parts}


def test_check_looks_at_people_and_their_keys(tmp_path: Path) -> None:
    """How many approve, who is on call, and a key that is broken, shared or another person's."""
    write_project(tmp_path, project=keyed(tmp_path, "t.singh", "a.khan"))
    keys = tmp_path / "keys"
    good = people_found(tmp_path)
    (keys / "t.singh.pub").write_text(new_key("m.lee", keys / "lee.key").public.read_text("utf-8"), encoding="utf-8")
    another = people_found(tmp_path)
    (keys / "t.singh.pub").write_bytes((keys / "a.khan.pub").read_bytes())
    shared = people_found(tmp_path)
    (keys / "t.singh.pub").write_text("x", encoding="utf-8")
    broken = people_found(tmp_path, hours=24)
    (keys / "t.singh.pub").unlink()
    (tmp_path / "geoalert.toml").write_text(ON_CALL, encoding="utf-8")

    assert good == {"people": ("note", "5 approvers, 2 keys, on call now: t.singh, m.lee, m.roy, b.okafor, a.khan")}
    assert another["key_of_another"] == ("warn", "the key's file was made for m.lee")
    assert (list(shared), list(broken)) == (["key_shared"], ["invalid_key"])
    assert people_found(tmp_path, hours=24)["nobody_on_call"][0] == "warn"
