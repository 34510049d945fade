"""The `console` publisher, judged by what is printed."""

from __future__ import annotations

import sys

import pytest

from geoalert.clock import Clock
from geoalert.errors import NotSent, Unsupported
from geoalert.media import Rendition
from geoalert.publishing import Account, Post
from geoalert.registry import load_publisher

IMAGE = Rendition(content=b"one", media_type="image/png", width_px=3, height_px=4, alt="A sketch", media_class="other", source_digest="0")


def test_prints_text_and_alternative_text(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    """What is printed holds every word of the post."""
    publisher = load_publisher("console")(Account("screen", "console"), clock=clock)

    receipt = publisher.publish(
        Post(channel="c", account="screen", address="", text="Two\nlines", language="en", media=(IMAGE,)), key="K", steps={}
    )

    printed = capsys.readouterr().out
    assert "Two\nlines\n" in printed
    assert "[image/png 3 x 4 px: A sketch]" in printed
    assert receipt.id == "K"


def test_what_was_printed_cannot_be_taken_back(clock: Clock) -> None:
    """Recall says that this publisher has no such verb."""
    publisher = load_publisher("console")(Account("screen", "console"), clock=clock)
    receipt = publisher.publish(Post(channel="c", account="screen", address="", text="x", language="en"), key="K", steps={})

    with pytest.raises(Unsupported):
        publisher.recall(receipt, key="K")


def test_a_process_without_output_is_told_before_anything_is_sent(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a service whose output was closed."""
    publisher = load_publisher("console")(Account("screen", "console"), clock=clock)
    assert publisher.check() is None
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(NotSent) as told:
        publisher.check()

    assert told.value.code == "no_output"
