"""A recall takes back what is out, by each place's best means, and stays open until it is known to be gone."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from geoalert.errors import NotSent, OutcomeUnknown, PlanError, Rejected
from geoalert.worker import sole_sender
from tests.app.places import ABLE, Evening


@pytest.fixture
def evening(tmp_path: Path) -> Evening:
    """A project with a place of every ability."""
    return Evening(tmp_path / "p")


def test_a_recall_takes_every_post_back_by_its_places_best_means(evening: Evening) -> None:
    """Deleted, edited into its end, answered, or said to whoever looks after the channel; with the approved words only."""
    plan = evening.sent()
    evening.later(minutes=20)

    said = evening.desk.recall("S1", because="arrested", by="w.clerk")

    assert {item.channel: (item.how, item.state) for item in said.items} == {
        "bare-page": ("steward", "done"),
        "deletes-page": ("delete", "done"),
        "drops-page": ("delete", "done"),
        "edits-page": ("edit", "done"),
        "threads-page": ("reply", "done"),
    }
    closing = {name: texts["arrested"]["text"] for name, texts in plan.closing.items()}
    assert evening.places["deletes"].seen == evening.places["drops"].seen == {}
    assert evening.places["edits"].texts("edits-page") == [closing["edits-page"]]
    assert all(not shown.post.media for shown in evening.places["edits"].seen.values())
    answer = evening.places["threads"].arrived[-1][1]
    assert (answer.answers, answer.post.text) == ("p1", closing["threads-page"])
    assert evening.places["bare"].texts("bare-page")[1] == closing["bare-page"]
    assert all(item.deadline_at == evening.now + timedelta(minutes=60) for item in said.items)


def test_what_was_not_seen_gone_stays_open_until_it_is_confirmed(evening: Evening) -> None:
    """The open list has deadline and overdue; a second confirmation is quiet, one of nothing is refused."""
    evening.sent()
    evening.desk.recall("S1", because="located", by="w.clerk")
    evening.later(minutes=61)

    opened = evening.desk.status("S1").open
    assert [item.channel for item in opened] == ["bare-page", "edits-page", "threads-page"]
    assert all(item.overdue for item in opened)
    assert evening.desk.confirm("S1", "threads-page", by="w.clerk", note="A. Roy by phone") == 1
    assert evening.desk.confirm("S1", "threads-page", by="w.clerk") == 0
    with pytest.raises(PlanError) as caught:
        evening.desk.confirm("S1", "deletes-page", by="w.clerk")

    assert caught.value.code == "nothing_open"
    outcome = evening.desk.status("S1")
    assert [item.channel for item in outcome.open] == ["bare-page", "edits-page"]
    assert outcome.alerts[0].shown["open"] == 2
    confirmed = [entry for entry in evening.desk.outbox.entries(alert="S1") if entry.kind == "confirmed"]
    assert [(entry.actor, (entry.body or {})["note"]) for entry in confirmed] == [("w.clerk", "A. Roy by phone")]


def test_a_dry_run_prints_what_would_be_done_and_does_nothing(evening: Evening) -> None:
    """The same table, without a row in the ledger or a request."""
    evening.sent()
    before = list(evening.desk.outbox.deliveries())
    counts = {name: len(place.arrived) for name, place in evening.places.items()}

    said = evening.desk.recall("S1", because="error", by="w.clerk", dry_run=True)

    assert {item.how for item in said.items} == {"delete", "edit", "reply", "steward", "new"}
    assert all(item.state is None for item in said.items)
    assert list(evening.desk.outbox.deliveries()) == before
    assert {name: len(place.arrived) for name, place in evening.places.items()} == counts
    assert evening.desk.status("S1").alerts[0].standpoint.life.state == "issued"


def test_recalling_twice_is_quiet_and_another_reason_is_refused_but_for_an_error(evening: Evening) -> None:
    """An error found after an arrest corrects every place that was ever reached, once."""
    plan = evening.sent()
    evening.desk.recall("S1", because="arrested", by="w.clerk")
    counts = {name: len(place.arrived) for name, place in evening.places.items()}

    evening.desk.recall("S1", because="arrested", by="w.clerk")
    with pytest.raises(PlanError) as caught:
        evening.desk.recall("S1", because="located", by="w.clerk")
    assert caught.value.code == "already_closed"
    assert {name: len(place.arrived) for name, place in evening.places.items()} == counts

    evening.desk.recall("S1", because="error", by="w.clerk")
    evening.desk.recall("S1", because="error", by="w.clerk")

    for name, place in evening.places.items():
        words = plan.closing[f"{name}-page"]["error"]["text"]
        assert [shown.post.text for _, shown in place.arrived].count(words) == 1, name
    assert [row.deadline_at for row in evening.rows(because="error", how="reply")] == [evening.now + timedelta(minutes=15)]


def test_an_error_blocks_the_images_for_ever(evening: Evening) -> None:
    """A new alert with the same picture is refused, and so is a plan that was approved before."""
    evening.sent()
    evening.write(('id = "S1"', 'id = "S2"'))
    waiting = evening.desk.plan(evening.desk.read_alert(evening.folder / "alert.toml"), by="m.roy")
    evening.desk.approve(waiting, by="t.singh", reason="before")
    evening.desk.recall("S1", because="error", by="w.clerk")

    for step in (
        lambda: evening.desk.send(waiting),
        lambda: evening.desk.plan(evening.desk.read_alert(evening.folder / "alert.toml"), by="m.roy"),
    ):
        with pytest.raises(PlanError) as caught:
            step()
        assert caught.value.code == "media_blocked"
        assert "w.clerk" in str(caught.value)
        assert "S1" in str(caught.value)


def test_an_alert_that_expired_can_be_recalled_days_later(evening: Evening) -> None:
    """Expiry ends sending, never takedown."""
    evening.sent()
    evening.later(days=4)
    assert evening.desk.status("S1").alerts[0].standpoint.life.state == "expired"

    evening.desk.recall("S1", because="arrested", by="w.clerk")

    assert evening.places["deletes"].seen == {}
    assert evening.desk.status("S1").alerts[0].standpoint.life.msg_type == "Cancel"


def test_what_is_still_queued_is_never_sent_after_a_recall(evening: Evening) -> None:
    """A post that waits to be tried again is taken out of the queue before anything else."""
    evening.places["bare"].faults = [(False, NotSent("refused", code="refused"))]
    evening.sent()
    assert len(evening.rows(state="queued")) == 1

    said = evening.desk.recall("S1", because="resolved", by="w.clerk")
    evening.later(hours=1)
    evening.desk.work()

    assert said.stopped == 1
    assert evening.places["bare"].arrived == []
    assert [row.state for row in evening.rows(channel="bare-page")] == ["superseded"]


def test_a_refused_delete_falls_to_the_next_verb(evening: Evening) -> None:
    """The place does not let it be deleted any more: it is edited, and stays open."""
    evening.sent()
    evening.places["deletes"].faults = [(False, Rejected("too old", code="too_old"))]

    evening.desk.recall("S1", because="arrested", by="w.clerk")

    assert [row.how for row in evening.rows(channel="deletes-page", because="arrested")] == ["delete", "edit"]
    assert len(evening.places["deletes"].seen) == 1
    assert "CLOSED" in evening.places["deletes"].texts("deletes-page")[0]
    assert "deletes-page" in [item.channel for item in evening.desk.status("S1").open]


def test_a_post_that_may_have_arrived_is_taken_back_too(evening: Evening) -> None:
    """Found, it is deleted; where nobody can look, the channel is told."""
    lost = OutcomeUnknown("no answer", code="read_timeout")
    evening.places["bare"].faults = [(True, lost)]
    evening.places["deletes"].faults = [(True, lost)]
    evening.sent()
    evening.desk.recall("S1", because="arrested", by="w.clerk")
    evening.later(hours=1)
    evening.desk.work()
    evening.later(hours=1)
    evening.desk.work()

    assert evening.places["deletes"].seen == {}
    assert len(evening.places["bare"].texts("bare-page")) == 2
    assert "CLOSED" in evening.places["bare"].texts("bare-page")[1]


def test_a_running_worker_takes_the_recall_over(evening: Evening) -> None:
    """Where another process sends, the rows are queued for it."""
    evening.sent()

    with sole_sender(evening.desk.state):
        said = evening.desk.recall("S1", because="arrested", by="w.clerk")
    assert {item.state for item in said.items} == {"queued"}
    with evening.opened() as other:
        other.work()

    assert evening.places["deletes"].seen == {}


def test_images_and_posts_go_when_their_time_is_over_once(tmp_path: Path) -> None:
    """remove_by takes the picture out, expiry removes the post; also after nobody worked for days."""
    evening = Evening(tmp_path / "p")
    evening.write(
        ('scope = "public"', 'scope = "public"\nat_expiry = "remove"'),
        ('alt.en = "', 'remove_by = 2027-03-13T00:00:00\nalt.en = "'),
    )
    evening.sent()
    evening.later(hours=4)
    evening.desk.work()
    arrived = {name: len(place.arrived) for name, place in evening.places.items()}
    evening.desk.work()

    assert {name: len(place.arrived) for name, place in evening.places.items()} == arrived
    assert [len(shown.post.media) for shown in evening.places["edits"].seen.values()] == [0]
    assert "Do not approach" in evening.places["edits"].texts("edits-page")[0]
    assert evening.places["drops"].seen == {}
    assert [row.state for row in evening.rows(channel="bare-page", because="images_due")] == ["held"]

    evening.later(days=5)
    with evening.opened() as other:
        other.work()
    assert evening.places["deletes"].seen == {}
    opened = evening.desk.status("S1").open
    assert {(item.channel, item.because) for item in opened} == {(f"{n}-page", "expired") for n in ("bare", "edits", "threads")}
    evening.desk.recall("S1", because="arrested", by="w.clerk")
    assert "CLOSED" in evening.places["edits"].texts("edits-page")[0]


def test_an_alert_that_leaves_its_posts_queues_nothing_at_expiry(evening: Evening) -> None:
    """at_expiry = leave."""
    evening.sent()
    evening.later(days=5)
    evening.desk.work()

    assert all(row.act == "publish" for row in evening.rows())


@pytest.mark.parametrize(("name", "code"), [("S9", "unknown_plan"), ("S1", "illegal_step")])
def test_what_was_never_sent_cannot_be_recalled(evening: Evening, name: str, code: str) -> None:
    """A draft, or an id that nobody knows."""
    evening.planned()
    with pytest.raises(PlanError) as caught:
        evening.desk.recall(name, because="error", by="w.clerk")
    assert caught.value.code == code
    with pytest.raises(PlanError) as caught:
        evening.desk.recall("S1", because="bored", by="w.clerk")
    assert caught.value.code == "unknown_reason"


def test_the_record_says_who_closed_the_alert_and_why(evening: Evening) -> None:
    """One entry, and CAP's Error after an error."""
    evening.sent()
    evening.desk.recall("S1", because="error", by="w.clerk")

    (entry,) = [entry for entry in evening.desk.outbox.entries(alert="S1") if entry.kind == "closed"]
    outcome = evening.desk.status("S1")
    assert (entry.actor, (entry.body or {})["because"]) == ("w.clerk", "error")
    assert outcome.alerts[0].standpoint.life.msg_type == "Error"
    assert [one.split(",")[1] for one in outcome.alerts[0].to_dict()["references"]] == ["S1.r1"]
    json.dumps(outcome.to_dict())


