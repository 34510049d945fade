"""The publisher contract over `email`, against a mail server with TLS and a login."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geoalert.publishing import Account
from geoalert.testing import PublisherContract
from tests.publishers.mail_place import PASSWORD, USER, MailPlace


class TestEmail(PublisherContract):
    """Mail over SMTP with STARTTLS."""

    not_applicable = {7: "a mail server takes a second mail of one Message-ID, and nobody can look into the mailbox"}
    address = "desk@bia.example"

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[MailPlace]:
        """A mail server on this machine."""
        with MailPlace(tmp_path) as place:
            yield place

    @pytest.fixture
    def account(self, place: MailPlace) -> Account:
        """An account that logs in and waits briefly."""
        options = {"host": "127.0.0.1", "port": place.port, "from": "Hamilton Example Police <alerts@police.example>", "user": USER}
        options |= {"ca_path": str(place.trusted), "timeout_s": 0.5}
        return Account("mail", "email", options=options, secrets={"password": lambda: PASSWORD})
