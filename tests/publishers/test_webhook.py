"""The `webhook` publisher: its signature, its events, and what it takes for an answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from geoalert.clock import Clock
from geoalert.errors import ConfigurationError, OutcomeUnknown, Rejected
from geoalert.http import Http
from geoalert.publishers.webhook import WebhookPublisher, event_body, sign
from geoalert.publishing import Account, Post
from geoalert.testing import Asked, Reply, Watched, image
from tests.publishers.places import WEBHOOK_SECRET, Receiver

POST = Post(channel="ed-bia", account="hook", address="desk", text="Ünïcode", language="en", title="T", lon=-79.4, lat=43.6)


class Answering(Receiver):
    """A receiver whose answer a test decides, also to one that it does not know."""

    secret = ""
    reply = Reply({})

    def answer(self, asked: Asked) -> Reply:
        """Gives the answer that was set."""
        return self.reply


@pytest.fixture
def receiver() -> Iterator[Answering]:
    """A receiver on this machine."""
    with Answering() as receiver:
        yield receiver


@pytest.fixture
def make(receiver: Answering, clock: Clock) -> Callable[..., WebhookPublisher]:
    """Makes a publisher, of the right account or with something changed."""

    def made(http: Any = None, secret: str = receiver.signing, **options: Any) -> WebhookPublisher:
        account = Account("hook", "webhook", options={"url": receiver.url, "internal": True} | options, secrets={"secret": lambda: secret})
        return WebhookPublisher(account, http=http or Watched(), clock=clock)

    return made


def test_signature_is_that_of_the_published_example() -> None:
    """Standard Webhooks 1.0, the known answer that its libraries are tested with."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    signature = sign([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_is_being_changed_signs_twice(make: Callable[..., WebhookPublisher], receiver: Answering) -> None:
    """Receivers that know the old one and those that know the new one both accept it."""
    new = "whsec_" + base64.b64encode(b"another secret of thirty-two b..").decode()

    make(secret=f"{new} {receiver.signing}").publish(POST, key="K1", steps={})

    signatures = receiver.asked[0].headers["webhook-signature"].split()
    assert len(signatures) == 2
    assert receiver._signed(receiver.asked[0])


@pytest.mark.parametrize("secret", ["whsec_====", "whsec_c2hvcnQ=", "not base64 !!", f"whsec_{WEBHOOK_SECRET} short"])
def test_a_weak_secret_is_refused_before_anything_is_sent(make: Callable[..., WebhookPublisher], receiver: Answering, secret: str) -> None:
    """24 bytes or more, in base64; the error does not show it."""
    with pytest.raises(ConfigurationError) as caught:
        make(secret=secret).publish(POST, key="K1", steps={})

    assert caught.value.code == "invalid_account"
    assert secret not in str(caught.value)
    assert receiver.asked == []


def test_event_is_the_same_for_every_try(make: Callable[..., WebhookPublisher], receiver: Answering) -> None:
    """Key, id and body do not change, so that a receiver knows a repeat."""
    publisher = make()

    for _ in range(2):
        publisher.publish(replace(POST, media=(image(),)), key="K1", steps={})

    first, second = receiver.asked
    assert first.body == second.body == event_body("post.published", "K1", "K1", replace(POST, media=(image(),)))
    assert {asked.headers[name] for asked in (first, second) for name in ("webhook-id", "idempotency-key")} == {"K1"}
    assert first.headers["webhook-timestamp"] == "1804885200"


