"""The other sides of the shipped publishers: a webhook receiver, a folder, a terminal."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from geoalert.errors import NotSent, OutcomeUnknown, Rejected
from geoalert.testing import Arrived, Asked, Expected, HttpPlace, Reply

WEBHOOK_SECRET = base64.b64encode(b"planted webhook secret of 32 b..").decode()


class Receiver(HttpPlace):
    """A receiver as docs/reference/webhook.md asks for one: it checks the signature itself, and a repeated key does nothing."""

    signing = f"whsec_{WEBHOOK_SECRET}"

    def answer(self, asked: Asked) -> Reply:
        """Does what an event says."""
        if not self._signed(asked) or asked.headers.get("authorization") != f"Bearer {self.secret}":
            return Reply({"error": "who are you"}, 401)
        event = asked.json()
        told = event["data"]
        if event["type"] == "post.published":
            self.keep(told["id"], self._arrived(told))
        elif event["type"] == "post.updated":
            self.change(told["id"], self._arrived(told))
        elif event["type"] == "post.recalled":
            self.remove(told["id"])
        return Reply({"url": f"https://receiver.example/{told['id']}"})

    def _arrived(self, told: Mapping[str, Any]) -> Arrived:
        images = tuple((base64.b64decode(item["base64"]), item["alt"]) for item in told["media"])
        return Arrived(
            text=told["text"], id=told["id"], title=told["title"], link=told["link"], images=images, reply_to=told["in_reply_to"]
        )

    def _signed(self, asked: Asked) -> bool:
        name, at = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
        expected = hmac.new(base64.b64decode(WEBHOOK_SECRET), f"{name}.{at}.".encode() + asked.body, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(expected).decode()}" in asked.headers["webhook-signature"].split(" ")


class FolderPlace:
    """What stands in a folder, and what is in its way."""

    faults: Mapping[str, Expected] = {
        "a file in its place": Expected((NotSent,)),
        "something else of that name": Expected((Rejected,), verbs=("publish", "replace")),
        "a damaged receipt": Expected((OutcomeUnknown,)),
    }

    def __init__(self, root: Path) -> None:
        self.root = root

    def standing(self) -> Sequence[Arrived]:
        """Returns the posts on disk, earlier ones first."""
        found = sorted(self.root.rglob("post.txt"), key=lambda path: path.stat().st_mtime_ns)
        return [self._read(path.parent) for path in found]

    def touched(self) -> int:
        """Returns how many files there are."""
        return len([path for path in self.root.rglob("*") if path.is_file()]) if self.root.exists() else 0

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """Puts something in the way for a while."""
        aside = self.root.with_name("aside")
        if self.root.exists():
            self.root.rename(aside)
        if name == "a file in its place":
            self.root.write_text("")
        else:
            (self.root / "channel-1").mkdir(parents=True)
            (self.root / "channel-1" / ("receipt.json" if "receipt" in name else "notes.txt")).write_text("something else")
        try:
            yield
        finally:
            shutil.rmtree(self.root) if self.root.is_dir() else self.root.unlink()
            if aside.exists():
                aside.rename(self.root)

    def _read(self, folder: Path) -> Arrived:
        title, _, text = (folder / "post.txt").read_text("utf-8").removesuffix("\n").partition("\n\n")
        images = tuple(
            (path.read_bytes(), path.with_suffix(".alt.txt").read_text("utf-8").removesuffix("\n"))
            for path in sorted(folder.glob("image-*"), key=lambda path: int(re.findall(r"\d+", path.name)[0]))
            if not path.name.endswith(".alt.txt")
        )
        return Arrived(text=text, id=json.loads((folder / "receipt.json").read_text("utf-8"))["id"], title=title, images=images)


class Terminal:
    """What was printed, read as a person reads it: by the rules between the posts."""

    faults: Mapping[str, Expected] = {"closed": Expected((OutcomeUnknown, NotSent)), "broken": Expected((OutcomeUnknown,))}

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._printed = ""

    def standing(self) -> Sequence[Arrived]:
        """Returns the posts that were printed so far."""
        self._printed += self._capsys.readouterr().out
        pieces = re.findall(r"^--- channel-1 -> \S+\n(.*?)\n(.*?)\n---$", self._printed, re.MULTILINE | re.DOTALL)
        return [replace(self._read(text), title=title) for title, text in pieces]

    def touched(self) -> int:
        """Returns how much was printed."""
        self.standing()
        return len(self._printed)

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """Takes the terminal away for a while."""

        class Gone:
            def write(self, text: str) -> int:
                raise ValueError("I/O operation on closed file") if name == "closed" else BrokenPipeError(32, "Broken pipe")

            def flush(self) -> None: ...

        self.standing()
        with patch.object(sys, "stdout", Gone()):
            yield

    def _read(self, text: str) -> Arrived:
        images = re.findall(r"\n\[image/\w+ \d+ x \d+ px: (.*)\]", text)
        return Arrived(text=re.split(r"\n\[image/", text)[0], images=tuple((b"", alt) for alt in images))
