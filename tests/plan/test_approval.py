"""Approvals are signed and proved again: each way to forge one has its own error."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest

from geoalert.errors import FourEyes, GeoAlertError, NotApproved, PlanChanged, PlanError
from geoalert.plan import Approval, Plan, PrivateKey, approve, check_approved
from tests.plan.drafts import as_actual, draft, plan, resealed

SINGH, LEE, OTHER = PrivateKey.new(), PrivateKey.new(), PrivateKey.new()
KEYS = {"t.singh": SINGH.public, "m.lee": LEE.public}


@cache
def actual(guidance: str = "Do not approach. Call 9-1-1 if seen.") -> Plan:
    """A plan of status actual with sound digests."""
    return resealed(plan(draft(guidance)), as_actual)


@pytest.fixture
def signed(now: datetime) -> Approval:
    """What t.singh signed."""
    return approve(actual(), by="t.singh", at=now, reason="proportionate", key=SINGH, listed=SINGH.public)


def test_a_signed_approval_lets_an_actual_plan_be_sent(signed: Approval) -> None:
    """Written to its file, read back and proved by the listed key."""
    read = Approval.from_json(signed.to_json(), file="x.json")

    assert read == signed
    assert read.key == SINGH.public.fingerprint
    assert check_approved(actual(), [read], keys=KEYS) == (signed,)


def test_a_signature_covers_everything_said(signed: Approval) -> None:
    """The prefix, then RFC 8785 JSON of eight fields; every one of them is under the signature."""
    head, _, told = signed.signed_bytes.partition(b"\n")

    assert head == b"geoalert approval 1"
    assert json.loads(told) == {
        "alert": "S1", "at": "2027-03-12T21:00:00+00:00", "by": "t.singh", "digest": actual().digest, "format": 1,
        "reason": "proportionate", "revision": 1, "role": "approver",
    }  # fmt: skip


@pytest.mark.parametrize("status", ["exercise", "actual"])
def test_a_name_alone_approves_an_exercise_only(now: datetime, status: str) -> None:
    """Neither when it is given nor when it is found."""
    made = actual() if status == "actual" else plan()
    unsigned = Approval("S1", 1, made.digest, "t.singh", now)

    if status == "exercise":
        assert check_approved(made, [approve(made, by="t.singh", at=now)], keys=KEYS)
        return
    for refused in (lambda: approve(made, by="t.singh", at=now), lambda: check_approved(made, [unsigned], keys=KEYS)):
        with pytest.raises(NotApproved) as caught:
            refused()
        assert caught.value.code == "signature_needed"


@pytest.mark.parametrize("made", [plan, actual])
@pytest.mark.parametrize(("listed", "code"), [(None, "no_key_listed"), (LEE.public, "wrong_key")])
def test_the_key_given_has_to_be_the_one_listed(now: datetime, made: object, listed: object, code: str) -> None:
    """For an exercise too, once a key is given."""
    with pytest.raises(NotApproved) as caught:
        approve(made(), by="t.singh", at=now, key=SINGH, listed=listed)  # type: ignore[operator, arg-type]

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda given: replace(given, reason="because"), "signature_invalid"),
        (lambda given: replace(given, at=given.at + timedelta(seconds=1)), "signature_invalid"),
        (lambda given: replace(given, role="admin"), "signature_invalid"),
        (lambda given: replace(given, signature=base64.b64encode(bytes(64)).decode()), "signature_invalid"),
        (lambda given: replace(given, signature="not base64"), "signature_invalid"),
        (lambda given: replace(given, signature=None), "signature_invalid"),
        (lambda given: replace(given, signature=None, key=None), "signature_needed"),
        (lambda given: replace(given, by="m.lee"), "key_replaced"),
        (lambda given: replace(given, by="m.lee", key=LEE.public.fingerprint), "signature_invalid"),
        (lambda given: replace(given, by="b.okafor"), "no_key_listed"),
        (lambda given: replace(given, digest="0" * 64), "plan_changed"),
        (lambda given: replace(given, revision=2), "plan_changed"),
        (lambda given: replace(given, alert="S2"), "plan_changed"),
    ],
)
def test_a_tampered_approval_is_refused(signed: Approval, change: object, code: str) -> None:
    """Whatever was changed in its file."""
    with pytest.raises(PlanError) as caught:
        check_approved(actual(), [change(signed)], keys=KEYS)  # type: ignore[operator]

    assert caught.value.code == code
    assert caught.value.do


def test_another_persons_signature_is_named(now: datetime) -> None:
    """m.lee signs what says that t.singh approves, with either fingerprint."""
    said = Approval("S1", 1, actual().digest, "t.singh", now)
    signature = base64.b64encode(LEE.sign(said.signed_bytes)).decode()

    for fingerprint in (LEE.public.fingerprint, SINGH.public.fingerprint):
        with pytest.raises(NotApproved) as caught:
            check_approved(actual(), [replace(said, key=fingerprint, signature=signature)], keys=KEYS)
        assert (caught.value.code, caught.value.value) == ("signed_by_another", "m.lee")


@pytest.mark.parametrize(("keys", "code"), [(KEYS | {"t.singh": OTHER.public}, "key_replaced"), ({}, "no_key_listed")])
def test_a_replaced_or_withdrawn_public_key_ends_the_approval(signed: Approval, keys: dict[str, object], code: str) -> None:
    """The approval has to be given again with the new key."""
    with pytest.raises(NotApproved) as caught:
        check_approved(actual(), [signed], keys=keys)  # type: ignore[arg-type]

    assert caught.value.code == code


def test_a_signature_for_another_plan_is_worth_nothing(now: datetime) -> None:
    """Its digest put into the approval does not make it one."""
    other = approve(actual("Call 9-1-1."), by="t.singh", at=now, key=SINGH, listed=SINGH.public)

    with pytest.raises(PlanChanged):
        check_approved(actual(), [other], keys=KEYS)
    with pytest.raises(NotApproved) as caught:
        check_approved(actual(), [replace(other, digest=actual().digest)], keys=KEYS)

    assert caught.value.code == "signature_invalid"


def test_two_people_are_two_people(now: datetime, signed: Approval) -> None:
    """The same person twice, in another spelling, or the submitter beside them, is still one of two."""
    again = approve(actual(), by="T.Singh", at=now + timedelta(hours=1), key=SINGH, listed=SINGH.public)
    own = Approval("S1", 1, plan().digest, "m.roy", now)
    lee = approve(actual(), by="m.lee", at=now, key=LEE, listed=LEE.public)

    for made, given in ((actual(), [signed, again]), (plan(), [approve(plan(), by="t.singh", at=now), own])):
        with pytest.raises(NotApproved) as caught:
            check_approved(made, given, keys=KEYS, needed=2)
        assert (caught.value.code, caught.value.value) == ("approvals_missing", "1 missing")
        assert "1 of 2" in str(caught.value)
    assert check_approved(actual(), [lee, signed], keys=KEYS, needed=2) == (lee, signed)


def test_one_bad_signature_beside_a_good_one_stops_the_plan(signed: Approval, now: datetime) -> None:
    """A forged file is a thing to look into, never one to step over."""
    forged = replace(approve(actual(), by="m.lee", at=now, key=LEE, listed=LEE.public), reason="other")

    with pytest.raises(NotApproved) as caught:
        check_approved(actual(), [signed, forged], keys=KEYS)

    assert caught.value.code == "signature_invalid"


def test_the_submitters_own_signature_is_not_a_second_persons(now: datetime) -> None:
    """Neither given nor found."""
    keys = KEYS | {"m.roy": OTHER.public}
    said = Approval("S1", 1, actual().digest, "m.roy", now, key=OTHER.public.fingerprint)
    own = replace(said, signature=base64.b64encode(OTHER.sign(said.signed_bytes)).decode())

    with pytest.raises(FourEyes):
        approve(actual(), by="m.roy", at=now, key=OTHER, listed=OTHER.public)
    with pytest.raises(FourEyes):
        check_approved(actual(), [own], keys=keys)


@pytest.mark.parametrize("reason", ["a\u202eb", "a\x00b"])
def test_a_reason_is_what_its_reader_sees(now: datetime, reason: str) -> None:
    """Marks of direction and control characters are refused."""
    with pytest.raises(PlanError) as caught:
        approve(plan(), by="t.singh", at=now, reason=reason)

    assert caught.value.code == "control_characters"


@pytest.mark.parametrize(
    "change",
    [{"at": "2027-03-12T21:00:00"}, {"at": 5}, {"revision": "1"}, {"revision": True}, {"by": None}, {"key": 5}, {"more": 1},
     {"reason": "\ud800"}, {"format": 2}],
)  # fmt: skip
def test_a_file_that_is_no_approval_is_one_error(signed: Approval, change: dict[str, object]) -> None:
    """Every field has its type, and there are no others."""
    with pytest.raises(GeoAlertError) as caught:
        Approval.from_json(json.dumps(json.loads(signed.to_json()) | change), file="x.json")

    assert caught.value.code == "invalid_approval"


def test_an_approval_of_the_first_release_reads(now: datetime) -> None:
    """Its file has neither role nor signature."""
    old = {"format": 1, "alert": "S1", "revision": 1, "digest": plan().digest, "by": "t.singh", "at": now.isoformat(), "reason": "x"}

    assert check_approved(plan(), [Approval.from_json(json.dumps(old), file="x.json")])
