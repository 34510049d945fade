"""The record's copies: every entry, in order, at least once, and never in the way of sending."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoalert.app.copying import copied, copy_record
from geoalert.config import LogCopy
from geoalert.errors import ConfigurationError
from geoalert.evidence import LogCopies
from geoalert.outbox import ZEROS, Entry, Event, SqliteOutbox
from geoalert.outbox.chain import chain_hash, entry_digest
from tests.app.project import PROJECT, START
from tests.evidence.alerts import SURNAME, desk_at, told

REASON = "the reason somebody typed"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    """A ledger with three entries."""
    ledger = SqliteOutbox(tmp_path / "outbox.sqlite")
    add(ledger, 3)
    yield ledger
    ledger.close()


def add(ledger: SqliteOutbox, count: int) -> None:
    """Entries with words that people typed."""
    ledger.record([Event("held", {"reason": REASON, "through": number}, alert="S1", actor="m.roy") for number in range(count)], at=START)


def seqs(text: str) -> list[int]:
    """Numbers of the entries in a copy."""
    return [json.loads(line)["seq"] for line in text.splitlines()]


def test_a_file_gets_each_entry_once_and_can_be_moved_away(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """Rotation by renaming needs no signal; what comes after is in a new file of mode 0600."""
    file = tmp_path / "logs" / "geoalert.jsonl"
    copies = LogCopies(outbox, state=tmp_path, file=file)

    assert copies.run() == ()
    assert copies.run() == ()
    file.rename(tmp_path / "logs" / "old.jsonl")
    add(outbox, 2)
    assert copies.run() == ()

    assert seqs((tmp_path / "logs" / "old.jsonl").read_text()) == [1, 2, 3]
    assert seqs(file.read_text()) == [4, 5]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_copy_proves_itself_and_holds_nothing_that_people_typed(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """Each line's header gives its digest, and the digests give the chain."""
    LogCopies(outbox, state=tmp_path, file=tmp_path / "copy.jsonl").run()
    prev = ZEROS

    for line in (tmp_path / "copy.jsonl").read_text().splitlines():
        told = json.loads(line)
        names = ("seq", "at", "kind", "sender", "alert", "revision", "actor", "role", "body_digest")
        assert entry_digest(**{name: told[name] for name in names}) == told["entry_digest"]
        prev = chain_hash(prev, told["entry_digest"])
        assert told["hash"] == prev
        assert set(told["told"]) == {"through"}
    assert REASON not in (tmp_path / "copy.jsonl").read_text()


