"""`folder`: one folder a channel with post.txt, the images and receipt.json; what a channel last received, on disk."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote

from geoalert.clock import Clock, system_clock
from geoalert.errors import NotSent, OutcomeUnknown, Rejected
from geoalert.publishing import Account, Capabilities, HttpRoom, Post, Publisher, Receipt

EARLIER = ".earlier"
SCRATCH = ".new-"
RECEIPT = "receipt.json"
_STALE_S = 3600
_LONGEST_NAME_BYTES = 200


class FolderPublisher(Publisher):
    """Writes a post as files under the account's `path`; a channel's earlier posts are kept under `.earlier`.

    A post appears whole or not at all: it is written and synced beside its place, then renamed into it.
    """

    name = "folder"
    capabilities = Capabilities(
        media_types=("image/png", "image/jpeg", "image/webp"),
        media_count=10,
        alt_limit=10_000,
        title=True,
        edit=True,
        delete=True,
        idempotent=True,
        find=True,
    )
    options: ClassVar[Mapping[str, str]] = {"path": "folder that the posts are written under, relative to the project"}

    def __init__(self, account: Account, *, http: HttpRoom | None = None, clock: Clock = system_clock) -> None:
        super().__init__(account, http=http, clock=clock)
        self._root = Path(account.option("path", str))

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Writes one post; the same key twice leaves one post and returns the first receipt.

        Raises:
            NotSent: `folder_unwritable`.
            Rejected: `folder_in_use`, something else stands where the channel's folder should be; `invalid_channel`.
            OutcomeUnknown: `receipt_damaged`.
        """
        self.capabilities.check(post)
        found = self.find(post, key=key, since=self.clock())
        return found or self._write(post, key)

    def find(self, post: Post, *, key: str, since: datetime) -> Receipt | None:
        """Returns the receipt of an earlier try, or None: a folder proves absence, unless a receipt in it cannot be read."""
        found = self._standing(post.channel, key)
        return found[1] if found else None

    def replace(self, receipt: Receipt, post: Post, *, key: str) -> Receipt:
        """Writes `post` in the place of what `receipt` names, which stands until the new one is on disk."""
        self.capabilities.check(post)
        return self._write(post, _named_by(receipt)[1], instead_of=receipt)

    def recall(self, receipt: Receipt, *, key: str) -> Receipt:
        """Deletes what `receipt` names; deleting twice is quiet."""
        if self._standing(*_named_by(receipt)):
            with _refused(self._root), _locked(self._root, wait=True):
                self._remove(receipt)
        return receipt

    def check(self) -> Capabilities | None:
        """Proves that the folder can be written."""
        with _refused(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._root):
                return None

    def _remove(self, receipt: Receipt) -> None:
        found = self._standing(*_named_by(receipt))
        if found and found[1].id == receipt.id:
            with _scratch(self._root) as scratch:
                found[0].rename(scratch / "gone")

    def _standing(self, channel: str, key: str) -> tuple[Path, Receipt] | None:
        """Returns where the post of that key stands; the channel's newest is looked at last, for its receipt may be the damaged one."""
        if self._root.exists() and not self._root.is_dir():
            raise NotSent(
                f"{self._root} is no folder", code="folder_unwritable", field="path", do="Move it elsewhere, or give another path"
            )
        for place in (self._root / EARLIER / _safe(channel) / _safe(key), self._root / _safe(channel)):
            held = _receipt_in(place)
            if held is not None and _named_by(held)[1] == key:
                return place, held
        return None

    def _write(self, post: Post, key: str, *, instead_of: Receipt | None = None) -> Receipt:
        place = self._root / _safe(post.channel)
        receipt = Receipt(
            publisher=self.name,
            account=self.account.name,
            id=f"{place.name}/{_safe(key)}",
            at=self.clock(),
            url=place.absolute().as_uri(),
        )
        with _refused(place):
            self._root.mkdir(parents=True, exist_ok=True)
            with _scratch(self._root) as scratch:
                fresh = scratch / "post"
                fresh.mkdir()
                _write_synced(fresh / "post.txt", _whole_text(post).encode("utf-8"))
                for number, item in enumerate(post.media, 1):
                    _write_synced(fresh / f"image-{number}{item.suffix}", item.content)
                    _write_synced(fresh / f"image-{number}.alt.txt", (item.alt + "\n").encode("utf-8"))
                _write_synced(fresh / RECEIPT, (receipt.to_json() + "\n").encode("utf-8"))
                _sync(fresh)
                with _locked(self._root, wait=True):
                    if instead_of is not None:
                        self._remove(instead_of)
                    self._put_aside(place, post)
                    fresh.rename(place)
                    _sync(self._root)
        return receipt

    def _put_aside(self, place: Path, post: Post) -> None:
        held = _receipt_in(place)
        if held is not None:
            aside = self._root / EARLIER / place.name / _safe(_named_by(held)[1])
            aside.parent.mkdir(parents=True, exist_ok=True)
            place.rename(aside)
        elif place.is_symlink() or (place.exists() and not (place.is_dir() and not any(place.iterdir()))):
            raise Rejected(
                f"{place} is in the way: it is no post of this publisher",
                code="folder_in_use",
                channel=post.channel,
                field="path",
                do="Move it elsewhere, or give the account another path",
            )