def test_event_says_everything(make: Callable[..., WebhookPublisher], receiver: Answering) -> None:
    """The documented fields, and no other."""
    publisher = make()
    receipt = publisher.publish(POST, key="K1", steps={})
    publisher.replace(receipt, replace(POST, text="new", reply_to=receipt), key="K2")
    publisher.recall(receipt, key="K3")
    publisher.check()

    events = [json.loads(asked.body) for asked in receiver.asked]
    assert [(event["type"], event["data"]["id"]) for event in events] == [
        ("post.published", "K1"),
        ("post.updated", "K1"),
        ("post.recalled", "K1"),
        ("account.checked", "account"),
    ]
    assert events[0]["data"] == {
        "id": "K1",
        "key": "K1",
        "channel": "ed-bia",
        "address": "desk",
        "title": "T",
        "text": "Ünïcode",
        "language": "en",
        "link": None,
        "lon": -79.4,
        "lat": 43.6,
        "in_reply_to": None,
        "media": [],
    }
    assert events[1]["data"]["in_reply_to"] == "K1"
    assert events[2]["data"] == {"id": "K1", "key": "K3"}


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (Reply(b"", 204), None),
        (Reply(b"ok", media_type="text/plain; charset=utf-8"), None),
        (Reply(["a", "list"]), None),
        (Reply({"url": 5}), None),
        (Reply({"url": "https://receiver.example/1"}), "https://receiver.example/1"),
        (Reply({"url": "javascript:alert(1)"}), None),
        (Reply({"url": "https://receiver.example/" + "x" * 5000}), None),
        (Reply({"url": f"https://receiver.example/{Receiver.signing}"}), None),
    ],
)
def test_what_counts_as_an_answer(make: Callable[..., WebhookPublisher], receiver: Answering, reply: Reply, kept: str | None) -> None:
    """Nothing, plain text or JSON; a link is kept where it is one and holds no secret."""
    receiver.reply = reply

    assert make().publish(POST, key="K1", steps={}).url == kept


@pytest.mark.parametrize(
    "reply", [Reply(b"<html>log in</html>", media_type="text/html"), Reply(b"{broken"), Reply(b"\x00\x01", media_type="")]
)
def test_what_does_not(make: Callable[..., WebhookPublisher], receiver: Answering, reply: Reply) -> None:
    """A page of HTML comes from something that stands in front of the receiver."""
    receiver.reply = reply

    with pytest.raises(OutcomeUnknown) as caught:
        make().publish(POST, key="K1", steps={})

    assert caught.value.code == "broken_reply"


def test_an_address_inside_has_to_be_meant(make: Callable[..., WebhookPublisher], receiver: Answering) -> None:
    """Without `internal = true` nothing is sent into the network."""
    with pytest.raises(Rejected) as caught:
        make(http=Http(), internal=False, url=receiver.url.replace("http:", "https:")).publish(POST, key="K1", steps={})
    assert (caught.value.code, receiver.asked) == ("address_refused", [])

    make(http=Http()).publish(POST, key="K1", steps={})
    assert len(receiver.asked) == 1


@pytest.mark.parametrize(
    ("options", "secrets", "field"),
    [
        ({}, {"secret": "x"}, "accounts.hook.url"),
        ({"url": "https://receiver.example"}, {}, "accounts.hook.secret"),
        ({"url": "http://receiver.example"}, {"secret": "x"}, "accounts.hook.url"),
        ({"url": "receiver.example/https://"}, {"secret": "x"}, "accounts.hook.url"),
        ({"url": "https://receiver.example", "internal": "yes"}, {"secret": "x"}, "accounts.hook.internal"),
    ],
)
def test_an_account_that_lacks_something_says_so_when_it_is_made(options: dict[str, Any], secrets: dict[str, str], field: str) -> None:
    """Not at the first post."""
    with pytest.raises(ConfigurationError) as caught:
        WebhookPublisher(Account("hook", "webhook", options=options, secrets={name: lambda: "x" for name in secrets}))

    assert caught.value.field == field


@pytest.mark.parametrize("verb", ["publish", "check"])
def test_a_secret_address_in_the_clear_is_refused_before_anything_is_sent(clock: Clock, receiver: Answering, verb: str) -> None:
    """Known only once it is revealed, and not shown by the error."""
    url = f"{receiver.url}/planted-path"
    account = Account("hook", "webhook", secrets={"url": lambda: url, "secret": lambda: receiver.signing, "token": lambda: "t0k3n"})
    publisher = WebhookPublisher(account, http=Watched(), clock=clock)

    with pytest.raises(ConfigurationError) as caught:
        publisher.check() if verb == "check" else publisher.publish(POST, key="K1", steps={})

    assert (caught.value.code, caught.value.field, receiver.asked) == ("invalid_account", "accounts.hook.url", [])
    assert "planted-path" not in str(caught.value)
