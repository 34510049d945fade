"""The bench framework: ratios, limits and discovery."""

from __future__ import annotations

import json

import pytest

from tests.bench.runner import Bench, Ratio, Result, Side, as_json, measure, names, table


def _spin(steps: int) -> int:
    return sum(range(steps))


def test_a_peer_that_does_ten_times_the_work_is_slower() -> None:
    """The ratio is the peer's time over ours."""
    bench = Bench("spin", "adds numbers", (Side("ours", lambda: _spin(2_000)), Side("peer", lambda: _spin(20_000), limit=2)), rounds=5)

    (ratio,) = measure(bench).ratios

    assert ratio.times > 3
    assert ratio.kept


def test_a_broken_limit_is_said_in_table_and_json() -> None:
    """A ratio below its limit reads NO in the table and false in the JSON."""
    results = [Result("spin", "adds numbers", (Ratio("spin", "peer", 2.0, 1.0, 0.5, 0.4, 0.6, 1.0),))]

    assert table(results).splitlines()[-1].endswith("| NO |")
    assert json.loads(as_json(results))["ratios"][0]["kept"] is False


def test_the_answers_are_compared_before_anything_is_timed() -> None:
    """A check that fails stops the bench."""

    def differ() -> None:
        raise AssertionError("sides differ")

    with pytest.raises(AssertionError, match="sides differ"):
        measure(Bench("spin", "adds", (Side("ours", int), Side("peer", int)), check=differ))


def test_benches_are_found_by_file_name() -> None:
    """The framework's own files are no benches."""
    assert "runner" not in names()
