"""Local times: one instant, or one clear refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.errors import AlertError, ConfigurationError
from geoalert.files.times import format_local, read_time, zone

TORONTO = ZoneInfo("America/Toronto")
ZONES = [
    "America/Toronto",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/St_Johns",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
]
LOCAL = st.datetimes(min_value=datetime.fromisoformat("2000-01-01"), max_value=datetime.fromisoformat("2037-12-31"))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2027-03-14T06:00:00", "2027-03-14T10:00:00+00:00"),
        ("2027-03-14T01:59:59", "2027-03-14T06:59:59+00:00"),
        ("2027-03-12T21:00:00-05:00", "2027-03-13T02:00:00+00:00"),
        ("2027-11-07T01:30:00-04:00", "2027-11-07T05:30:00+00:00"),
        ("2027-11-07T01:30:00-05:00", "2027-11-07T06:30:00+00:00"),
        ("2027-11-07 02:00:00", "2027-11-07T07:00:00+00:00"),
    ],
)
def test_a_local_time_is_kept_as_its_instant(text: str, utc: str) -> None:
    """Local times, with and without an agreeing offset, on both clock changes of 2027."""
    assert read_time(text, TORONTO, field="expires").isoformat() == utc


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("2027-03-14T02:30:00", "missing_time", ["-05:00", "-04:00"]),
        ("2027-03-14T02:30:00-05:00", "missing_time", ["-05:00", "-04:00"]),
        ("2027-11-07T01:30:00", "ambiguous_time", ["-04:00", "-05:00"]),
        ("2027-03-14T06:00:00-05:00", "offset_disagrees", ["-04:00"]),
        ("2027-03-14T06:00:00Z", "offset_disagrees", ["-04:00"]),
        ("2027-11-07T01:30:00-06:00", "offset_disagrees", ["-04:00", "-05:00"]),
        ("2027-03-14", "not_a_time", []),
        ("tomorrow", "not_a_time", []),
        ("0001-01-01T00:00:00", "time_out_of_range", []),
        ("9999-12-31T23:59:59", "time_out_of_range", []),
    ],
)
def test_a_time_that_is_no_one_instant_is_refused(text: str, code: str, words: list[str]) -> None:
    """The error carries its code, the field and the offsets that matter."""
    with pytest.raises(AlertError) as refused:
        read_time(text, TORONTO, field="expires")

    assert (refused.value.code, refused.value.field) == (code, "expires")
    assert all(word in str(refused.value) for word in words)


@given(local=LOCAL, name=st.sampled_from(ZONES))
def test_every_local_time_is_kept_or_refused_for_its_clock_change(local: datetime, name: str) -> None:
    """Counting the instants that show a local time decides: one is kept, none is missing, two are ambiguous."""
    here = ZoneInfo(name)
    shown = {
        moment
        for offset in {local.replace(tzinfo=here, fold=fold).utcoffset() for fold in (0, 1)}
        if (moment := (local - offset).replace(tzinfo=UTC)).astimezone(here).replace(tzinfo=None, fold=0) == local
    }

    try:
        outcome: object = {read_time(local, here, field="expires")}
    except AlertError as err:
        outcome = err.code

    assert outcome == (shown if len(shown) == 1 else "ambiguous_time" if shown else "missing_time")


@given(
    moment=LOCAL.map(lambda moment: moment.replace(tzinfo=UTC)),
    name=st.sampled_from(ZONES),
)
def test_what_is_printed_reads_back_as_the_same_instant(moment: datetime, name: str) -> None:
    """The offset that `format_local` works out always agrees with the zone, folds included."""
    here = ZoneInfo(name)
    exact = moment.replace(microsecond=0)

    assert read_time(format_local(exact, here), here, field="expires") == exact


@given(local=LOCAL, quarters=st.integers(-56, 56), name=st.sampled_from(ZONES))
def test_an_offset_is_never_taken_against_the_zone(local: datetime, quarters: int, name: str) -> None:
    """Whatever offset is written, an accepted one is the zone's own at that instant."""
    here, offset = ZoneInfo(name), timedelta(minutes=15 * quarters)
    try:
        outcome: object = read_time(local.replace(tzinfo=timezone(offset)), here, field="expires").astimezone(here).utcoffset()
    except AlertError as err:
        outcome = err.code

    assert outcome in (offset, "offset_disagrees", "missing_time")


def test_a_fixed_clock_prints_its_offset() -> None:
    """The offset is worked out for the day."""
    assert format_local(datetime(2027, 3, 14, 10, tzinfo=UTC), TORONTO) == "2027-03-14T06:00:00-04:00"


@pytest.mark.parametrize("name", ["America/Torronto", "", "../etc/passwd", "/etc/localtime"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    """A name that is no IANA zone, or a path, gets the project's own error."""
    with pytest.raises(ConfigurationError) as refused:
        zone(name)

    assert refused.value.code == "unknown_zone"
