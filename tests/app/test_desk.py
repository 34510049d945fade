"""The desk from alert file to sent posts, judged by what is on disk."""

from __future__ import annotations

import shutil
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from shapely.geometry import box

from geoalert.app import Desk
from geoalert.app.approving import Approving
from geoalert.app.draft import draft_of
from geoalert.boundaries.catalogue import Lock, Pin
from geoalert.clock import fixed_clock
from geoalert.config import read_project
from geoalert.errors import (
    BoundaryError,
    ConfigurationError,
    FourEyes,
    GateRefused,
    GeoAlertError,
    LayerNotFound,
    NotApproved,
    NotLive,
    PlanChanged,
    PlanError,
)
from geoalert.plan import approve, build_plan, pack
from geoalert.worker import sole_sender
from tests.app.project import ALERT, PROJECT, START, features, write_project


def desk_at(folder: Path, hours: float = 0.0, **texts: str) -> Desk:
    """The project's desk, some hours into the evening."""
    path = folder / "geoalert.toml"
    if not path.exists():
        write_project(folder, **texts)
    return Desk(read_project(path), clock=fixed_clock(START + timedelta(hours=hours)))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk over a fresh project."""
    with desk_at(tmp_path / "p") as opened:
        yield opened


def test_an_approved_plan_reaches_every_channel_once(desk: Desk, tmp_path: Path) -> None:
    """Plan, approve, send twice: two posts, each with text and image, and nothing more."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    desk.approve(plan, by="t.singh", reason="necessary")

    first = desk.send(plan)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "p" / "posts").rglob("*")}
    second = desk.send(plan)

    assert first.counts == second.counts == {"done": 2}
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "p" / "posts").rglob("*")} == files
    assert sorted(path.parent.name for path in files if path.name == "post.txt") == ["d14-page", "d52-page"]
    for planned in plan.posts:
        assert planned.post.text in (tmp_path / "p" / "posts" / planned.post.channel / "post.txt").read_text("utf-8")


def test_what_is_chosen_skipped_and_visited_is_all_there(desk: Desk, tmp_path: Path) -> None:
    """The venue without a contact is on the visit list, and everything has its reason."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")

    assert [visit["id"] for visit in plan.visit_list] == ["club-1"]
    assert [planned.post.channel for planned in plan.posts] == ["d14-page", "d52-page"]
    assert all(each["reason"] for each in plan.selections)
    assert {match["id"]: round(match["share_of_area"], 2) for match in plan.matches} == {"D14": 0.5, "D52": 0.5}


def test_nothing_leaves_without_a_second_person(desk: Desk, tmp_path: Path) -> None:
    """Not approved, approved by oneself, by a person without the role: refused, and nothing queued."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")

    with pytest.raises(NotApproved):
        desk.send(plan)
    with pytest.raises(FourEyes):
        desk.approve(plan, by="M.Roy")
    with pytest.raises(PlanError) as caught:
        desk.approve(plan, by="w.clerk")

    assert caught.value.code == "not_an_approver"
    assert desk.status("S1").rows == ()
    assert not (tmp_path / "p" / "posts").exists()


