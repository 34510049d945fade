"""The `email` publisher: what its accounts may say, what its mails hold, and when nobody knows."""

from __future__ import annotations

import base64
import email
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.policy import default
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from geoalert.clock import Clock
from geoalert.errors import ConfigurationError, NotSent, OutcomeUnknown, Rejected
from geoalert.publishers.email import EmailPublisher
from geoalert.publishers.letter import Sender, read_sender, references, write_letter
from geoalert.publishing import Account, Post, Receipt
from tests.publishers.mail_place import PASSWORD, MailPlace, certificate

POST = Post(channel="ed-bia", account="mail", address="desk@bia.example", text="Text.", language="en", title="Title")
OPTIONS = {"host": "localhost", "from": "alerts@police.example"}


def made(*, secrets: dict[str, str] | None = None, **options: Any) -> EmailPublisher:
    """Returns a publisher with these options beside the least."""
    revealing = {name: (lambda value=value: value) for name, value in (secrets or {}).items()}  # type: ignore[misc]
    given = {name: value for name, value in (OPTIONS | options).items() if value is not None}
    return EmailPublisher(Account("mail", "email", options=given, secrets=revealing))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"host": None}, "host"),
        ({"from": None}, "from"),
        ({"from": "nobody"}, "from"),
        ({"from": "a@b.example, c@d.example"}, "from"),
        ({"from": "A\r\nBcc: x@y.example <a@b.example>"}, "from"),
        ({"tls": "ssl"}, "tls"),
        ({"tls": "none", "host": "mail.example"}, "tls"),
        ({"from": "=?utf-8?q?A=0D=0ABcc:_x@y.example?= <a@b.example>"}, "from"),
        ({"port": 0}, "port"),
        ({"port": True}, "port"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": "30"}, "timeout_s"),
        ({"unsubscribe_url": "http://police.example/leave"}, "unsubscribe_url"),
        ({"unsubscribe_url": "https://police.example/leave>, <x"}, "unsubscribe_url"),
        ({"unsubscribe_mail": "leave"}, "unsubscribe_mail"),
    ],
)
def test_an_option_that_cannot_be_is_refused_when_the_account_is_made(options: dict[str, Any], field: str) -> None:
    """Each names itself."""
    with pytest.raises(ConfigurationError) as caught:
        made(**options)

    assert (caught.value.code, caught.value.field) == ("invalid_account", f"accounts.mail.{field}")


@pytest.mark.parametrize(
    "options", [{"tls": "none"}, {"tls": "none", "host": "127.0.0.1"}, {"tls": "none", "host": "mx.example", "internal": True}]
)
def test_mail_in_the_clear_only_where_nobody_listens(options: dict[str, Any]) -> None:
    """On this machine, or where the network is said to be one's own."""
    assert made(**options)


