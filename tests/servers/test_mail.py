"""Mail through Postfix into a mailbox that Dovecot shows: what people would read, judged by a reader's own means."""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.policy import default

import pytest

from geoalert.errors import NotSent, Rejected
from geoalert.publishers.email import EmailPublisher
from geoalert.publishing import Account, Post
from geoalert.testing import image
from tests.publishers.mail_place import PASSWORD, read_mail
from tests.servers.mail import READER, SENDER, MailServers, mail_servers

TEXT = "Ünïcode ✓ 北京 <b>&amp;\n.a dot first\n\nFrom here @everyone\n" + "a long line " * 120 + "end"


@pytest.fixture(scope="module")
def servers() -> Iterator[MailServers]:
    """Postfix and Dovecot, once for this file."""
    with mail_servers() as servers:
        yield servers


@pytest.fixture
def publisher(servers: MailServers) -> EmailPublisher:
    """An account that logs in over STARTTLS."""
    return EmailPublisher(account(servers, PASSWORD))


def account(servers: MailServers, password: str) -> Account:
    """Returns the account with this password."""
    options = {
        "host": "127.0.0.1",
        "port": servers.smtp_port,
        "from": f"Hamilton Exämple Police <{SENDER}>",
        "ca_path": str(servers.trusted),
    }
    options |= {"unsubscribe_url": "https://police.example/leave?c={channel}"}
    return Account("mail", "email", options=options, secrets={"password": lambda: password})


def post(text: str = TEXT, **changes: object) -> Post:
    """Returns a post to the reader."""
    made = Post(
        channel="ed-bia", account="mail", address=READER, text=text, language="fr", title="EXERCISE - Ünïcode title " + "long " * 20
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def key(number: int) -> str:
    """Returns a key of its own for each test and run, for the mailbox is the same."""
    return f"{number:02}{datetime.now(UTC):%H%M%S%f}".ljust(26, "A")


def test_what_was_sent_is_what_is_read(publisher: EmailPublisher, servers: MailServers) -> None:
    """Text, HTML, every picture with its alternative text, title, link, language and the ways to leave."""
    sent = post(media=(image(1), image(2)), link="https://police.example/news?a=1&b=2")

    receipt = publisher.publish(sent, key=key(1), steps={})

    content = servers.read(receipt.id)
    arrived, mail = read_mail(content), email.message_from_bytes(content, policy=default)
    assert arrived.text == f"{TEXT}\n\n{sent.link}"
    assert (arrived.title, arrived.link) == (sent.title, sent.link)
    assert arrived.images == tuple((item.content, item.alt) for item in sent.media)
    assert (mail["From"], mail["To"], mail["Content-Language"]) == (f"Hamilton Exämple Police <{SENDER}>", READER, "fr")
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (
        "<https://police.example/leave?c=ed-bia>",
        "List-Unsubscribe=One-Click",
    )
    assert mail["Auto-Submitted"] == "auto-generated"
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    page = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "&lt;b&gt;&amp;amp;<br>" in page
    assert "Ünïcode ✓ 北京" in page


def test_an_update_stands_in_the_thread_of_its_original(publisher: EmailPublisher, servers: MailServers) -> None:
    """A reader's search for replies finds it, and a third names both before it."""
    first = publisher.publish(post("First."), key=key(2), steps={})
    second = publisher.publish(post("Second.", reply_to=first), key=key(3), steps={})
    third = publisher.publish(post("Third.", reply_to=second), key=key(4), steps={})

    servers.read(second.id)
    mail = email.message_from_bytes(servers.read(third.id), policy=default)
    assert [read_mail(found).text for found in servers.search("In-Reply-To", f"<{first.id}>")] == ["Second."]
    assert mail["References"].split() == [f"<{first.id}>", f"<{second.id}>"]


def test_one_message_id_for_every_try(publisher: EmailPublisher, servers: MailServers) -> None:
    """A second try is the same mail to whoever looks for doubles."""
    name = key(5)

    receipts = [publisher.publish(post("Once."), key=name, steps={}) for _ in range(2)]

    assert receipts[0].id == receipts[1].id


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({"address": "nobody@bia.example"}, Rejected, "refused_by_server"),
        ({"address": "later@bia.example"}, NotSent, "deferred"),
        ({"address": "someone@elsewhere.example"}, Rejected, "refused_by_server"),
        ({"media": (image(1, size_bytes=1_200_000),)}, Rejected, "media_too_large"),
    ],
)
def test_a_refusal_is_told_by_its_class(publisher: EmailPublisher, changes: dict[str, object], kind: type[Exception], code: str) -> None:
    """Nobody of that name, greylisted, too large; the next mail goes through all the same."""
    with pytest.raises(kind) as caught:
        publisher.publish(post("No.", **changes), key=key(6), steps={})

    assert getattr(caught.value, "code", None) == code
    assert publisher.publish(post("Yes."), key=key(7), steps={}).raw["status"] == "2.0.0"


def test_a_wrong_password_is_refused_and_not_told(servers: MailServers) -> None:
    """The check says so before any mail does."""
    publisher = EmailPublisher(account(servers, "wrong-s3cr3t"))

    with pytest.raises(Rejected) as caught:
        publisher.check()

    assert caught.value.code == "credentials_refused"
    assert "wrong-s3cr3t" not in str(caught.value)


def test_a_good_account_checks_without_a_mail(publisher: EmailPublisher) -> None:
    """Connection, certificate and login."""
    assert publisher.check() is None


def test_many_mails_go_over_one_connection(publisher: EmailPublisher, servers: MailServers) -> None:
    """The connection is kept from mail to mail, and all of them arrive."""
    receipts = [publisher.publish(post(f"Mail {number}."), key=key(10 + number), steps={}) for number in range(20)]

    assert [read_mail(servers.read(receipt.id)).text for receipt in receipts] == [f"Mail {number}." for number in range(20)]
