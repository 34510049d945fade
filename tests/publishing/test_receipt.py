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
