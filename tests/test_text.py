"""Counting text as platforms do, from the rules and worked examples that they publish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.text import COUNTINGS, count, fold, is_gsm7, nearest

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
THUMB_DARK = "\U0001f44d\U0001f3ff"
FLAG_CA = "\U0001f1e8\U0001f1e6"
FLAG_SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
KEYCAP = "1\ufe0f\u20e3"


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("Hello", 5),
        ("caf\u00e9", 4),
        ("cafe\u0301", 4),
        ("\u4f60\u597d", 4),
        ("\u10ff", 1),
        ("\u1100", 2),
        ("\u200d", 1),
        ("\u200e", 2),
        ("\u201c\u2013\u201d", 3),
        ("\u2026", 2),
        ("\u2032", 1),
        ("\u2034\u2037\u2038", 4),
        ("\u00a9", 1),
        ("\U0001f600", 2),
        (FAMILY, 2),
        (THUMB_DARK, 2),
        (FLAG_CA, 2),
        (FLAG_SCOTLAND, 2),
        (KEYCAP, 2),
        ("\u2764\ufe0f", 2),
        ("https://a.co", 23),
        ("https://police.example/" + "x" * 400, 23),
        ("see https://police.example/news/27-9000011.", 4 + 23 + 1),
        ("222tips.com", 23),
        ("desk@bia.example", 16),
        ("(http://t.co/a) (http://t.co/b)", 2 * 23 + 5),
        ("11 p.m. to 2:30 a.m.", 20),
    ],
)
def test_x_weighs_ranges_emoji_and_links(text: str, weight: int) -> None:
    """Ranges 0-4351, 8192-8205, 8208-8223, 8242-8247 weigh one, all else two, an emoji two, a link 23."""
    assert count(text, "x_weighted") == weight


@pytest.mark.parametrize(
    ("text", "length"),
    [("Hello", 5), ("\u00e9\u4f60", 2), ("\U0001f600", 4), (f"a{FAMILY}b", 27), (KEYCAP, 7), (FLAG_CA, 8), ("\u00a9 2027", 6)],
)
def test_threads_counts_emoji_as_their_utf8_bytes(text: str, length: int) -> None:
    """Everything but emoji counts one a character."""
    assert count(text, "threads") == length


@pytest.mark.parametrize(
    ("text", "length"),
    [("Hello", 5), ("e\u0301", 1), (FAMILY * 2, 5), ("\u0928\u093f", 1), ("\r\n", 1), ("a" * 300, 300), ("\u4f60" * 300, 300)],
)
def test_bluesky_counts_graphemes_within_its_bytes(text: str, length: int) -> None:
    """A family emoji is one grapheme of 25 bytes, so bytes decide there: 300 stands for 3000 bytes too."""
    assert count(text, "bluesky") == length


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("", 0, 0),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("\u20ac" * 80, 160, 1),
        ("\u20ac" * 81, 162, 2),
        ("a" * 152 + "\u20ac" + "a" * 152, 306, 3),
        ("^{}\\[~]|", 16, 1),
        ("\u00e7" * 70, 70, 1),
        ("\u00e7" * 71, 71, 2),
        ("\U0001f600" * 35, 70, 1),
        ("\U0001f600" * 36, 72, 2),
        ("a" * 66 + "\U0001f600" + "a" * 66, 134, 3),
        ("\u00c7\u00e9\u00e0\u00f9", 4, 1),
    ],
)
def test_sms_counts_septets_or_utf16_units(text: str, units: int, segments: int) -> None:
    """Extension characters cost two septets, one foreign character moves all to UCS-2, and no pair is split (3GPP TS 23.038, 23.040)."""
    assert (count(text, "sms_units"), count(text, "sms_segments")) == (units, segments)


def test_lower_case_cedilla_is_outside_the_gsm_alphabet() -> None:
    """The alphabet has the capital only."""
    assert is_gsm7("FRAN\u00c7AIS")
    assert not is_gsm7("fran\u00e7ais")


@pytest.mark.parametrize(
    ("text", "unit", "length"),
    [("\U0001f600", "characters", 1), ("\U0001f600", "utf8_bytes", 4), ("\U0001f600", "utf16_units", 2), (FAMILY, "graphemes", 1)],
)
def test_plain_countings(text: str, unit: str, length: int) -> None:
    """Characters are code points."""
    assert count(text, unit) == length


@given(st.text(), st.sampled_from(sorted(COUNTINGS)))
def test_every_counting_takes_any_text(text: str, unit: str) -> None:
    """No text breaks a counting, and none but the empty one counts nothing."""
    assert (count(text, unit) > 0) == bool(text)


@pytest.mark.parametrize("unseen", ["\u200b", "\u200d", "\u00ad", "\ufeff", "\u202e", "\u2066"])
def test_fold_drops_what_nobody_sees(unseen: str) -> None:
    """An approver cannot become another person by an invisible character."""
    assert fold(f"M.Roy{unseen}") == "m.roy"


def test_fold_and_nearest_forgive_case_and_typing() -> None:
    """Look-ups answer the spelling that the list has."""
    assert fold("  Queen\u00a0 ST ") == "queen st"
    assert nearest("Divison", ["division", "ward"]) == ("division",)
