"""An update reaches everybody who was told, and leaves one post where one is expected."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from geoalert.errors import NotSent, OutcomeUnknown, PlanChanged, PlanError, Rejected
from tests.app.places import ABLE, Evening
from tests.app.project import ALERT

OLDER = ('age = "25-35"', 'age = "35-45"')


@pytest.fixture
def evening(tmp_path: Path) -> Evening:
    """A project with a place of every ability."""
    return Evening(tmp_path / "p")


def test_an_update_edits_answers_replaces_or_is_posted_anew(evening: Evening) -> None:
    """The plan says which, the places show it, and no place that can be kept tidy has two versions."""
    evening.sent()
    plan = evening.updated(OLDER)

    outcome = evening.desk.send(plan)

    assert plan.revision == 2
    assert {told.post.channel: told.how for told in plan.posts} == {
        "bare-page": "new",
        "deletes-page": "edit",
        "drops-page": "replace",
        "edits-page": "edit",
        "threads-page": "reply",
    }
    assert outcome.counts == {"done": 5}
    for name in ("deletes", "edits", "drops"):
        (text,) = evening.places[name].texts(f"{name}-page")
        assert "35-45" in text
        assert "UPDATE" in text.upper()
    assert evening.places["threads"].arrived[-1][1].answers == "p1"
    assert [kind for kind, _ in evening.places["drops"].arrived] == ["post", "post", "delete"]
    assert all(told.post.text.upper().count("UPDATE") for told in plan.posts)
    shown = evening.desk.status("S1").alerts[0]
    assert shown.shown == {"published": 5, "edited": 2, "recalled": 1}
    assert (shown.standpoint.life.state, shown.standpoint.life.msg_type) == ("updated", "Update")


def test_who_was_told_stays_a_recipient_when_the_area_shrinks(tmp_path: Path) -> None:
    """Another division's page, and one that the directory lost, are told of the change; a place never told is new."""
    evening = Evening(tmp_path / "p", {"edits": ABLE["edits"], "threads": ABLE["threads"], "bare": ABLE["bare"]})
    channels = evening.folder / "channels.csv"
    lines = channels.read_text("utf-8").splitlines()
    bare = next(line for line in lines if line.startswith("bare-page"))
    channels.write_text("\n".join(line for line in lines if line != bare) + "\n", encoding="utf-8")
    evening.desk = evening.opened()
    evening.sent()
    kept = [line.replace("D14", "D52") for line in lines if line.startswith(("id,", "edits-page"))]
    channels.write_text("\n".join([*kept, bare]) + "\n", encoding="utf-8")
    evening.desk = evening.opened()

    plan = evening.updated(("lon = -79.39660", "lon = -79.41500"), ("radius_m = 600", "radius_m = 300"))
    evening.desk.send(plan)

    assert [match["id"] for match in plan.matches if match["targeted"]] == ["D14"]
    assert {told.post.channel: told.how for told in plan.posts} == {"bare-page": "new", "edits-page": "edit", "threads-page": "reply"}
    reasons = {each["id"]: each["reason"] for each in plan.selections if each["chosen"]}
    assert reasons["edits-page"] == reasons["threads-page"] == "told of an earlier version, so told of every change"
    assert "UPDATE" not in evening.places["bare"].texts("bare-page")[0].upper()
    evening.desk.recall("S1", because="resolved", by="w.clerk")
    assert "CLOSED" in evening.places["edits"].texts("edits-page")[0]
    assert "CLOSED" in evening.places["threads"].texts("threads-page")[-1]


@pytest.mark.parametrize("listed", [True, False])
def test_a_venue_that_was_told_is_told_of_the_change(tmp_path: Path, listed: bool) -> None:
    """Its own contact has an id that no channel's row could have; it is told whether or not the directory still has it."""
    evening = Evening(tmp_path / "p", {"edits": ABLE["edits"], "bare": ABLE["bare"]})
    evening.file.write_text(evening.file.read_text("utf-8") + '\n[venue_accounts]\nemail = "bare"\n', encoding="utf-8")
    venues = evening.folder / "venues.csv"
    known = venues.read_text("utf-8").replace("02:30,,,en,public,,,", "02:30,desk@club.example,,en,public,,letter-0117,2026-11-02")
    venues.write_text(known, encoding="utf-8")
    evening.desk = evening.opened()
    evening.sent()
    assert evening.places["bare"].texts("club-1/email")
    if not listed:
        venues.write_text(known.partition("\n")[0] + "\n", encoding="utf-8")
        evening.desk = evening.opened()

    plan = evening.updated(OLDER)
    evening.desk.send(plan)

    assert {told.post.channel: told.how for told in plan.posts}["club-1/email"] == "new"
    assert "UPDATE" in evening.places["bare"].texts("club-1/email")[-1].upper()


