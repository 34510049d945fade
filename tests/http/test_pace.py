"""What answers say of a server's pace, in each way that servers write it."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest

from geoalert.errors import Rejected
from geoalert.http import Http
from geoalert.http.pace import NOTHING_SAID, Pace, Told, read_pace
from tests.portal import Portal, Reply, too_many

AT = 1804885200  # the `now` of every test, 2027-03-12T21:00:00Z, in seconds since 1970


@pytest.mark.parametrize(
    ("headers", "remaining", "resets_s", "retry_s"),
    [
        ({"Retry-After": "30"}, None, None, 30),
        ({"Retry-After": "Fri, 12 Mar 2027 21:01:30 GMT"}, None, None, 90),
        ({"Retry-After": "Fri, 12 Mar 2027 20:00:00 GMT"}, None, None, 0),
        ({"RateLimit-Remaining": "4", "RateLimit-Reset": "50"}, 4, 50, None),
        ({"RateLimit": '"default";r=50;t=30'}, 50, 30, None),
        ({"RateLimit": '"burst";r=9;t=3, "day";r=2;t=900'}, 2, 900, None),
        ({"RateLimit": "limit=100, remaining=7, reset=12"}, 7, 12, None),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(AT + 60)}, 0, 60, None),
        ({"X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "2027-03-12T21:05:00.000Z"}, 299, 300, None),
        ({"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": str((AT + 5) * 1000)}, 1, 5, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(AT + 99), "X-RateLimit-Reset-After": "1.5"}, 0, 1.5, None),
        ({"Retry-After": "soon", "X-RateLimit-Remaining": "many", "X-RateLimit-Reset": "later"}, None, None, None),
        ({"X-RateLimit-Remaining": "-1", "Retry-After": "١"}, None, None, None),
    ],
)
def test_each_way_of_writing_it_is_read(
    now: datetime, headers: dict[str, str], remaining: int | None, resets_s: float | None, retry_s: float | None
) -> None:
    """Seconds, dates, seconds and milliseconds since 1970; what nobody can read counts as not said."""

    def later(seconds: float | None) -> datetime | None:
        return None if seconds is None else now + timedelta(seconds=seconds)

    assert read_pace(headers, now) == Pace(remaining=remaining, resets_at=later(resets_s), retry_at=later(retry_s))


def test_an_ordinary_answer_says_nothing(now: datetime) -> None:
    """No header about pace, no new object."""
    assert read_pace({"Content-Type": "text/plain"}, now) is NOTHING_SAID


def test_absurd_numbers_do_no_harm(now: datetime) -> None:
    """A wait of millions of years is a wait of a year."""
    said = read_pace({"Retry-After": "9" * 15, "X-RateLimit-Reset": "99999999999"}, now)

    assert said.retry_at == now + timedelta(days=366)


def test_told_passes_the_pace_of_every_answer_on(http: Http, portal: Portal, now: datetime) -> None:
    """Answers come back as they are, and a refusal tells its wait as well."""
    heard: list[Pace] = []
    portal.routes["/x"] = lambda asked: Reply(asked.body, headers={"RateLimit-Remaining": "3"})
    portal.fault("/busy", too_many("7"))
    told = Told(http, heard.append)

    answer = told.request("POST", f"{portal.url}/x", body="hello", internal=True)
    told.request("GET", f"{portal.url}/busy", internal=True)

    assert answer.text() == "hello"
    assert heard == [Pace(remaining=3), Pace(retry_at=now + timedelta(seconds=7))]


@pytest.mark.parametrize("internal", [False, True])
def test_told_goes_inside_where_its_account_may(http: Http, portal: Portal, internal: bool) -> None:
    """Whatever the publisher says of it."""
    portal.routes["/x"] = lambda asked: Reply(b"hello")
    told = Told(http, lambda pace: None, internal=internal)

    with nullcontext() if internal else pytest.raises(Rejected, match="private"):
        assert told.request("GET", f"{portal.url}/x").text() == "hello"
