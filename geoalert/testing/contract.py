"""The publisher contract as a test class; its numbers are those of docs/reference/publisher-contract.md."""

# ruff: noqa: S101
from __future__ import annotations

import base64
import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

import pytest

from geoalert.clock import fixed_clock
from geoalert.errors import ConfigurationError, OutcomeUnknown, PublishError, Rejected, Unsupported
from geoalert.publishing import RAW_LIMIT_BYTES, Account, Capabilities, Post, Publisher, Receipt
from geoalert.registry import load_publisher
from geoalert.rendering.mentions import inert
from geoalert.testing.place import Place, Watched, image
from geoalert.text import count

NEVER_EXCUSED = frozenset({1, 2, 4, 6, 9, 10, 11, 13})
AT = datetime(2027, 3, 12, 21, 0, tzinfo=UTC)
TEXTS = (
    "One plain line.",
    "Two lines,\nand a second.\n\nA new paragraph.",
    "Ünïcode ✓ 北京 العربية 👩‍👩‍👧‍👦 é",
    "<b>&amp; \"quotes\" 'too' \\back\\slash `code` *stars* _under_ [link](x) #hash $100 50% {{brace}} ~tilde~",
    ".a dot first\n..two dots\nFrom here\n> quoted",
    "A tip line: 416-555-0142, https://police.example/news?a=1&b=2#c",
)