def test_a_line_torn_by_a_crash_is_ended_and_written_again(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """At least once: the mark is set after the file is synced."""
    file = tmp_path / "copy.jsonl"
    file.write_text('{"seq":1,"at"')

    LogCopies(outbox, state=tmp_path, file=file).run()

    assert file.read_text().splitlines()[0] == '{"seq":1,"at"'
    assert seqs("\n".join(file.read_text().splitlines()[1:])) == [1, 2, 3]


def received(opened: socket.socket, count: int) -> list[bytes]:
    """So many datagrams, in the order they came."""
    opened.settimeout(5)
    return [opened.recv(65_536) for _ in range(count)]


def test_a_syslog_over_udp_gets_rfc_5424(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """Priority, version, time, host, program and kind, then the line; a socket on loopback hears it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        copies = LogCopies(outbox, state=tmp_path, syslog=("127.0.0.1", there.getsockname()[1]))

        assert copies.run() == ()
        heard = received(there, 3)
        add(outbox, 1)
        assert copies.run() == ()
        last = received(there, 1)[0]

    head, brace, rest = last.partition(b"{")
    words = head.decode().split(" ")
    assert words[0] == "<109>1"
    assert words[1] == "2027-03-13T02:00:00.000000Z"
    assert words[3:] == ["geoalert", "-", "held", "-", ""]
    assert [json.loads(each[each.index(b"{") :])["seq"] for each in heard] == [1, 2, 3]
    assert json.loads(brace + rest)["seq"] == 4


def test_a_syslog_in_a_unix_socket_gets_the_same(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """As /dev/log takes it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
        there.bind(str(tmp_path / "log"))

        assert LogCopies(outbox, state=tmp_path, syslog=tmp_path / "log").run() == ()
        assert [json.loads(each[each.index(b"{") :])["seq"] for each in received(there, 3)] == [1, 2, 3]


def test_a_dead_syslog_is_a_finding_and_everything_arrives_once_it_is_back(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """The file beside it is written all the same; the port is told of, and how far it came."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        port = there.getsockname()[1]
    copies = LogCopies(outbox, state=tmp_path, file=tmp_path / "copy.jsonl", syslog=("127.0.0.1", port))

    first = copies.run()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", port))
        again = copies.run()
        heard = received(there, 3)

    assert [(found.level, found.code) for found in first] == [("warn", "log_not_copied")]
    assert f"127.0.0.1:{port}: entry 1 and what follows" in first[0].text
    assert again == ()
    assert len(heard) == 3
    assert seqs((tmp_path / "copy.jsonl").read_text()) == [1, 2, 3]


@pytest.mark.parametrize("syslog", [Path("/nonexistent/log"), ("host.invalid.example", 514)])
def test_a_syslog_that_is_not_there_never_raises(
    outbox: SqliteOutbox, tmp_path: Path, syslog: Path | tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No socket, no name: a finding each."""

    def nowhere(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)

    assert [found.code for found in LogCopies(outbox, state=tmp_path, syslog=syslog).run()] == ["log_not_copied"]


def test_a_file_that_cannot_be_written_never_raises(outbox: SqliteOutbox, tmp_path: Path) -> None:
    """A folder stands in its place."""
    (tmp_path / "copy.jsonl").mkdir()

    assert [found.code for found in LogCopies(outbox, state=tmp_path, file=tmp_path / "copy.jsonl").run()] == ["log_not_copied"]


def test_several_at_once_copy_each_entry_once_and_in_order(tmp_path: Path) -> None:
    """Whoever finds another one copying leaves it to it."""
    add(SqliteOutbox(tmp_path / "outbox.sqlite"), 1200)
    file = tmp_path / "copy.jsonl"

    def copy() -> None:
        ledger = SqliteOutbox(tmp_path / "outbox.sqlite")
        LogCopies(ledger, state=tmp_path, file=file).run(most_s=30)
        ledger.close()

    threads = [threading.Thread(target=copy) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seqs(file.read_text()) == list(range(1, 1201))


def test_an_entry_too_long_for_a_datagram_goes_without_what_it_tells() -> None:
    """Header and digests still arrive."""
    from geoalert.evidence.copying import MOST_BYTES, syslog_of

    entry = Entry(
        1,
        "2027-03-13T02:00:00.000000Z",
        "attempt",
        "A",
        "S1",
        1,
        "system",
        None,
        {"key": "x" * MOST_BYTES},
        "00",
        "1" * 64,
        "2" * 64,
        "3" * 64,
    )

    made = syslog_of(entry, "host")

    assert len(made) < MOST_BYTES
    assert json.loads(made[made.index(b"{") :])["hash"] == "3" * 64


WITH_LOG = PROJECT.replace(
    "[layers.division]", '[log]\nfile = "logs/geoalert.jsonl"\nsyslog = "unix:/nonexistent/log"\n\n[layers.division]'
)


def test_a_desk_copies_when_it_is_closed_and_sends_though_the_syslog_is_dead(tmp_path: Path) -> None:
    """Everything of an evening is in the file; no name of the suspect and nothing typed is."""
    desk_at(tmp_path, project=WITH_LOG).close()

    told(tmp_path).close()
    text = (tmp_path / "logs/geoalert.jsonl").read_text()

    assert seqs(text) == list(range(1, 10))
    assert SURNAME not in text
    assert "armed and not found" not in text


def test_a_worker_copies_beside_its_work(tmp_path: Path) -> None:
    """An entry written while it works is copied before it ends."""
    desk = desk_at(tmp_path, project=WITH_LOG)
    with copied(desk):
        desk.outbox.record([Event("held", {"reason": REASON, "through": None}, alert="S1")], at=START)
        ends = time.monotonic() + 5
        while not (tmp_path / "logs/geoalert.jsonl").exists() and time.monotonic() < ends:
            threading.Event().wait(0.05)
        seen = (tmp_path / "logs/geoalert.jsonl").exists()

    assert seen
    assert [found.code for found in copy_record(desk)] == ["log_not_copied"]
    desk.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [("udp://127.0.0.1:514", ("127.0.0.1", 514)), ("siem.example:514", ("siem.example", 514)), ("udp://[::1]:514", ("::1", 514)),
     ("unix:/dev/log", Path("/dev/log")), ("/dev/log", Path("/dev/log"))],
)  # fmt: skip
def test_addresses_of_a_syslog(text: str, address: object) -> None:
    """Host and port, or a socket's path."""
    assert LogCopy(syslog=text).syslog_at == address


@pytest.mark.parametrize(
    "text", ["", "siem.example", "siem.example:0", "siem.example:99999", "udp:///dev/log", "tcp://a:514", "unix:log", ":514"]
)
def test_other_addresses_are_refused(text: str) -> None:
    """When geoalert.toml is read."""
    with pytest.raises(ConfigurationError) as caught:
        LogCopy(syslog=text)

    assert caught.value.code == "invalid_value"
