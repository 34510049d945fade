"""What stands in the way of the `folder` publisher, and what a crash leaves."""

from __future__ import annotations

import errno
import fcntl
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.clock import Clock
from geoalert.errors import NotSent, OutcomeUnknown, Rejected
from geoalert.publishers import folder
from geoalert.publishers.folder import FolderPublisher
from geoalert.publishing import Account, Post

POST = Post(channel="ed-bia", account="posts", address="ed-bia", text="Gas leak", language="en")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The account's folder, made."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def publisher(root: Path, clock: Clock) -> FolderPublisher:
    """An account on that folder."""
    return FolderPublisher(Account("posts", "folder", options={"path": str(root)}), clock=clock)


def test_the_same_key_twice_keeps_the_first_words(publisher: FolderPublisher, root: Path) -> None:
    """A repeat writes nothing: the first text stands and nothing was put aside."""
    publisher.publish(POST, key="K1", steps={})

    publisher.publish(replace(POST, text="other"), key="K1", steps={})

    assert (root / "ed-bia" / "post.txt").read_text("utf-8") == "Gas leak\n"
    assert [path.name for path in root.iterdir()] == ["ed-bia"]


def test_a_post_is_on_disk_before_it_appears(publisher: FolderPublisher, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file and their folder are synced before the rename, the folder above after it."""
    events: list[int | str] = []
    sync, rename = os.fsync, os.rename

    def watched_sync(opened: int) -> None:
        events.append(os.fstat(opened).st_ino)
        sync(opened)

    def watched_rename(source: Path, to: Path) -> None:
        events.append(f"-> {Path(to).name}")
        rename(source, to)

    monkeypatch.setattr(os, "fsync", watched_sync)
    monkeypatch.setattr(os, "rename", watched_rename)

    publisher.publish(POST, key="K1", steps={})

    place = root / "ed-bia"
    appeared = events.index("-> ed-bia")
    assert {path.stat().st_ino for path in (place, *place.iterdir())} <= set(events[:appeared])
    assert events[appeared + 1 :] == [root.stat().st_ino]


def test_a_correction_that_cannot_be_written_leaves_the_post(
    publisher: FolderPublisher, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk takes nothing away, and the same call works once there is room."""
    receipt = publisher.publish(POST, key="K1", steps={})

    def full(opened: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(NotSent, match="No space left"):
            publisher.replace(receipt, replace(POST, text="corrected"), key="K2")
    assert (root / "ed-bia" / "post.txt").read_text("utf-8") == "Gas leak\n"

    publisher.replace(receipt, replace(POST, text="corrected"), key="K2")
    assert (root / "ed-bia" / "post.txt").read_text("utf-8") == "corrected\n"
    assert [path.name for path in root.iterdir()] == ["ed-bia"]


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_a_foreign_thing_in_the_way_is_named(publisher: FolderPublisher, root: Path, tmp_path: Path, now: datetime, kind: str) -> None:
    """It is refused for good, with what to do, and left as it was."""
    place = root / "ed-bia"
    if kind == "folder":
        place.mkdir()
        (place / "notes.txt").write_text("mine")
    elif kind == "file":
        place.write_text("mine")
    else:
        place.symlink_to(tmp_path)

    with pytest.raises(Rejected) as caught:
        publisher.publish(POST, key="K1", steps={})

    assert (caught.value.code, str(place) in str(caught.value), caught.value.channel) == ("folder_in_use", True, "ed-bia")
    assert [path.name for path in root.iterdir()] == ["ed-bia"]
    assert publisher.find(POST, key="K1", since=now) is None


def test_an_empty_folder_is_not_in_the_way(publisher: FolderPublisher, root: Path) -> None:
    """Somebody made the channel's folder beforehand."""
    (root / "ed-bia").mkdir()

    publisher.publish(POST, key="K1", steps={})

    assert (root / "ed-bia" / "post.txt").exists()


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "{}", '{"id": 7}', '{"publisher":"p","account":"a","id":"K1","at":"2027-01-01T00:00:00Z"}']
)
def test_a_damaged_receipt_is_an_unknown_outcome(publisher: FolderPublisher, root: Path, now: datetime, damage: str) -> None:
    """Which post stands there cannot be told, so nothing is written, found or deleted."""
    receipt = publisher.publish(POST, key="K1", steps={})
    (root / "ed-bia" / "receipt.json").write_text(damage)

    for verb in (
        lambda: publisher.publish(POST, key="K1", steps={}),
        lambda: publisher.publish(POST, key="K2", steps={}),
        lambda: publisher.find(POST, key="K1", since=now),
        lambda: publisher.recall(receipt, key="K3"),
        lambda: publisher.replace(receipt, POST, key="K3"),
    ):
        with pytest.raises(OutcomeUnknown) as caught:
            verb()
        assert (caught.value.code, bool(caught.value.do)) == ("receipt_damaged", True)
    assert (root / "ed-bia" / "post.txt").read_text("utf-8") == "Gas leak\n"