def test_a_mail_server_inside_has_to_be_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads into a private network is refused before anything is connected to."""
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 587))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: rows)

    with pytest.raises(Rejected) as caught:
        made(host="mx.example").publish(POST, key="K1", steps={})

    assert caught.value.code == "address_refused"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "Two\r\nBcc: everyone@bia.example"}, "header_refused"),
        ({"title": "Two\nlines"}, "header_refused"),
        ({"title": "A\x00B"}, "header_refused"),
        ({"link": "https://police.example/\r\nX-Evil: 1"}, "header_refused"),
        ({"language": "en\r\nX-Evil: 1"}, "header_refused"),
        ({"address": "a@b.example, c@d.example"}, "invalid_address"),
        ({"address": "a@b.example\r\nRCPT TO:<c@d.example>"}, "invalid_address"),
        ({"address": "a@b.example> SIZE=1 <x"}, "invalid_address"),
        ({"address": "desk"}, "invalid_address"),
        ({"address": "@b.example"}, "invalid_address"),
        ({"address": "a..b@c.example"}, "invalid_address"),
        ({"address": "ünï@c.example"}, "invalid_address"),
        ({"address": "=?utf-8?q?=0D=0ABcc=3A_x?=@c.example"}, "invalid_address"),
        ({"language": "=?utf-8?q?en=0D=0AX-Evil:_1?="}, "header_refused"),
        ({"language": "=?utf-8?q?en=0D=0A=0D=0AX-Evil:_1?="}, "header_refused"),
    ],
)
def test_nothing_breaks_out_of_a_header(changes: dict[str, Any], code: str) -> None:
    """Refused before anything is connected to."""
    with pytest.raises(Rejected) as caught:
        made().publish(replace(POST, **changes), key="K1", steps={})

    assert (caught.value.code, caught.value.channel) == (code, "ed-bia")


def letter(now: Any, post: Post = POST, **named: Any) -> Any:
    """Returns a mail, read back."""
    sender = Sender(read_sender('"Police, Example" <alerts@police.example>', field="from"))
    return email.message_from_bytes(write_letter(post, key="ABC", sender=sender, at=now, **named), policy=default)


@pytest.mark.parametrize(
    "written",
    [
        "Robbery =?utf-8?q?x=0D=0ABcc:_evil@x.example?=",
        "=?utf-8?q?=0D=0A=0D=0Ainjected_body?=",
        "=?utf-8?b?DQpCY2M6IGV2aWxAeC5leGFtcGxl?= ünï",
        "=?=?utf-8?q?a?=?utf-8?q?=0D=0ABcc:_x?= tail",
    ],
)
@pytest.mark.parametrize("titled", [True, False])
def test_an_encoded_word_is_text_like_any_other(now: Any, written: str, titled: bool) -> None:
    """The header holds the fields that were set and no other, and readers see the words as they were approved."""
    plain, read = letter(now), letter(now, replace(POST, title=written if titled else None, text="hi" if titled else written))

    assert read.keys() == plain.keys()
    assert read["Subject"] == written
    assert read.get_body(("plain",)).get_content().strip() == ("hi" if titled else written)


@pytest.mark.parametrize(
    "title", ["T", "word " * 39 + "end", "北京" * 90, "x" * 200, "ünï " + "a b  c " * 20 + "end", "a b  c " * 20 + "end"]
)
def test_a_subject_arrives_as_it_was_written(now: Any, title: str) -> None:
    """Short, long, in any letters, with every space."""
    assert letter(now, replace(POST, title=title))["Subject"] == title


def test_international_domains_are_written_for_every_server(now: Any) -> None:
    """The domain in its ASCII form, whatever the directory says."""
    assert letter(now, replace(POST, address="desk@bücher.example"))["To"] == "desk@xn--bcher-kva.example"


def test_a_post_without_a_title_is_called_by_its_first_line(now: Any) -> None:
    """Cut where it is long, on one line."""
    assert letter(now, replace(POST, title=None, text=f"\n  {'word ' * 60}\nmore"))["Subject"].endswith("…")


def test_the_sender_keeps_its_name(now: Any) -> None:
    """Commas and all."""
    assert letter(now)["From"].addresses[0].display_name == "Police, Example"


def test_a_thread_forgets_its_oldest(now: Any) -> None:
    """An endless thread leaves a header of fair length."""
    receipt = None
    for number in range(30):
        raw = {"references": list(references(receipt))}
        receipt = Receipt(publisher="email", account="mail", id=f"{number}@police.example", at=now, raw=raw)

    assert references(receipt)[-1] == "29@police.example"
    assert len(references(receipt)) == 20


def test_a_signed_mail_proves_itself_and_a_changed_one_does_not(clock: Clock, tmp_path: Path) -> None:
    """DKIM over the headers that must not change, checked with the public key as DNS would give it."""
    key = rsa.generate_private_key(65537, 2048)
    written = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    with MailPlace(tmp_path) as place:
        options = {"host": "127.0.0.1", "port": place.port, "user": "alerts", "ca_path": str(place.trusted), "dkim_selector": "s1"}
        options |= {"unsubscribe_url": "https://police.example/leave"}
        publisher = made(secrets={"dkim_key": written.decode(), "password": "planted-m4il-p4ssword"}, **options)
        publisher.publish(POST, key="K1", steps={})
        (mail,) = place.mails

    asked: list[bytes] = []

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    assert dkim.verify(mail, dnsfunc=look_up)
    assert asked == [b"s1._domainkey.police.example."]
    assert b"list-unsubscribe : list-unsubscribe-post" in mail.replace(b"\r\n ", b" ").replace(b"  ", b" ")
    assert not dkim.verify(mail.replace(b"Title", b"Other"), dnsfunc=look_up)


def test_a_key_that_cannot_sign_is_not_shown() -> None:
    """The error names the option alone."""
    with pytest.raises(ConfigurationError) as caught:
        made(secrets={"dkim_key": "s3cr3t-rubbish"}, dkim_selector="s1").publish(POST, key="K1", steps={})

    assert caught.value.code == "invalid_account"
    assert "s3cr3t" not in repr(caught.value) + str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


@contextmanager
def scripted(talk: Callable[[socket.socket, Any], None]) -> Iterator[int]:
    """Runs a server that says what the script says, over one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 mx.example\r\n")
                for answer in (b"250 mx.example\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 go on\r\n"):
                    lines.readline()
                    connection.sendall(answer)
                talk(connection, lines)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            thread.join(5)


