"""The place itself: what it keeps, and that its faults are real."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from geoalert.errors import NotSent, OutcomeUnknown, PublishError, Rejected
from geoalert.http import Http
from geoalert.testing import Arrived, Asked, HttpPlace, Reply, Watched


class Board(HttpPlace):
    """Keeps what is put."""

    secret = "x"

    def answer(self, asked: Asked) -> Reply:
        """Keeps the body under the address."""
        return Reply({"id": self.keep(asked.path, Arrived(asked.body.decode()))})


@pytest.fixture
def board() -> Iterator[Board]:
    """A board on this machine."""
    with Board() as board:
        yield board


def put(board: Board, text: str, http: Http | Watched | None = None) -> object:
    """Puts a notice and insists on success."""
    room = http or Http()
    headers = {"Authorization": "Bearer x"}
    return room.request("PUT", f"{board.url}/n", headers=headers, body=text, timeout_s=0.3, internal=True).require().json()


def test_it_keeps_what_came_once_under_a_key(board: Board) -> None:
    """A repeat changes nothing; change and remove do."""
    put(board, "one"), put(board, "two")
    assert board.standing() == [Arrived("one")]

    board.change("/n", Arrived("three"))
    assert board.standing() == [Arrived("three")]
    assert (board.remove("/n"), board.remove("/n")) == (True, False)


def test_half_a_request_does_nothing(board: Board) -> None:
    """A client that dies while it writes has asked for nothing, as at any real place."""
    with socket.create_connection(("127.0.0.1", board.port)) as client:
        client.sendall(b"PUT /n HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        client.shutdown(socket.SHUT_WR)
        answered = client.recv(100)

    assert (answered, list(board.standing()), board.touched()) == (b"", [], 0)


@pytest.mark.parametrize("name", sorted(set(HttpPlace.faults) - {"tls"}))
def test_each_fault_is_what_it_says_and_ends(board: Board, name: str) -> None:
    """The room for HTTP itself gives each its class, with a kept connection and without, and the next request goes well."""
    http = Http()
    put(board, "before", http)

    for room in (http, Http()):
        with board.fault(name), pytest.raises(HttpPlace.faults[name].kinds):
            put(board, "x", room)

    put(board, "after", http)
    assert board.strays == []


def test_a_lost_answer_leaves_its_work_done(board: Board) -> None:
    """`done` says that only the answer is lost."""
    with board.fault("hang_up", done=True), pytest.raises(OutcomeUnknown):
        put(board, "there")

    assert board.standing() == [Arrived("there")]


def test_refused_is_refused_by_the_system(board: Board) -> None:
    """Nobody listens at the port; afterwards the same port is back."""
    with board.fault("refused"), pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", board.port), 1):
        pass

    put(board, "back")


def test_an_unknown_fault_is_a_mistake(board: Board) -> None:
    """A slip of the pen does not pass for a test."""
    with pytest.raises(KeyError), board.fault("on fire"):
        pass


def test_watched_speaks_tls_when_told(board: Board) -> None:
    """The place does not, so the handshake fails for real."""
    http = Watched()
    http.tls = True

    with pytest.raises(PublishError) as caught:
        put(board, "x", http)

    assert (type(caught.value), caught.value.code, board.asked) == (NotSent, "tls_failed", [])


@pytest.mark.parametrize("timeout_s", [0, -1, float("inf"), None])
def test_watched_wants_a_timeout_that_ends(board: Board, timeout_s: float) -> None:
    """A publisher that would wait for ever is told so."""
    with pytest.raises(AssertionError, match="timeout"):
        Watched().request("GET", board.url, timeout_s=timeout_s)


def test_an_echo_repeats_the_credentials(board: Board) -> None:
    """It tempts a publisher to tell them on."""
    with board.fault("echo"):
        answer = Http().request("PUT", board.url, headers={"Authorization": "Bearer x"}, body=b"text", internal=True)

    assert "Bearer x" in answer.text()
    with pytest.raises(Rejected):
        answer.require()