def test_who_has_two_posts_is_told_once_and_confirms_both(tmp_path: Path) -> None:
    """The newer is answered; one item is open, and one word ends it."""
    evening = Evening(tmp_path / "p", {"threads": ABLE["threads"], "bare": ABLE["bare"]})
    evening.sent()
    evening.desk.send(evening.updated(("25-35", "35-45")))
    evening.desk.recall("S1", because="arrested", by="w.clerk")
    evening.desk.work()

    closing = [
        (shown.channel, shown.answers) for place in evening.places.values() for _, shown in place.arrived if "CLOSED" in shown.post.text
    ]
    assert closing == [("threads-page", "p2"), ("bare-page", None)]
    assert len(evening.desk.status("S1").open) == 2
    evening.desk.confirm("S1", "bare-page", by="w.clerk")
    evening.desk.confirm("S1", "threads-page", by="w.clerk")
    assert evening.desk.status("S1").alerts[0].shown == {"recalled": 4}


def test_who_acts_is_the_name_given_else_that_of_the_environment(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hold, an update and a recall need no more words in Python than they do typed; a name that is none is refused."""
    monkeypatch.setenv("GEOALERT_AS", "w.clerk")
    evening.sent()
    evening.desk.hold("S1")
    evening.desk.release("S1", reason="checked")
    plan = evening.desk.update(evening.desk.read_alert(evening.folder / "alert.toml"))
    evening.desk.recall("S1", because="arrested")
    monkeypatch.setenv("GEOALERT_AS", "not a name")
    with pytest.raises(PlanError) as caught:
        evening.desk.recall("S1", because="arrested")

    assert (plan.by, caught.value.code) == ("w.clerk", "invalid_name")
    kinds = ("held", "released", "closed")
    assert {entry.kind: entry.actor for entry in evening.desk.outbox.entries(alert="S1") if entry.kind in kinds} == dict.fromkeys(
        kinds, "w.clerk"
    )