def test_a_plan_made_again_with_other_words_is_not_approved(tmp_path: Path) -> None:
    """The approval was for other bytes."""
    with desk_at(tmp_path) as desk:
        desk.approve(desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy"), by="t.singh")
        (tmp_path / "alert.toml").write_text(ALERT.replace("11 pm", "10 pm"), encoding="utf-8")
        changed = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")

        with pytest.raises(PlanChanged):
            desk.send(changed)


def test_a_sent_revision_is_not_planned_anew(tmp_path: Path) -> None:
    """What is out keeps the plan it left from."""
    with desk_at(tmp_path) as desk:
        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh")
        desk.send(plan)
        (tmp_path / "alert.toml").write_text(ALERT.replace("11 pm", "10 pm"), encoding="utf-8")

        with pytest.raises(PlanError) as caught:
            desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")

        assert caught.value.code == "revision_taken"
        assert desk.store.load("S1") == plan


def test_a_stored_plan_edited_by_hand_is_refused(desk: Desk, tmp_path: Path) -> None:
    """One byte of the stored file."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    path = desk.store.plan_path(plan)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))

    with pytest.raises(PlanError):
        desk.store.load("S1")


@pytest.mark.parametrize(
    ("changed", "error", "code"),
    [
        (('status = "exercise"', 'status = "actual"'), GateRefused, "actual_refused"),
        (("expires = 2027-03-14T06:00:00\n", ""), GeoAlertError, "no_expiry"),
        (("Queen St W and Spadina Ave area", "in this area"), GeoAlertError, "vague_place"),
        (("suspect_appeal", "suspekt_appeal"), GeoAlertError, "unknown_kind"),
        (("radius_m = 600", "radius_m = 0"), GeoAlertError, "radius_out_of_range"),
        (("radius_m = 600", "radius_m = 1000001"), GeoAlertError, "radius_out_of_range"),
        (("lon = -79.39660, lat = 43.64867", "lon = 43.64867, lat = -79.39660"), GeoAlertError, "swapped_axes"),
        (("lon = -79.39660, lat = 43.64867", "lon = 0.0, lat = 0.0"), GeoAlertError, "null_island"),
        (("lon = -79.39660, lat = 43.64867", 'near = "Queen and Spadina"'), GeoAlertError, "near_not_available"),
        (("2027-03-14T06:00:00", "2027-03-14T02:30:00"), GeoAlertError, "missing_time"),
        (("2027-03-14T06:00:00", "2027-03-14T06:00:00-05:00"), GeoAlertError, "offset_disagrees"),
        (("2027-03-14T06:00:00", "2027-03-12T06:00:00"), GeoAlertError, "already_expired"),
        (("hold-up", "hold-down"), GeoAlertError, "unknown_unit"),
        (("sketch.png", "../geoalert.toml"), GeoAlertError, "path_outside"),
        (("clothing", "clothes"), GeoAlertError, "unknown_field"),
    ],
)  # fmt: skip
def test_a_bad_alert_is_one_clear_error(tmp_path: Path, changed: tuple[str, str], error: type[Exception], code: str) -> None:
    """Each has its code, says what to do, and stores nothing."""
    assert changed[0] in ALERT
    with desk_at(tmp_path, alert=ALERT.replace(*changed)) as desk:
        with pytest.raises(error) as caught:
            desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")

        assert caught.value.code == code  # type: ignore[attr-defined]
        assert caught.value.do  # type: ignore[attr-defined]
        assert not list(tmp_path.rglob("*.plan"))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (('publisher = "folder"', 'publisher = "foldr"'), "unknown_publisher"),
        (('path = "posts"', 'path = "posts"\npassword = "hunter2hunter2"'), "literal_secret"),
        (('path = "posts"\n', ""), "invalid_account"),
        (('path = "posts"', 'path = "posts"\nlimits = {media_count = 99}'), "limit_widens"),
        (("agency", "agenzy"), "unknown_field"),
        (("America/Toronto", "America/Torono"), "unknown_zone"),
    ],
)  # fmt: skip
def test_a_bad_project_is_one_clear_error(tmp_path: Path, changed: tuple[str, str], code: str) -> None:
    """Each has its code; a secret written out is not shown."""
    write_project(tmp_path, project=PROJECT.replace(*changed, 1))

    with pytest.raises(ConfigurationError) as caught, desk_at(tmp_path) as desk:
        desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")

    assert caught.value.code == code
    assert "hunter2" not in str(caught.value.to_dict())


def test_an_account_that_went_live_after_planning_is_refused_at_send(tmp_path: Path) -> None:
    """The second of the three places that keep exercise and live apart."""
    with desk_at(tmp_path) as desk:
        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh")
    (tmp_path / "geoalert.toml").write_text(PROJECT.replace('path = "posts"', 'path = "posts"\nmode = "live"'), encoding="utf-8")

    with desk_at(tmp_path) as desk, pytest.raises(ConfigurationError) as caught:
        desk.send(plan)
    assert caught.value.code == "account_changed"
    assert not (tmp_path / "posts").exists()


def test_an_exercise_cannot_be_sent_live(desk: Desk, tmp_path: Path) -> None:
    """Typing the agency's name does not make an exercise real."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    desk.approve(plan, by="t.singh")

    with pytest.raises(NotLive):
        desk.send(plan, live="Hamilton Example Police")


def test_after_expiry_nothing_is_sent(tmp_path: Path) -> None:
    """An approved plan is worth nothing once its alert is over."""
    with desk_at(tmp_path) as desk:
        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh")

    with desk_at(tmp_path, hours=48) as later, pytest.raises(PlanError) as caught:
        later.send(plan)

    assert caught.value.code == "already_expired"


def test_two_senders_do_not_meet(desk: Desk, tmp_path: Path) -> None:
    """While another process sends, the posts are queued and nothing leaves from here."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    desk.approve(plan, by="t.singh")

    with sole_sender(desk.state):
        assert desk.send(plan).counts == {"queued": 2}
        assert not (tmp_path / "p" / "posts").exists()

    assert desk.send(plan).counts == {"done": 2}


def test_a_killed_send_is_settled_by_what_the_place_holds(desk: Desk, tmp_path: Path) -> None:
    """Killed after the first post landed: found, the second sent, each once."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    desk.approve(plan, by="t.singh")

    def kill(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.send(plan, tell=kill)
    desk.outbox._db.execute("UPDATE deliveries SET state = 'sending' WHERE state = 'done'")

    assert desk.send(plan).counts == {"done": 2}
    assert len(list((tmp_path / "p" / "posts").rglob("post.txt"))) == 2


def test_one_revision_leaves_from_one_plan_only(tmp_path: Path) -> None:
    """A second plan of the revision for other channels is refused, approved or not, and the first plan stays as it was."""
    with desk_at(tmp_path) as desk:
        alert = desk.read_alert(tmp_path / "alert.toml")
        only = [replace(alert, audience=replace(alert.audience, channels=(name,))) for name in ("d14-page", "d52-page")]
        first, second = (build_plan(draft_of(desk, each), by="m.roy") for each in only)
        for plan in (second, first):
            Approving(desk).keep(plan)
            kept = desk.approve(plan, by="t.singh")
        desk.send(first)
        desk.store.keep_approval(second, replace(kept, digest=second.digest))

        with pytest.raises(NotApproved) as caught:
            desk.send(second)
        with pytest.raises(PlanError) as planned:
            Approving(desk).keep(second)

        assert (caught.value.code, planned.value.code) == ("approval_unrecorded", "revision_taken")
        assert [path.name for path in (tmp_path / "posts").iterdir() if not path.name.startswith(".")] == ["d14-page"]


@pytest.mark.parametrize("name", ["m.roy\u200b", "M.ROY", "m.roy ", "../m.roy", "", "m\u202eroy"])
def test_no_spelling_of_the_submitter_approves(desk: Desk, tmp_path: Path, name: str) -> None:
    """Invisible characters, case and blanks make no second person."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")

    with pytest.raises(PlanError):
        desk.approve(plan, by=name)

    assert desk.store.approvals(plan) == ()


def test_once_approvers_are_listed_nobody_else_approves(desk: Desk, tmp_path: Path) -> None:
    """Neither by the desk nor by a file laid beside the plan."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    with pytest.raises(PlanError) as caught:
        desk.approve(plan, by="nobody")
    desk.store.keep_approval(plan, approve(plan, by="nobody", at=START))
    with pytest.raises(PlanError) as forged:
        desk.send(plan)

    assert caught.value.code == forged.value.code == "not_an_approver"


def test_a_page_edited_on_disk_is_not_approved(desk: Desk, tmp_path: Path) -> None:
    """What the approver may have read is not what would be sent."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    page = desk.store.page_path(plan)
    page.write_bytes(page.read_bytes().replace(b"Do not approach", b"Do approach"))

    with pytest.raises(PlanChanged) as caught:
        desk.approve(plan, by="t.singh")

    assert caught.value.code == "page_differs"


def test_an_account_pointed_elsewhere_after_planning_is_refused(tmp_path: Path) -> None:
    """An approval covers where the account leads."""
    with desk_at(tmp_path) as desk:
        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh")
    (tmp_path / "geoalert.toml").write_text(PROJECT.replace('path = "posts"', 'path = "elsewhere"'), encoding="utf-8")

    with desk_at(tmp_path) as desk, pytest.raises(ConfigurationError) as caught:
        desk.send(plan)

    assert caught.value.code == "account_changed"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("wait_s", [float("nan"), float("inf"), 1e300, -1.0])
def test_a_senseless_wait_is_refused_before_anything_is_queued(desk: Desk, tmp_path: Path, wait_s: float) -> None:
    """Not after."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    desk.approve(plan, by="t.singh")

    with pytest.raises(PlanError) as caught:
        desk.send(plan, wait_s=wait_s)

    assert caught.value.code == "invalid_wait"
    assert desk.status("S1").rows == ()


def test_waiting_goes_on_until_what_can_be_repeated_has_left(tmp_path: Path) -> None:
    """With a wait, the posts leave in the same call once the way is free."""
    write_project(tmp_path)
    moment = [START]

    def sleep(seconds: float) -> None:
        moment[0] += timedelta(seconds=seconds)
        if (tmp_path / "posts").is_file():
            (tmp_path / "posts").unlink()

    with Desk(read_project(tmp_path / "geoalert.toml"), clock=lambda: moment[0], sleep=sleep) as desk:
        (tmp_path / "posts").write_text("in the way", encoding="utf-8")
        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh")

        assert desk.send(plan, wait_s=60).counts == {"done": 2}


def test_what_expired_while_it_waited_is_said_so(tmp_path: Path) -> None:
    """Status after the end says expired, not queued."""
    with desk_at(tmp_path) as desk:
        (tmp_path / "posts").write_text("in the way", encoding="utf-8")
        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh")
        desk.send(plan)

    with desk_at(tmp_path, hours=48) as later:
        assert later.status("S1").counts == {"expired": 2}


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 1}', "\udcff"])
def test_a_damaged_approval_is_one_error(desk: Desk, tmp_path: Path, content: str) -> None:
    """Its file is named."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    desk.approve(plan, by="t.singh")
    path = next((desk.state / "plans" / "S1.r1.approvals").iterdir())
    path.write_bytes(content.encode("utf-8", errors="surrogateescape"))

    with pytest.raises(PlanError) as caught:
        desk.send(plan)

    assert caught.value.code == "invalid_approval"


def test_status_does_not_wait_for_a_send_in_another_thread(desk: Desk, tmp_path: Path) -> None:
    """The desk is not held while a publisher is asked."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    desk.approve(plan, by="t.singh")
    seen: list[dict[str, int]] = []

    def look(_: object) -> None:
        thread = threading.Thread(target=lambda: seen.append(desk.status("S1").counts))
        thread.start()
        thread.join(timeout=10)

    desk.send(plan, tell=look)

    assert len(seen) == 2
    assert seen[0]["done"] >= 1
    assert seen[1] == {"done": 2}


def test_what_could_not_be_sent_waits_and_then_goes(tmp_path: Path) -> None:
    """A folder in the way means NotSent; when it is gone the posts leave, each once."""
    with desk_at(tmp_path) as desk:
        (tmp_path / "posts").write_text("in the way", encoding="utf-8")
        plan = desk.plan(desk.read_alert(tmp_path / "alert.toml"), by="m.roy")
        desk.approve(plan, by="t.singh")
        assert desk.send(plan).counts == {"queued": 2}
    (tmp_path / "posts").unlink()

    with desk_at(tmp_path, hours=1) as later:
        assert later.send(plan).counts == {"done": 2}


def test_state_is_private(desk: Desk, tmp_path: Path) -> None:
    """Folders 0700, files 0600."""
    plan = desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")
    desk.approve(plan, by="t.singh")
    desk.send(plan)

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [desk.state, *desk.state.rglob("*")]}

    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert all(mode & 0o077 == 0 for mode in modes.values())