class PublisherContract:
    """Thirteen promises of a publisher, each judged by what the other side has.

    A subclass gives two fixtures: `place`, the other side, and `account`, configured to reach it. The class is loaded by its entry point.

    Attributes:
        not_applicable: number -> why, for lack of a platform feature; only 3, 5, 7, 8 and 12, and only where the capabilities agree.
        address: of the channel that posts go to.
        texts: what has to arrive as it is; cut to the place's limit.
    """

    not_applicable: ClassVar[Mapping[int, str]] = {}
    address: ClassVar[str] = "channel-1"
    texts: ClassVar[tuple[str, ...]] = TEXTS

    @pytest.fixture
    def place(self) -> Place:
        """The other side; a subclass gives its own."""
        raise NotImplementedError("give the contract a fixture `place`")

    @pytest.fixture
    def account(self, place: Place) -> Account:
        """An account that reaches the place; a subclass gives its own."""
        raise NotImplementedError("give the contract a fixture `account`")

    @pytest.fixture
    def http(self) -> Watched:
        """The room for HTTP that publishers are handed."""
        return Watched()

    @pytest.fixture
    def make(self, account: Account, http: Watched) -> Callable[..., Publisher]:
        """Makes publishers, of the account or of another."""
        return lambda other=None: load_publisher(account.publisher)(other or account, http=http, clock=fixed_clock(AT))

    @pytest.fixture
    def publisher(self, make: Callable[..., Publisher]) -> Publisher:
        """The publisher under test."""
        return make()

    @pytest.fixture(autouse=True)
    def excused(self, request: pytest.FixtureRequest) -> None:
        """Skips a point that is declared not applicable, and refuses to skip one that must never be."""
        wrong = sorted(set(self.not_applicable) & NEVER_EXCUSED)
        assert not wrong, f"points {wrong} apply to every publisher"
        number = int(request.function.__name__.split("_")[2])
        if number in self.not_applicable:
            can: Capabilities = load_publisher(request.getfixturevalue("account").publisher).capabilities
            lacks = {3: True, 5: True, 7: not (can.idempotent or can.find), 8: True, 12: not can.threads}
            assert lacks[number], f"point {number} is declared not applicable, but the capabilities say otherwise"
            pytest.skip(self.not_applicable[number])

    def post(self, publisher: Publisher, text: str, /, **changes: Any) -> Post:
        """Returns a post as rendering would make it: with handles broken where the place reads them in plain text."""
        can = publisher.capabilities
        while can.text_limit is not None and count(text, can.text_unit) > can.text_limit:
            text = text[:-1]
        made = Post(
            channel="channel-1", account=publisher.account.name, address=self.address, text=inert(text, can), language="en", title=None
        )
        return replace(made, **{"title": "A title" if can.title else None} | changes)

    def test_point_01_name_and_capabilities(self, account: Account, publisher: Publisher) -> None:
        """The name equals its entry point, and capabilities are frozen."""
        found = type(publisher)

        assert found.name == account.publisher == publisher.name
        assert isinstance(found.capabilities, Capabilities)
        with pytest.raises(FrozenInstanceError):
            found.capabilities.text_limit = 1  # type: ignore[misc]
        assert isinstance(found.options, Mapping)

    def test_point_02_text_arrives(self, publisher: Publisher, place: Place) -> None:
        """The text received is the text of the post, and the receipt can be kept."""
        for number, text in enumerate(self.texts):
            post = self.post(publisher, text)
            receipt = publisher.publish(post, key=_key(number), steps={})

            arrived = place.standing()[-1]
            assert arrived.text == post.text
            assert arrived.title in (post.title, None) if not publisher.capabilities.title else arrived.title == post.title
            assert (receipt.publisher, receipt.account) == (publisher.name, publisher.account.name)
            assert Receipt.from_json(receipt.to_json()) == receipt
            assert len(str(dict(receipt.raw))) <= RAW_LIMIT_BYTES
        assert len(place.standing()) == len(self.texts)

    def test_point_03_images_arrive_in_one_post(self, publisher: Publisher, place: Place) -> None:
        """Several images and a text are one post, each with its alternative text."""
        can = publisher.capabilities
        media = tuple(image(number, media_type=can.media_types[0]) for number in range(1, min(can.media_count, 4) + 1))
        post = self.post(publisher, "With pictures.", media=media)

        publisher.publish(post, key=_key(3), steps={})

        (arrived,) = place.standing()
        assert arrived.text == post.text
        assert [content for content, _ in arrived.images] == [item.content for item in media]
        if can.alt_limit is not None:
            assert [alt for _, alt in arrived.images] == [item.alt for item in media]

    def test_point_04_limits_hold(self, publisher: Publisher, place: Place) -> None:
        """At each limit passes; one over is refused and nothing is asked."""
        can = publisher.capabilities
        fits, over = _at_limits(can)
        for number, changes in enumerate(fits):
            publisher.publish(self.post(publisher, "x", **changes), key=_key(40 + number), steps={})
        arrived, touched = len(place.standing()), place.touched()
        for number, changes in enumerate(over):
            with pytest.raises(Rejected):
                publisher.publish(self.post(publisher, "x", **changes), key=_key(60 + number), steps={})

        assert arrived == len(fits)
        assert (len(place.standing()), place.touched()) == (arrived, touched)

    def test_point_05_undeclared_media_type(self, publisher: Publisher, place: Place) -> None:
        """A kind of image that was not declared is refused and nothing is asked."""
        before = place.touched()

        with pytest.raises(Rejected):
            publisher.publish(self.post(publisher, "x", media=(image(media_type="image/x-unheard-of"),)), key=_key(5), steps={})

        assert (list(place.standing()), place.touched()) == ([], before)

    def test_point_06_each_failure_has_its_class(self, publisher: Publisher, place: Place, http: Watched) -> None:
        """Each fault of the place becomes the class that says whether to repeat, with the wait that was asked for."""
        wrong = []
        for number, (name, expected) in enumerate(place.faults.items()):
            post, key = self.post(publisher, "x"), _key(100 + number)
            found = _fails(partial(publisher.publish, post, key=key, steps={}), place, http, name)
            wait_s = getattr(found, "retry_after_s", None)
            if not isinstance(found, expected.kinds) or (expected.retry_after_s is not None and wait_s != expected.retry_after_s):
                wrong.append(f"{name}: {found!r}, wait {wait_s}; expected {' or '.join(kind.__name__ for kind in expected.kinds)}")
        publisher.publish(self.post(publisher, "well again"), key=_key(6), steps={})

        assert not wrong, "\n".join(wrong)
        assert place.standing()[-1].text == "well again"
        assert not getattr(place, "strays", [])

    def test_point_07_same_key_twice(self, publisher: Publisher, make: Callable[..., Publisher], place: Place) -> None:
        """The same key twice leaves one post, or `find` reports the first."""
        post = self.post(publisher, "Once.")
        first = publisher.publish(post, key=_key(7), steps={})
        again = make()

        if publisher.capabilities.find:
            found = again.find(post, key=_key(7), since=AT - timedelta(minutes=5))
            assert found is not None
            assert found.id == first.id
            with suppress(OutcomeUnknown):
                assert again.find(post, key=_key(8), since=AT - timedelta(minutes=5)) is None
        if publisher.capabilities.idempotent:
            assert again.publish(post, key=_key(7), steps={}).id == first.id
        assert len(place.standing()) == 1

    def test_point_08_recall(self, publisher: Publisher, make: Callable[..., Publisher], place: Place) -> None:
        """Recall removes, from the receipt alone; recalling twice is quiet; what is unsupported says so; an edit leaves one post."""
        post = self.post(publisher, "Before.")
        receipt = Receipt.from_json(publisher.publish(post, key=_key(8), steps={}).to_json())
        later = make()

        if publisher.capabilities.edit:
            receipt = later.replace(receipt, self.post(publisher, "After."), key=_key(81))
            assert [arrived.text for arrived in place.standing()] == ["After."]
        else:
            with pytest.raises(Unsupported):
                later.replace(receipt, post, key=_key(81))
        if publisher.capabilities.delete:
            for _ in range(2):
                later.recall(receipt, key=_key(82))
            assert list(place.standing()) == []
        else:
            with pytest.raises(Unsupported):
                later.recall(receipt, key=_key(82))
            assert len(place.standing()) == 1

    def test_point_09_secrets_stay_inside(
        self,
        account: Account,
        publisher: Publisher,
        place: Place,
        http: Watched,
        caplog: pytest.LogCaptureFixture,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """The secret is in no log, repr, error text or receipt, whatever fails."""
        caplog.set_level(logging.DEBUG)
        told = [repr(publisher), repr(account), str(vars(publisher))]
        can = publisher.capabilities
        receipt = publisher.publish(self.post(publisher, "x"), key=_key(9), steps={})
        told += [repr(receipt), receipt.to_json()]
        verbs: list[Callable[[], object]] = [lambda: publisher.publish(self.post(publisher, "x"), key=_key(91), steps={}), publisher.check]
        verbs += [lambda: publisher.replace(receipt, self.post(publisher, "y"), key=_key(92))] if can.edit else []
        verbs += [lambda: publisher.recall(receipt, key=_key(93))] if can.delete else []
        for name in place.faults:
            for verb in verbs:
                found = _fails(verb, place, http, name)
                told += [f"{step!s} {step!r} {step.__dict__}" for step in _chain(found)]
        output = capsys.readouterr()
        told += [caplog.text, output.out, output.err]

        whole = "\n".join(told)
        for option in account.secrets:
            assert not [form for form in _forms(account.reveal(option)) if form in whole], f"the secret {option} was told"

    def test_point_10_one_door_with_a_timeout(
        self, publisher: Publisher, place: Place, http: Watched, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every request goes through the given Http with a timeout; a publisher that speaks something else gives its sockets one."""
        waits: list[float | None] = []
        connect = socket.socket.connect

        def watched(self: socket.socket, address: Any) -> None:
            waits.append(self.gettimeout())
            connect(self, address)

        before, asked = place.touched(), len(http.timeouts)
        monkeypatch.setattr(socket.socket, "connect", watched)
        publisher.publish(self.post(publisher, "x"), key=_key(10), steps={})

        assert all(wait is not None and wait > 0 for wait in waits)
        if len(http.timeouts) > asked:
            assert place.touched() - before == len(http.timeouts) - asked

    def test_point_11_accounts_share_nothing(self, account: Account, make: Callable[..., Publisher], place: Place) -> None:
        """Two accounts of one kind send side by side, and nothing is kept at their class."""
        kind = load_publisher(account.publisher)
        before = {name: repr(value) for name, value in vars(kind).items()}
        one, two = make(), make(replace(account, name=f"{account.name}-2"))

        receipts = [each.publish(self.post(each, each.account.name), key=_key(110 + n), steps={}) for n, each in enumerate((one, two, one))]

        assert [arrived.text for arrived in place.standing()] == [account.name, f"{account.name}-2", account.name]
        assert [receipt.account for receipt in receipts] == [account.name, f"{account.name}-2", account.name]
        assert {name: repr(value) for name, value in vars(kind).items()} == before

    def test_point_12_an_update_links_to_the_original(self, publisher: Publisher, place: Place) -> None:
        """A post with `reply_to` is linked to what that receipt names."""
        first = Receipt.from_json(publisher.publish(self.post(publisher, "First."), key=_key(12), steps={}).to_json())

        publisher.publish(self.post(publisher, "Second.", reply_to=first), key=_key(121), steps={})

        original, update = place.standing()
        assert (original.reply_to, update.text) == (None, "Second.")
        assert update.reply_to is not None
        assert update.reply_to == original.id

    def test_point_13_mentions_are_inert(self, publisher: Publisher, place: Place) -> None:
        """`@everyone` in an alert pings nobody."""
        for number, text in enumerate(("@everyone look", "hello @here and @channel", "<!channel> <@U123> @room", "mail to @a.person")):
            publisher.publish(self.post(publisher, text), key=_key(130 + number), steps={})

        assert [arrived.pinged for arrived in place.standing()] == [()] * 4


def _key(number: int) -> str:
    """Returns 26 base32 characters, as every key is."""
    return base64.b32encode(number.to_bytes(16, "big")).decode("ascii")[:26]


def _at_limits(can: Capabilities) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Returns changes to a post that just fit, and those that are one over."""
    fits: list[dict[str, Any]] = []
    over: list[dict[str, Any]] = []
    if can.text_limit is None:
        fits.append({"text": "long " * 4000 + "end"})
    else:
        letters = 1
        while count("a" * (letters + 1), can.text_unit) <= can.text_limit:
            letters += 1
        fits.append({"text": "a" * letters})
        over.append({"text": "a" * (letters + 1)})
    over += [] if can.title else [{"title": "A title"}]
    over += [] if can.links else [{"link": "https://police.example/1"}]
    kind = can.media_types[0] if can.media_count else "image/png"
    media = tuple(image(number, media_type=kind) for number in range(1, can.media_count + 2))
    fits += [{"media": media[:-1]}] if can.media_count else []
    over.append({"media": media})
    if can.media_count and can.alt_limit is not None:
        fits.append({"media": (image(media_type=kind, alt="a" * can.alt_limit),)})
        over.append({"media": (image(media_type=kind, alt="a" * (can.alt_limit + 1)),)})
    if can.media_count and can.media_bytes is not None:
        over.append({"media": (image(media_type=kind, size_bytes=can.media_bytes + 1),)})
    return fits, over


def _fails(verb: Callable[[], object], place: Place, http: Watched, name: str) -> Exception | None:
    """Returns what a verb raises while the place has a fault."""
    http.tls = name == "tls"
    try:
        with place.fault(name):
            verb()
    except (PublishError, ConfigurationError) as err:
        return err
    finally:
        http.tls = False
    return None


def _chain(err: BaseException | None) -> Iterator[BaseException]:
    while err is not None:
        yield err
        err = err.__cause__ or err.__context__


def _forms(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex()
