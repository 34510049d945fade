"""What an error's text shows of the value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import PurePosixPath

import numpy as np
import pytest

from geoalert.errors import AlertError


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (datetime(2027, 3, 14, 10, tzinfo=UTC), "2027-03-14T10:00:00+00:00"),
        (date(2027, 3, 14), "2027-03-14"),
        (PurePosixPath("a/b.toml"), "a/b.toml"),
        (np.float64(0.5), "0.5"),
        (["a"], "['a']"),
    ],
)
def test_values_are_shown_as_people_write_them(value: object, shown: str) -> None:
    """A time, a path or a number is never shown as Python's repr."""
    assert AlertError("wrong", value=value).value == shown


@pytest.mark.parametrize(
    ("what", "field", "value", "said"),
    [
        ("must be more than 0 m and at most 1,000 km", "radius_m", 0, True),
        ("there is no column 'DIV'", "id", "DIV", False),
        ("unknown column", "lat", "lat", False),
        ("there is nothing at High St", "place", "High St", False),
    ],
)
def test_a_value_is_left_out_only_where_the_text_shows_it(what: str, field: str, value: object, said: bool) -> None:
    """A short value that happens to stand in the sentence is shown all the same."""
    assert (f"(got {value})" in str(AlertError(what, field=field, value=value))) is said


def test_no_error_holds_half_a_character() -> None:
    """Whatever a platform answered, the text can be written down and printed."""
    error = AlertError("\ud800 lost", code="x\ud800", file="a\udcff.csv", field="f", value="v\ud800", do="look\ud800")

    assert f"{error} {error.to_dict()} {error.args}".encode()
    assert str(error) == "a?.csv, f: ? lost (got v?). look?"
