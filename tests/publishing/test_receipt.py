"""A receipt outlives the process that made it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.outbox.chain import canonical
from geoalert.publishing import Receipt

WHEN = datetime(2027, 3, 12, 21, 0, 0, 123456, tzinfo=ZoneInfo("America/Toronto"))
TWICE = datetime(2027, 11, 7, 1, 30, tzinfo=ZoneInfo("America/Toronto"), fold=1)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"at": TWICE},
        {"at": WHEN.astimezone(timezone(timedelta(hours=5, minutes=45)))},
        {"url": "https://a.example/é"},
        {"parts": ["1", "2"], "media_ids": ("3",)},
        {"raw": {"ids": (1, 2), 3: "three", "at": WHEN, "price": Decimal("1.5"), "odd": float("nan"), "deep": {"a": None}}},
    ],
)
def test_what_is_read_back_is_equal(given: dict[str, Any]) -> None:
    """Every type of field, also times that occur twice, tuples in raw, and what JSON has no form for."""
    receipt = Receipt(**{"publisher": "p", "account": "a", "id": "ü/1", "at": WHEN, **given})

    assert Receipt.from_json(receipt.to_json()) == receipt
    assert receipt.at.isoformat().endswith("+00:00")


@given(
    raw=st.dictionaries(
        st.text(max_size=9), st.recursive(st.none() | st.integers() | st.floats() | st.text(max_size=20), st.lists, max_leaves=5)
    )
)
def test_any_raw_survives(raw: dict[str, Any]) -> None:
    """Whatever a platform answers."""
    receipt = Receipt(publisher="p", account="a", id="1", at=WHEN, raw=raw)

    assert Receipt.from_json(receipt.to_json()) == receipt


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (2**60, "1152921504606846976"),
        (-(2**60), "-1152921504606846976"),
        ([{"deep": 2**53}], [{"deep": "9007199254740992"}]),
        (2**53 - 1, 2**53 - 1),
        ("\ud800 lost", "\ufffd lost"),
        ("end \udfff", "end \ufffd"),
        ("\ud83d\ude00", "😀"),
        ({"\ud800": 1}, {"\ufffd": 1}),
        ("\\ud800 is no surrogate", "\\ud800 is no surrogate"),
        (True, True),
    ],
)
def test_whatever_a_platform_answers_can_be_written_down(given: Any, kept: Any) -> None:
    """The ledger's canonical JSON takes it (RFC 8785), and so does every file."""
    receipt = Receipt(publisher="p", account="a", id="1", at=WHEN, raw={"answer": given})

    assert receipt.raw == {"answer": kept}
    assert canonical(json.loads(receipt.to_json()))
    assert Receipt.from_json(receipt.to_json()) == receipt


def test_no_field_holds_half_a_character() -> None:
    """A post that landed is not lost for the name that its place gave it."""
    receipt = Receipt(
        publisher="p", account="a", id="x\udc00", at=WHEN, url="https://a.example/\ud800", parts=("\ud800",), media_ids=("\udfff",)
    )

    assert (receipt.id, receipt.url, receipt.parts, receipt.media_ids) == ("x\ufffd", "https://a.example/\ufffd", ("\ufffd",), ("\ufffd",))
    assert receipt.to_json().encode("utf-8")


def test_raw_without_end_is_a_value_error() -> None:
    """As any other that is too large."""
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]

    with pytest.raises(ValueError, match="deep"):
        Receipt(publisher="p", account="a", id="1", at=WHEN, raw={"answer": nested})


def test_a_receipt_of_another_version_is_read() -> None:
    """Fields that are missing have their default, those not known here are left out."""
    told = {"publisher": "p", "account": "a", "id": "1", "at": WHEN.isoformat(), "later": 7}

    assert Receipt.from_json(json.dumps(told)) == Receipt(publisher="p", account="a", id="1", at=WHEN)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "7", '{"id": "1"}', '{"publisher":"p","account":"a","id":7,"at":"2027-01-01T00:00:00+00:00"}']
)
def test_what_is_no_receipt_is_a_value_error(text: str) -> None:
    """One class for every damage."""
    with pytest.raises(ValueError, match=r"."):
        Receipt.from_json(text)