def test_broken_off_before_the_dot_was_not_sent() -> None:
    """Half of a large mail is no mail (RFC 5321 section 4.1.1.4)."""
    with scripted(lambda connection, lines: lines.read(1000)) as port, pytest.raises(NotSent) as caught:
        made(host="127.0.0.1", port=port, tls="none", timeout_s=2).publish(replace(POST, text="x" * 6_000_000), key="K1", steps={})

    assert caught.value.code == "connection_broken"


@pytest.mark.parametrize(("fault", "whole_account"), [("MAIL 451", True), ("RCPT 450", False), ("DATA 451", False), ("RCPT 421", True)])
def test_a_mailbox_that_says_later_speaks_for_itself_alone(tmp_path: Path, fault: str, whole_account: bool) -> None:
    """What a server says to the recipient or the content is about this mail; to the sender, or hanging up, about them all."""
    with MailPlace(tmp_path) as place, place.fault(fault), pytest.raises(NotSent) as caught:
        made(
            host="127.0.0.1", port=place.port, tls="starttls", user="alerts", ca_path=str(place.trusted), secrets={"password": PASSWORD}
        ).publish(POST, key="K1", steps={})

    assert caught.value.whole_account is whole_account


def test_broken_off_after_the_dot_is_unknown() -> None:
    """The whole mail was there; the answer was not."""

    def take_all(connection: socket.socket, lines: Any) -> None:
        while lines.readline() != b".\r\n":
            pass

    with scripted(take_all) as port, pytest.raises(OutcomeUnknown) as caught:
        made(host="127.0.0.1", port=port, tls="none", timeout_s=2).publish(POST, key="K1", steps={})

    assert caught.value.code == "connection_broken"


def test_an_answer_that_trickles_in_is_not_waited_for() -> None:
    """The timeout is for the whole answer, not for each of its bytes."""
    done = threading.Event()

    def trickle(connection: socket.socket, lines: Any) -> None:
        while lines.readline() != b".\r\n":
            pass
        while not done.wait(0.02):
            connection.sendall(b"2")

    with scripted(trickle) as port:
        try:
            with pytest.raises(OutcomeUnknown):
                made(host="127.0.0.1", port=port, tls="none", timeout_s=0.3).publish(POST, key="K1", steps={})
        finally:
            done.set()


def test_a_kept_connection_that_was_closed_is_opened_again(tmp_path: Path) -> None:
    """The server hung up between two mails; nothing had left, so the second goes over a new one."""
    with MailPlace(tmp_path) as place:
        options = {"host": "127.0.0.1", "port": place.port, "user": "alerts", "ca_path": str(place.trusted)}
        publisher = made(secrets={"password": "planted-m4il-p4ssword"}, **options)
        publisher.publish(POST, key="K1", steps={})
        with place.fault("refused"):
            pass

        publisher.publish(POST, key="K2", steps={})

        assert len(place.mails) == 2


def test_a_line_of_one_dot_arrives(tmp_path: Path) -> None:
    """It would end the mail if it were not doubled on the way."""
    with MailPlace(tmp_path) as place:
        options = {"host": "127.0.0.1", "port": place.port, "user": "alerts", "ca_path": str(place.trusted)}
        made(secrets={"password": "planted-m4il-p4ssword"}, **options).publish(replace(POST, text="a\n.\n..\nb"), key="K1", steps={})

        assert place.standing()[0].text == "a\n.\n..\nb"


def test_implicit_tls_is_spoken_from_the_first_byte(tmp_path: Path) -> None:
    """As at port 465; the certificate is checked as with STARTTLS."""
    context, trusted = certificate(tmp_path / "tls")
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for _ in range(2):
                plain, _ = listening.accept()
                try:
                    with context.wrap_socket(plain, server_side=True) as connection, connection.makefile("rb") as lines:
                        connection.sendall(b"220 mx.example\r\n")
                        said.append(lines.readline())
                        connection.sendall(b"250 mx.example\r\n")
                except OSError:
                    plain.close()

        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        made(host="127.0.0.1", port=port, tls="implicit", ca_path=str(trusted)).check()
        with pytest.raises(NotSent) as caught:
            made(host="127.0.0.1", port=port, tls="implicit").check()
        thread.join(5)

    assert said == [b"ehlo police.example\r\n"]
    assert caught.value.code == "tls_failed"
    assert "ca_path" in str(caught.value.do)
