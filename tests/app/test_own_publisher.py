"""A publisher of one's own, in a project: reached inside a private network where its account says so, and not called good unseen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoalert.app.accounts import ready_accounts
from geoalert.cli import main
from geoalert.clock import system_clock
from geoalert.config import read_project
from geoalert.errors import Rejected
from geoalert.publishing import Post
from geoalert.testing import Arrived, Asked, HttpPlace, Reply

PROJECT = """\
format = 1
agency = "Example Police"
time_zone = "America/Toronto"
languages = ["en"]
profile = "canada-police"

[accounts.posts]
publisher = "folder"
path = "out"

[accounts.north]
publisher = "notices"
url = "{url}"
"""
PUBLISHER = """\
from geoalert.publishing import Capabilities, Publisher, Receipt


class Notices(Publisher):
    name = "notices"
    capabilities = Capabilities()
    options = {"url": "address of the board"}

    def publish(self, post, *, key, steps):
        self.http.request("PUT", f"{self.account.option('url', str)}/{key}", body={"text": post.text}).require()
        return Receipt(publisher=self.name, account=self.account.name, id=key, at=self.clock())
"""
POST = Post(channel="north", account="north", address="", text="Gas leak.", language="en")


class Board(HttpPlace):
    """Keeps what is put; asks for no token."""

    secret = ""

    def answer(self, asked: Asked) -> Reply:
        """Takes one notice."""
        return Reply({"id": self.keep(asked.path, Arrived(asked.json()["text"]))})


@pytest.fixture
def board() -> Iterator[Board]:
    """A board on this machine."""
    with Board() as board:
        yield board


@pytest.fixture
def project(tmp_path: Path, board: Board, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the publisher's package installed beside it."""
    packed = tmp_path / "site" / "example_notices-1.dist-info"
    packed.mkdir(parents=True)
    (packed / "METADATA").write_text("Metadata-Version: 2.1\nName: example-notices\nVersion: 1\n")
    (packed / "entry_points.txt").write_text("[geoalert.publishers]\nnotices = example_notices:Notices\n")
    (packed.parent / "example_notices.py").write_text(PUBLISHER)
    monkeypatch.syspath_prepend(packed.parent)
    (tmp_path / "geoalert.toml").write_text(PROJECT.format(url=board.url))
    return tmp_path


def say(project: Path, line: str) -> None:
    """Adds an option to the board's account."""
    with (project / "geoalert.toml").open("a") as file:
        file.write(f"{line}\n")


def checked(project: Path) -> dict[str, dict[str, object]]:
    """What `accounts check` finds, by account."""
    done = CliRunner().invoke(main, ["accounts", "check", "--json", "--project", str(project)])
    return {each["name"]: each for each in json.loads(done.stdout)["accounts"]}


def test_internal_is_an_option_of_every_account(project: Path, board: Board) -> None:
    """The publisher neither names it nor passes it on, and its post arrives."""
    say(project, "internal = true")
    ready = ready_accounts(read_project(project / "geoalert.toml").accounts, clock=system_clock)["north"]

    receipt = ready.publisher.publish(POST, key="K1", steps={})

    assert (receipt.id, [notice.text for notice in board.standing()]) == ("K1", ["Gas leak."])


def test_without_it_nothing_goes_into_the_network(project: Path, board: Board) -> None:
    """Refused before a byte leaves, as at any account."""
    ready = ready_accounts(read_project(project / "geoalert.toml").accounts, clock=system_clock)["north"]

    with pytest.raises(Rejected) as caught:
        ready.publisher.publish(POST, key="K1", steps={})

    assert (caught.value.code, board.touched()) == ("address_refused", 0)


def test_a_value_that_is_neither_true_nor_false_is_refused(project: Path) -> None:
    """Nothing that looks like yes is guessed."""
    say(project, 'internal = "yes"')

    found = checked(project)["north"]

    assert found["code"] == "invalid_account"
    assert "accounts.north.internal" in str(found["told"])


def test_a_publisher_without_a_check_is_not_called_good(project: Path) -> None:
    """It cannot be checked, in both commands; one that has a check is good."""
    found = checked(project)
    everything = json.loads(CliRunner().invoke(main, ["check", "--json", "--project", str(project)]).stdout)["checks"]
    told = {each["code"]: each for each in everything if str(each["where"]).startswith("account ")}

    assert (found["north"]["code"], found["north"]["checked"], found["posts"]["checked"]) == (None, False, True)
    assert str(found["north"]["told"]).startswith("cannot be checked")
    assert str(found["posts"]["told"]).startswith("good")
    assert (told["account"]["where"], told["account_not_checked"]["where"]) == ("account posts", "account north")