def test_a_plan_from_a_file_alone_can_be_sent(tmp_path: Path) -> None:
    """The file is enough: what is sent is kept in the store."""
    with desk_at(tmp_path / "a") as one:
        plan = one.plan(one.read_alert(tmp_path / "a" / "alert.toml"), by="m.roy")
    (tmp_path / "S1.plan").write_bytes(pack(plan))
    shutil.rmtree(tmp_path / "a" / ".geoalert")

    with desk_at(tmp_path / "a") as other:
        read = other.store.load(tmp_path / "S1.plan")
        other.approve(read, by="t.singh")
        assert other.send(read).counts == {"done": 2}
        assert other.store.load("S1") == read


def test_another_agencys_plan_is_refused(desk: Desk, tmp_path: Path) -> None:
    """A plan of another sender is not ours to send."""
    write_project(tmp_path / "q", project=PROJECT.replace("Hamilton", "Elsewhere"))
    with desk_at(tmp_path / "q") as other:
        foreign = other.plan(other.read_alert(tmp_path / "q" / "alert.toml"), by="m.roy")
    desk.approve(foreign, by="t.singh")

    with pytest.raises(PlanError) as caught:
        desk.send(foreign)

    assert caught.value.code == "other_agency"


def test_a_full_disk_stores_nothing_half(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fills while a plan is written, no plan is there, and the error says so."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(GeoAlertError) as caught:
        desk.plan(desk.read_alert(tmp_path / "p" / "alert.toml"), by="m.roy")

    assert caught.value.code == "disk_full"
    assert not [path for path in desk.state.rglob("*") if path.is_file() and not path.name.startswith("outbox.")]


def test_diff_between_two_plans_of_one_alert(tmp_path: Path) -> None:
    """What changed is told part by part."""
    with desk_at(tmp_path) as desk:
        alert = desk.read_alert(tmp_path / "alert.toml")
        before = desk.plan(alert, by="m.roy")
        after = desk.plan(replace(alert, texts=(replace(alert.texts[0], when="Saturday, 1 am"),)), by="m.roy")

        assert "posts/d14-page" in {change.part for change in after.diff(before)}


def test_a_layer_changed_after_its_installation_is_refused(tmp_path: Path) -> None:
    """What boundaries.lock pins is what is matched, or nothing is."""
    write_project(tmp_path)
    project = read_project(tmp_path / "geoalert.toml")
    layer = Desk(project).layer("division")
    pin = Pin.of(layer, place="test", file="divisions.geojson", source="test", address="https://portal.example", fetched_at=START)
    (tmp_path / "boundaries.lock").write_text(Lock().with_pins([pin]).to_toml(), encoding="utf-8")
    Desk(project).layer("division")
    path = tmp_path / "divisions.geojson"
    path.write_text(path.read_text("utf-8").replace("-79.45", "-79.46"), encoding="utf-8")

    with pytest.raises(BoundaryError) as caught:
        Desk(project).layer("division")

    assert caught.value.code == "boundaries_changed"


EDITIONS = PROJECT.replace(
    "[layers.division]\n",
    '[layers.division-2020]\nedition_of = "division"\nfile = "old.geojson"\nid = "id"\nlabel = "name"\nvalid_to = 2025-12-31\n\n'
    "[layers.division]\nvalid_from = 2026-01-01\n",
)


def test_each_day_has_its_edition_and_a_retired_id_says_what_replaced_it(tmp_path: Path) -> None:
    """Three old districts, two new ones: today's are matched, and a retired one leads to its successor."""
    write_project(tmp_path, project=EDITIONS, alert=ALERT.replace('unit = "hold-up"', 'unit = "hold-up"\nlead = "division:D54"'))
    old = features(
        ("D14", "14 Division", box(-79.45, 43.62, -79.3966, 43.68)),
        ("D52", "52 Division", box(-79.3966, 43.62, -79.35, 43.65)),
        ("D54", "54 Division", box(-79.3966, 43.65, -79.35, 43.68)),
    )
    (tmp_path / "old.geojson").write_text(old, encoding="utf-8")

    with desk_at(tmp_path) as desk:
        then = desk.layers_on(date(2021, 1, 1))["division"]
        with pytest.raises(LayerNotFound) as caught:
            desk.read_alert(tmp_path / "alert.toml")

        assert (len(then), len(desk.layers["division"]), len(desk.layer("division-2020"))) == (3, 2, 3)
    assert caught.value.code == "retired_id"
    assert "D52" in str(caught.value)
    assert caught.value.field == "lead"