@contextmanager
def _scratch(root: Path) -> Iterator[Path]:
    """Makes a folder to write in, and removes those of processes that were killed.

    A living process holds a lock on its own, and an hour's grace covers the moment before it has it.
    """
    with tempfile.TemporaryDirectory(dir=root, prefix=SCRATCH, ignore_cleanup_errors=True) as name:
        own = Path(name)
        with _locked(own):
            newest = own.stat().st_mtime
            for other in root.glob(f"{SCRATCH}*"):
                with suppress(OSError):
                    if other != own and not other.is_symlink() and other.stat().st_mtime < newest - _STALE_S:
                        with _locked(other):
                            shutil.rmtree(other)
            yield own


@contextmanager
def _locked(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Holds the lock on a folder; where another thread or process does, waits for it or raises OSError at once."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)


def _receipt_in(place: Path) -> Receipt | None:
    try:
        held = Receipt.from_json((place / RECEIPT).read_text("utf-8"))
        if not all(_named_by(held)):
            raise ValueError("a receipt of another publisher")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as err:
        raise OutcomeUnknown(
            f"{place / RECEIPT} cannot be read, so nobody knows which post stands there",
            code="receipt_damaged",
            field="path",
            do="Look at post.txt beside it, then mend the receipt or move the folder elsewhere",
        ) from err
    return held


def _named_by(receipt: Receipt) -> tuple[str, str]:
    """Returns the channel and key that a receipt of this publisher names."""
    channel, _, key = receipt.id.rpartition("/")
    return unquote(channel, errors="surrogatepass"), unquote(key, errors="surrogatepass")


def _whole_text(post: Post) -> str:
    return f"{post.title}\n\n{post.text}\n" if post.title else f"{post.text}\n"


def _safe(name: str) -> str:
    """Returns a file name that no other channel or key has: what cannot stand in one is percent-encoded, a leading dot too."""
    encoded = re.sub(r"[^\w.@+-]", lambda found: quote(found[0], safe="", errors="surrogatepass"), name)
    encoded = f"%2E{encoded[1:]}" if encoded.startswith(".") else encoded
    if not encoded or len(encoded.encode("utf-8")) > _LONGEST_NAME_BYTES:
        raise Rejected("a channel cannot be a folder name", code="invalid_channel", field="channel", value=name, do="Give it a shorter id")
    return encoded


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _refused(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise NotSent(f"the folder {place} cannot be written: {err.strerror}", code="folder_unwritable", field="path") from err
