"""The publisher contract over `webhook`, `folder` and `console`; `email` has its own file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geoalert.publishing import Account
from geoalert.testing import PublisherContract
from tests.publishers.places import FolderPlace, Receiver, Terminal


class TestWebhook(PublisherContract):
    """A receiver of one's own."""

    @pytest.fixture
    def place(self) -> Iterator[Receiver]:
        """A receiver on this machine."""
        with Receiver() as place:
            yield place

    @pytest.fixture
    def account(self, place: Receiver) -> Account:
        """An account with every secret that it may have."""
        secrets = {"secret": lambda: place.signing, "token": lambda: place.secret, "url": lambda: f"{place.url}/hook/planted-path-s3cr3t"}
        return Account("hook", "webhook", options={"internal": True}, secrets=secrets)


class TestFolder(PublisherContract):
    """A folder on disk."""

    not_applicable = {12: "a folder has no threads"}

    @pytest.fixture
    def place(self, tmp_path: Path) -> FolderPlace:
        """A folder that does not exist yet."""
        return FolderPlace(tmp_path / "out")

    @pytest.fixture
    def account(self, place: FolderPlace) -> Account:
        """An account that writes there."""
        return Account("posts", "folder", options={"path": str(place.root)})


class TestConsole(PublisherContract):
    """A terminal."""

    not_applicable = {3: "a terminal shows no pictures", 7: "what was printed twice stands twice", 12: "a terminal has no threads"}

    @pytest.fixture
    def place(self, capsys: pytest.CaptureFixture[str]) -> Terminal:
        """What this test prints."""
        return Terminal(capsys)

    @pytest.fixture
    def account(self) -> Account:
        """An account without options."""
        return Account("screen", "console")
