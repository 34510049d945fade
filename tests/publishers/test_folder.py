"""The `folder` publisher, judged by what is on disk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from geoalert.clock import Clock
from geoalert.errors import ConfigurationError, NotSent, Rejected
from geoalert.media import Rendition
from geoalert.publishers.folder import FolderPublisher
from geoalert.publishing import Account, Post, Receipt
from geoalert.registry import load_publisher

IMAGES = tuple(
    Rendition(content=content, media_type="image/png", width_px=2, height_px=2, alt=alt, media_class="other", source_digest="0")
    for content, alt in ((b"one", "First"), (b"two", "Second"))
)
POST = Post(channel="ed-bia", account="posts", address="ed-bia", text="Ünïcode\n@everyone <b>&amp;", language="en", title="T", media=IMAGES)


@pytest.fixture
def publisher(tmp_path: Path, clock: Clock) -> FolderPublisher:
    """An account whose folder does not exist yet."""
    return FolderPublisher(Account("posts", "folder", options={"path": str(tmp_path / "out")}), clock=clock)


def test_text_images_and_alt_arrive_whole(publisher: FolderPublisher, tmp_path: Path) -> None:
    """One folder a channel holds the text, both images and each alternative text."""
    receipt = publisher.publish(POST, key="K1", steps={})

    place = tmp_path / "out" / "ed-bia"
    assert (place / "post.txt").read_text("utf-8") == f"T\n\n{POST.text}\n"
    assert [(place / f"image-{n}.png").read_bytes() for n in (1, 2)] == [b"one", b"two"]
    assert [(place / f"image-{n}.alt.txt").read_text("utf-8") for n in (1, 2)] == ["First\n", "Second\n"]
    assert Receipt.from_json((place / "receipt.json").read_text("utf-8")) == receipt


def test_the_same_key_twice_leaves_one_post(publisher: FolderPublisher, now: datetime) -> None:
    """A repeat returns the first receipt and changes nothing."""
    first = publisher.publish(POST, key="K1", steps={})

    assert publisher.publish(replace(POST, text="other"), key="K1", steps={}) == first
    assert publisher.find(POST, key="K1", since=now) == first
    assert publisher.find(POST, key="K2", since=now) is None


def test_a_later_post_keeps_the_earlier_one(publisher: FolderPublisher, tmp_path: Path, now: datetime) -> None:
    """The newest stands in the channel's folder, the earlier one is kept and still found."""
    first = publisher.publish(POST, key="K1", steps={})

    publisher.publish(replace(POST, text="second"), key="K2", steps={})

    assert "second" in (tmp_path / "out" / "ed-bia" / "post.txt").read_text("utf-8")
    assert publisher.find(POST, key="K1", since=now) == first


def test_replacing_changes_the_text(publisher: FolderPublisher, tmp_path: Path) -> None:
    """An edit leaves one post that says the new text."""
    receipt = publisher.publish(POST, key="K1", steps={})

    publisher.replace(receipt, replace(POST, text="corrected", media=()), key="K2")

    place = tmp_path / "out" / "ed-bia"
    assert (place / "post.txt").read_text("utf-8") == "T\n\ncorrected\n"
    assert sorted(path.name for path in place.iterdir()) == ["post.txt", "receipt.json"]


def test_recall_removes_only_what_the_receipt_names_and_twice_is_quiet(publisher: FolderPublisher, tmp_path: Path) -> None:
    """An earlier post is taken down and the newer one stays."""
    first = publisher.publish(POST, key="K1", steps={})
    publisher.publish(replace(POST, text="second"), key="K2", steps={})

    for _ in range(2):
        publisher.recall(first, key="K3")

    assert (tmp_path / "out" / "ed-bia" / "post.txt").exists()
    assert not list((tmp_path / "out" / ".earlier").rglob("post.txt"))


@pytest.mark.parametrize("channel", ["../../escape", "/etc/passwd", "..", "a/../../b"])
def test_no_channel_name_leads_outside(publisher: FolderPublisher, tmp_path: Path, channel: str) -> None:
    """A channel is a name, never a path."""
    with suppress(Rejected):
        publisher.publish(replace(POST, channel=channel), key="K1", steps={})

    assert {path.name for path in tmp_path.iterdir()} <= {"out"}


def test_an_unwritable_place_is_not_sent(tmp_path: Path, clock: Clock) -> None:
    """A file where the folder should be means nothing arrived."""
    (tmp_path / "out").write_text("in the way")
    publisher = FolderPublisher(Account("posts", "folder", options={"path": str(tmp_path / "out")}), clock=clock)

    with pytest.raises(NotSent) as caught:
        publisher.publish(POST, key="K1", steps={})

    assert caught.value.code == "folder_unwritable"


def test_too_many_images_are_refused_with_nothing_written(publisher: FolderPublisher, tmp_path: Path) -> None:
    """One over the limit leaves no trace."""
    with pytest.raises(Rejected) as caught:
        publisher.publish(replace(POST, media=IMAGES[:1] * 11), key="K1", steps={})

    assert caught.value.code == "too_many_media"
    assert not (tmp_path / "out").exists()


def test_an_account_without_a_path_says_so() -> None:
    """The missing option is named with its account."""
    with pytest.raises(ConfigurationError) as caught:
        FolderPublisher(Account("posts", "folder"))

    assert caught.value.field == "accounts.posts.path"


def test_it_comes_through_the_public_door() -> None:
    """The entry point's name is the class's name."""
    assert load_publisher("folder") is FolderPublisher


def test_a_correction_beside_a_deletion_of_the_same_channel(tmp_path: Path, clock: Clock) -> None:
    """Each finds the other's post whole or gone, whichever comes first, twenty times over."""
    account = Account("posts", "folder", options={"path": str(tmp_path / "out")})
    one, other = FolderPublisher(account, clock=clock), FolderPublisher(account, clock=clock)

    for number in range(20):
        first = one.publish(replace(POST, channel=f"c{number}"), key="K1", steps={})
        with ThreadPoolExecutor(2) as both:
            gone = both.submit(one.recall, first, key="K2")
            said = both.submit(other.publish, replace(POST, channel=f"c{number}", text="correction"), key="K3", steps={})
        assert gone.result() == first
        assert said.result().id.endswith("K3")

    texts = [path.read_text("utf-8") for path in (tmp_path / "out").rglob("post.txt")]
    assert texts == ["T\n\ncorrection\n"] * 20
