"""`folder`: one folder a channel with post.txt, the images and receipt.json; what a channel last received, on disk."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from geoalert.clock import Clock, system_clock
from geoalert.errors import NotSent, Rejected
from geoalert.publishing import Account, Capabilities, HttpRoom, Post, Publisher, Receipt

EARLIER = ".earlier"


class FolderPublisher(Publisher):
    """Writes a post as files under the account's `path`; a channel's earlier posts are kept under `.earlier`.

    A post appears whole or not at all: it is written beside its place and renamed into it.
    """

    name = "folder"
    capabilities = Capabilities(
        media_types=("image/png", "image/jpeg", "image/webp"),
        media_count=10,
        alt_limit=10_000,
        edit=True,
        delete=True,
        idempotent=True,
        find=True,
    )

    def __init__(self, account: Account, *, http: HttpRoom | None = None, clock: Clock = system_clock) -> None:
        super().__init__(account, http=http, clock=clock)
        self._root = Path(account.option("path", str))

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Writes one post; the same key twice leaves one post and returns the first receipt."""
        self.capabilities.check(post)
        found = self.find(post, key=key, since=self.clock())
        return found or self._write(post, key)

    def find(self, post: Post, *, key: str, since: datetime) -> Receipt | None:
        """Returns the receipt of an earlier try, or None: a folder proves absence."""
        for place in self._places(_safe(post.channel), key):
            receipt = place / "receipt.json"
            if receipt.is_file() and (written := Receipt.from_json(receipt.read_text("utf-8"))).id.endswith(f"/{key}"):
                return written
        return None

    def replace(self, receipt: Receipt, post: Post, *, key: str) -> Receipt:
        """Writes `post` in the place of what `receipt` names."""
        self.capabilities.check(post)
        self.recall(receipt, key=key)
        return self._write(post, receipt.id.rpartition("/")[2])

    def recall(self, receipt: Receipt, *, key: str) -> Receipt:
        """Deletes what `receipt` names; deleting twice is quiet."""
        channel, _, written_key = receipt.id.rpartition("/")
        for place in self._places(_safe(channel), written_key):
            held = place / "receipt.json"
            if held.is_file() and Receipt.from_json(held.read_text("utf-8")).id == receipt.id:
                with _refused(place):
                    shutil.rmtree(place)
        return receipt

    def check(self) -> Capabilities | None:
        """Proves that the folder can be written."""
        with _refused(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._root):
                return None

    def _places(self, channel: str, key: str) -> tuple[Path, Path]:
        return self._root / channel, self._root / EARLIER / channel / _safe(key)

    def _write(self, post: Post, key: str) -> Receipt:
        channel = _safe(post.channel)
        place = self._root / channel
        receipt = Receipt(
            publisher=self.name, account=self.account.name, id=f"{channel}/{key}", at=self.clock(), url=place.absolute().as_uri()
        )
        with _refused(place):
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._root, prefix=".new-") as scratch:
                fresh = Path(scratch) / "post"
                fresh.mkdir()
                _write_synced(fresh / "post.txt", _whole_text(post).encode("utf-8"))
                for number, item in enumerate(post.media, 1):
                    _write_synced(fresh / f"image-{number}{item.suffix}", item.content)
                    _write_synced(fresh / f"image-{number}.alt.txt", (item.alt + "\n").encode("utf-8"))
                _write_synced(fresh / "receipt.json", (receipt.to_json() + "\n").encode("utf-8"))
                if place.exists():
                    self._put_aside(place, channel)
                fresh.rename(place)
        return receipt

    def _put_aside(self, place: Path, channel: str) -> None:
        held = json.loads((place / "receipt.json").read_text("utf-8"))["id"]
        aside = self._root / EARLIER / channel / _safe(held.rpartition("/")[2])
        aside.parent.mkdir(parents=True, exist_ok=True)
        place.rename(aside)


def _whole_text(post: Post) -> str:
    return f"{post.title}\n\n{post.text}\n" if post.title else f"{post.text}\n"


def _safe(name: str) -> str:
    cleaned = re.sub(r"[^\w.@+-]+", "_", name).lstrip(".")
    if not cleaned:
        raise Rejected("a channel cannot be a folder name", code="invalid_channel", field="channel", value=name)
    return cleaned


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _refused(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise NotSent(f"the folder {place} cannot be written: {err.strerror}", code="folder_unwritable", field="path") from err