def test_an_image_that_is_left_out_is_replaced_rather_than_answered(tmp_path: Path) -> None:
    """A place that both threads and deletes does not leave the picture standing."""
    both = ABLE["deletes"].narrowed({"edit": False})
    evening = Evening(tmp_path / "p", {"both": both})
    evening.sent()
    picture = ALERT[ALERT.index("[[media]]") :]

    plan = evening.updated((picture, ""))
    evening.desk.send(plan)

    assert [told.how for told in plan.posts] == ["replace"]
    assert [len(shown.post.media) for shown in evening.places["both"].seen.values()] == [0]


def test_what_was_queued_of_an_older_revision_is_never_sent(evening: Evening) -> None:
    """The place that had not got r1 gets r2 alone; r1 sent late is refused."""
    first = evening.planned()
    evening.places["bare"].faults = [(False, NotSent("refused", code="refused"))]
    evening.desk.send(first)
    plan = evening.updated(OLDER)
    evening.desk.send(plan)
    evening.later(hours=1)
    evening.desk.work()

    (text,) = evening.places["bare"].texts("bare-page")
    assert "35-45" in text
    with pytest.raises(PlanError) as caught:
        evening.desk.send(first)
    assert caught.value.code == "revision_late"


def test_sending_an_update_twice_sends_nothing_twice(evening: Evening) -> None:
    """Also where the older post was replaced meanwhile."""
    evening.sent()
    plan = evening.updated(OLDER)
    evening.desk.send(plan)
    counts = {name: len(place.arrived) for name, place in evening.places.items()}

    outcome = evening.desk.send(plan)

    assert outcome.counts == {"done": 5}
    assert {name: len(place.arrived) for name, place in evening.places.items()} == counts


def test_what_lands_between_plan_and_send_is_edited_all_the_same(evening: Evening) -> None:
    """The plan said new, for r1 was still queued; by then it had arrived."""
    evening.places["edits"].faults = [(False, NotSent("refused", code="refused"))]
    evening.sent()
    plan = evening.updated(OLDER)
    assert {told.post.channel: told.how for told in plan.posts}["edits-page"] == "new"
    evening.later(minutes=5)
    evening.desk.work()

    evening.desk.send(plan)

    (text,) = evening.places["edits"].texts("edits-page")
    assert "35-45" in text


@pytest.mark.parametrize("landed", [True, False])
def test_a_post_that_may_have_arrived_is_looked_for_and_then_updated(tmp_path: Path, landed: bool) -> None:
    """Found, it is edited; proved absent, the update is posted anew: one post either way."""
    evening = Evening(tmp_path / "p", {"deletes": ABLE["deletes"].narrowed({"idempotent": False})})
    evening.places["deletes"].faults = [(landed, OutcomeUnknown("no answer", code="read_timeout"))]
    evening.sent()
    evening.desk.send(evening.updated(OLDER))
    for _ in range(3):
        evening.later(hours=1)
        evening.desk.work()

    (text,) = evening.places["deletes"].texts("deletes-page")
    assert "35-45" in text


def test_an_update_that_a_place_refuses_leaves_the_older_post_standing(evening: Evening) -> None:
    """It is said so, and a recall still reaches it."""
    evening.sent()
    plan = evening.updated(OLDER)
    evening.places["edits"].faults = [(False, Rejected("no", code="refused"))]
    evening.desk.send(plan)
    assert [row.state for row in evening.rows(channel="edits-page")] == ["done", "rejected"]

    evening.desk.recall("S1", because="resolved", by="w.clerk")

    assert "CLOSED" in evening.places["edits"].texts("edits-page")[0]


def test_a_closed_alert_is_not_updated_and_a_stolen_revision_not_sent(evening: Evening) -> None:
    """One error each."""
    evening.sent()
    plan = evening.updated(OLDER)
    evening.desk.send(plan)
    evening.write(("35-45", "45-55"))
    again = evening.desk.read_alert(evening.folder / "alert.toml")
    third = evening.desk.update(again, by="m.roy")
    assert third.revision == 3
    evening.desk.recall("S1", because="arrested", by="w.clerk")

    with pytest.raises(PlanError) as caught:
        evening.desk.update(again, by="m.roy")
    assert caught.value.code == "illegal_step"
    with pytest.raises((PlanError, PlanChanged)) as refused:
        evening.desk.approve(third, by="t.singh", reason="late")
    assert refused.value.code == "illegal_step"


def test_an_expired_alert_is_updated_with_a_later_end(evening: Evening) -> None:
    """Expiry ends sending of that revision, not the alert."""
    evening.sent()
    evening.later(days=2)
    plan = evening.updated(("2027-03-14T06:00:00", "2027-03-16T06:00:00"))

    evening.desk.send(plan)

    assert evening.desk.status("S1").alerts[0].standpoint.life.state == "updated"
    assert plan.expires - evening.now < timedelta(days=2)
