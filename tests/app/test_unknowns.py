"""A person settles what nobody knows, with everything that is known at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoalert.errors import OutcomeUnknown, PlanError
from tests.app.places import ABLE, Evening


@pytest.fixture
def evening(tmp_path: Path) -> Evening:
    """One place that cannot be asked, whose answer was lost."""
    made = Evening(tmp_path / "p", {"bare": ABLE["bare"]})
    made.places["bare"].faults = [(True, OutcomeUnknown("no answer in 30 s", code="read_timeout"))]
    made.sent()
    return made


def test_everything_known_of_an_unknown_delivery_is_told(evening: Evening) -> None:
    """Key, tries, times, error, address, how the text begins, what to look for."""
    (found,) = evening.desk.unknown("S1")

    assert (found.channel, found.address, found.tries, found.code) == ("bare-page", "bare", 1, "read_timeout")
    assert "30 s" in str(found.error)
    assert evening.places["bare"].texts("bare-page")[0].startswith(str(found.text))
    assert found.key == evening.rows()[0].key
    assert "begins so" in found.look_for
    assert found.first_at == evening.now


def test_a_post_that_landed_is_done_where_it_can_be_seen(evening: Evening) -> None:
    """The word of a person stands in the record; a recall then answers what they found."""
    (found,) = evening.desk.unknown()
    state = evening.desk.settle_unknown(found.key[:8].lower(), landed="https://place.example/p1", by="w.clerk", reason="seen there")

    assert state == "done"
    assert evening.desk.unknown() == ()
    assert evening.desk.status("S1").rows[0].where == "https://place.example/p1"
    (entry,) = [entry for entry in evening.desk.outbox.entries(alert="S1") if entry.kind == "settled_by_person"]
    assert (entry.actor, (entry.body or {})["reason"]) == ("w.clerk", "seen there")


def test_a_post_that_did_not_land_is_sent_again_unless_it_expired(evening: Evening) -> None:
    """Queued and sent at once; after the alert's end it only expires."""
    (found,) = evening.desk.unknown()
    evening.places["bare"].faults = [(False, OutcomeUnknown("again", code="read_timeout"))]
    assert evening.desk.settle_unknown(found.key, landed=None, by="w.clerk", reason="not on the page") == "unknown"
    evening.later(days=3)

    assert evening.desk.settle_unknown(found.key, landed=None, by="w.clerk", reason="still not there") == "expired"
    assert len(evening.places["bare"].arrived) == 1


@pytest.mark.parametrize(
    ("key", "reason", "code"), [("ABCDEFGH", "x", "unknown_key"), ("", "x", "unknown_key"), ("ABCDEFGH", "", "reason_missing")]
)
def test_a_word_without_its_reason_or_delivery_is_refused(evening: Evening, key: str, reason: str, code: str) -> None:
    """Nothing is settled."""
    with pytest.raises(PlanError) as caught:
        evening.desk.settle_unknown(key, landed=None, by="w.clerk", reason=reason)
    assert caught.value.code == code
    assert len(evening.desk.unknown()) == 1


def test_a_few_characters_name_a_delivery_and_no_alert_is_an_error(evening: Evening) -> None:
    """Four are enough; three are refused with how many it takes, and so is an alert that nobody ever planned."""
    (found,) = evening.desk.unknown()
    assert not found.by_itself
    with pytest.raises(PlanError) as short:
        evening.desk.settle_unknown(found.key[:3], landed="https://place.example/p1", by="w.clerk", reason="seen")
    with pytest.raises(PlanError) as nothing:
        evening.desk.unknown("ZZ")

    assert "at least 4" in str(short.value.do)
    assert nothing.value.code == "unknown_plan"
    assert evening.desk.settle_unknown(found.key[:4], landed="https://place.example/p1", by="w.clerk", reason="seen") == "done"
