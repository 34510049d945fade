"""Closing texts are ready before they are needed, and tell nothing about anybody."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from geoalert.alert import Texts
from geoalert.errors import AlertError
from geoalert.gates.public import PublicAlert, PublicPerson
from geoalert.media import Media
from geoalert.publishing import Capabilities
from geoalert.rendering.closing import REASONS, closing, closings
from geoalert.text import count

ANYWHERE = Capabilities(media_types=("image/png",), media_count=1)
PERSONAL = frozenset(
    re.split(" ", "alex 16 toronto queen park dementia he she his her il elle hospital safe well slim smiling police.example")
)


def missing(**changes: Any) -> PublicAlert:
    """A missing person with a name, a place and a picture."""
    text = Texts(
        language="en", event="Missing: Alex", place="High Park area", when="Friday", guidance="Call 9-1-1", details="He may be in Toronto"
    )
    plain: dict[str, Any] = {
        "sender": "Hamilton Example Police",
        "id": "S2",
        "kind": "missing_person",
        "status": "exercise",
        "scope": "public",
        "expires": datetime(2027, 3, 14, 10, tzinfo=UTC),
        "texts": (text,),
        "contact": ("Missing persons: 416-555-0170",),
        "case": "27-9000012",
        "link": "https://police.example/alex-missing",
        "people": (PublicPerson(number=1, label="missing", first_name="Alex", age="16", build="slim"),),
        "media": (Media(content=b"x", media_class="family_photo", alt={"en": "Alex smiling"}, person=1),),
    }
    return PublicAlert(**plain | changes)


@pytest.mark.parametrize("language", ["en", "fr-CA"])
@pytest.mark.parametrize("because", REASONS)
def test_no_name_place_or_condition_is_told(because: str, language: str) -> None:
    """Whatever the alert said of a person is not said again."""
    found = closing(missing(), ANYWHERE, language, because=because)
    said = f"{found.title}\n{found.text}".lower()
    assert not PERSONAL & set(re.findall(r"[\w.]+", said))
    assert found.text.startswith("EXERCI")
    assert found.text.splitlines()[0] == found.text.splitlines()[-1]
    assert "27-9000012" in said


@pytest.mark.parametrize("unit", ["sms_segments", "x_weighted", "bluesky"])
def test_every_reason_fits_where_the_alert_fits(unit: str) -> None:
    """A recall never waits for shorter words: contact, kind and case fall first."""
    limit = 1 if unit == "sms_segments" else 160
    for found in closings(missing(), Capabilities(text_limit=limit, text_unit=unit), "en").values():
        assert count(found.text, unit) <= limit
        assert "remove" in found.text or "delete" in found.text


@pytest.mark.parametrize(
    ("label", "shown", "words"),
    [
        ("suspect", True, "The person shown is not a suspect. Please delete the image."),
        ("person_of_interest", True, "The person shown is not a suspect. Please delete the image."),
        ("suspect", False, "The person described is not a suspect."),
        ("missing", True, "This alert was sent in error."),
        ("witness", True, "This alert was sent in error."),
    ],
)
def test_a_correction_clears_whom_it_accused(label: str, shown: bool, words: str) -> None:
    """Only somebody who was called a suspect is said not to be one."""
    told = missing(
        kind="public_safety",
        people=(PublicPerson(number=1, label=label, age="30s"),),
        media=(Media(content=b"x", media_class="composite_sketch", alt={"en": "Sketch"}, person=1),) if shown else (),
    )
    assert words in closing(told, ANYWHERE, "en", because="error").text


@pytest.mark.parametrize(("because", "language", "code"), [("bored", "en", "unknown_reason"), ("arrested", "xx", "missing_language")])
def test_unknown_reasons_and_languages_are_refused(because: str, language: str, code: str) -> None:
    """One error each."""
    with pytest.raises(AlertError) as caught:
        closing(missing(), ANYWHERE, language, because=because)
    assert caught.value.code == code


def test_a_closing_that_cannot_fit_says_so() -> None:
    """Found when the alert is planned, not at the recall."""
    with pytest.raises(AlertError, match="needs"):
        closing(missing(), Capabilities(text_limit=40), "en", because="arrested")
