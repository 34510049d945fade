"""What a place can do is narrowed, never widened, and refuses what it cannot carry."""

from __future__ import annotations

from typing import Any

import pytest

from geoalert.errors import ConfigurationError, Rejected
from geoalert.publishing import Capabilities, Post

PLACE = Capabilities(text_limit=500, media_types=("image/png", "image/jpeg"), media_count=4, rate_per_s=2.5, title=True)


@pytest.mark.parametrize(
    ("limits", "code", "field"),
    [
        ({"text_limit": float("nan")}, "invalid_limit", "limits.text_limit"),
        ({"media_bytes": float("inf")}, "invalid_limit", "limits.media_bytes"),
        ({"rate_per_s": float("nan")}, "invalid_limit", "limits.rate_per_s"),
        ({"text_limit": 99.5}, "invalid_limit", "limits.text_limit"),
        ({"text_limit": -1}, "invalid_limit", "limits.text_limit"),
        ({"text_limit": True}, "invalid_limit", "limits.text_limit"),
        ({"text_limit": "300"}, "invalid_limit", "limits.text_limit"),
        ({"links": 0}, "invalid_limit", "limits.links"),
        ({"media_types": "image/png"}, "invalid_limit", "limits.media_types"),
        ({"media_types": [["image/png"]]}, "invalid_limit", "limits.media_types"),
        (5, "invalid_limit", "limits"),
        ({"text_limit": 501}, "limit_widens", "limits.text_limit"),
        ({"alt_limit": 100}, "limit_widens", "limits.alt_limit"),
        ({"edit": True}, "limit_widens", "limits.edit"),
        ({"media_types": ["image/webp"]}, "limit_widens", "limits.media_types"),
        ({"in_flight": 0}, "invalid_limit", "limits.in_flight"),
        ({"in_flight": 5}, "limit_widens", "limits.in_flight"),
        ({"text_unit": "sms_units"}, "unknown_limit", "limits.text_unit"),
        ({"check": 1}, "unknown_limit", "limits.check"),
    ],
)
def test_a_limit_that_is_none_is_refused(limits: Any, code: str, field: str) -> None:
    """Each has one error of ours with its field."""
    with pytest.raises(ConfigurationError) as refused:
        PLACE.narrowed(limits)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_no_media_types_means_no_images() -> None:
    """The count follows, so that a plan leaves every image out."""
    narrow = PLACE.narrowed({"media_types": []})

    assert (narrow.media_types, narrow.media_count) == ((), 0)


def test_limits_narrow() -> None:
    """Numbers fall, kinds go, abilities end; a limit may be set where there was none."""
    narrow = PLACE.narrowed({"text_limit": 300, "rate_per_s": 0.5, "media_types": ["image/png"], "links": False, "media_bytes": 9})

    assert (narrow.text_limit, narrow.rate_per_s, narrow.media_types, narrow.links, narrow.media_bytes) == (
        300,
        0.5,
        ("image/png",),
        False,
        9,
    )
    assert narrow.title


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text_unit": "words"}, "text_unit"),
        ({"media_count": 1}, "media_count"),
        ({"in_flight": 0}, "in_flight"),
        ({"in_flight": True}, "in_flight"),
    ],
)
def test_impossible_capabilities_are_refused_when_made(given: dict[str, Any], field: str) -> None:
    """A unit that nobody counts in, and images of no kind."""
    with pytest.raises(ConfigurationError) as refused:
        Capabilities(**given)

    assert (refused.value.code, refused.value.field) == ("invalid_capabilities", field)


@pytest.mark.parametrize(
    ("place", "given", "code"),
    [
        (Capabilities(), {"title": "Gas leak"}, "title_unsupported"),
        (Capabilities(links=False), {"link": "https://police.example/1"}, "link_unsupported"),
        (Capabilities(title=True), {"title": "Gas leak"}, None),
        (Capabilities(), {"link": "https://police.example/1"}, None),
        (Capabilities(links=False), {}, None),
    ],
)
def test_a_title_or_link_without_a_place_is_refused(place: Capabilities, given: dict[str, str], code: str | None) -> None:
    """Nothing that was approved is dropped quietly."""
    post = Post(channel="c", account="a", address="", text="x", language="en", **given)  # type: ignore[arg-type]
    try:
        place.check(post)
        refused = None
    except Rejected as err:
        refused = err.code

    assert refused == code