def test_an_earlier_post_is_recalled_beside_a_damaged_one(publisher: FolderPublisher, root: Path, now: datetime) -> None:
    """The damage of the newest says nothing about the one before."""
    first = publisher.publish(POST, key="K1", steps={})
    publisher.publish(POST, key="K2", steps={})
    (root / "ed-bia" / "receipt.json").write_text("{")

    assert publisher.find(POST, key="K1", since=now) == first
    publisher.recall(first, key="K3")

    assert not list((root / ".earlier").rglob("post.txt"))


def test_what_a_killed_process_left_is_removed(publisher: FolderPublisher, root: Path) -> None:
    """Only its own scratch folders, only old ones, and never one that a living process still holds."""
    old = root.stat().st_mtime - 7200
    for name in (".new-dead", ".new-held", ".newer", "new-x", ".new-young"):
        (root / name / "post").mkdir(parents=True)
        if name != ".new-young":
            os.utime(root / name, (old, old))
    (root / ".new-file").write_text("mine")
    os.utime(root / ".new-file", (old, old))
    held = os.open(root / ".new-held", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)

    publisher.publish(POST, key="K1", steps={})
    os.close(held)

    assert sorted(path.name for path in root.iterdir()) == [".new-file", ".new-held", ".new-young", ".newer", "ed-bia", "new-x"]


def test_a_scratch_folder_is_held_while_it_is_written(root: Path) -> None:
    """Another process that publishes meanwhile cannot take it for a dead one's."""
    with folder._scratch(root) as own:
        os.utime(own, (0, 0))
        with folder._scratch(root):
            assert own.is_dir()


def test_channels_that_look_alike_have_their_own_folders(publisher: FolderPublisher, root: Path) -> None:
    """`a/b` and `a_b` are two places, each with its own post, receipt and recall."""
    channels = ("a/b", "a_b", "a b", "a%2Fb", ".a", "_a")
    receipts = {name: publisher.publish(replace(POST, channel=name, text=name), key="K1", steps={}) for name in channels}

    publisher.recall(receipts["a/b"], key="K2")

    texts = {path.read_text("utf-8").strip() for path in root.glob("*/post.txt")}
    assert texts | {path.read_text("utf-8").strip() for path in root.glob(".*/post.txt")} == set(channels) - {"a/b"}


@given(st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=2, unique=True))
def test_no_two_names_share_a_folder(names: list[str]) -> None:
    """Whatever the names, and none leads anywhere else."""
    first, second = (folder._safe(name) for name in names)

    assert first != second
    assert not {"/", "\0"} & set(first + second)
    assert not first.startswith(".")


@pytest.mark.parametrize("channel", ["", "x" * 201, "é" * 101])
def test_a_name_that_no_folder_can_have_is_refused(publisher: FolderPublisher, channel: str) -> None:
    """Once and for good: trying again would not help."""
    with pytest.raises(Rejected) as caught:
        publisher.publish(replace(POST, channel=channel), key="K1", steps={})

    assert caught.value.code == "invalid_channel"
