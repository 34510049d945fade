"""The publisher contract as a test class; its numbers are those of docs/reference/publisher-contract.md."""

# ruff: noqa: S101
from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import pytest

from geoalert.clock import fixed_clock
from geoalert.errors import OutcomeUnknown, Rejected, Unsupported
from geoalert.publishing import RAW_LIMIT_BYTES, Account, Capabilities, Post, Publisher, Receipt
from geoalert.registry import load_publisher
from geoalert.rendering.mentions import inert
from geoalert.testing.judging import at_limits, chain, counting, fails, forms, kept_by, key_of, misses, queries
from geoalert.testing.place import Place, Watched, image
from geoalert.text import count

LONGEST_S = 300.0
"""A place that has not answered by then will not."""
NEVER_EXCUSED = frozenset({1, 2, 4, 6, 9, 10, 11, 13})
AT = datetime(2027, 3, 12, 21, 0, tzinfo=UTC)
TEXTS = (
    "One plain line.",
    "Two lines,\nand a second.\n\nA new paragraph.",
    "Ünïcode ✓ 北京 العربية 👩‍👩‍👧‍👦 é",
    "<b>&amp; \"quotes\" 'too' \\back\\slash `code` *stars* _under_ [link](x) #hash $100 50% {{brace}} ~tilde~",
    ".a dot first\n..two dots\nFrom here\n> quoted",
    "A tip line: 416-555-0142, https://police.example/news?a=1&b=2#c",
    "  Two spaces before, two  between, two after.  ",
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

    def changes(self, publisher: Publisher, receipt: Receipt, key: str) -> Mapping[str, Callable[[], object]]:
        """Returns what the publisher can do to a post that stands, by verb."""
        can = publisher.capabilities
        edit = {"replace": partial(publisher.replace, receipt, self.post(publisher, "z"), key=f"{key[:-1]}E")} if can.edit else {}
        return {**edit, **({"recall": partial(publisher.recall, receipt, key=f"{key[:-1]}R")} if can.delete else {})}

    def test_point_01_name_and_capabilities(self, account: Account, publisher: Publisher) -> None:
        """The name equals its entry point, and capabilities are frozen."""
        found = type(publisher)

        assert found.name == account.publisher == publisher.name
        assert isinstance(found.capabilities, Capabilities)
        with pytest.raises(FrozenInstanceError):
            found.capabilities.text_limit = 1  # type: ignore[misc]
        assert isinstance(found.options, Mapping)

    def test_point_02_text_arrives(self, publisher: Publisher, place: Place) -> None:
        """The text received is the text of the post, the receipt can be kept, and a check posts nothing."""
        for number, text in enumerate(self.texts):
            post = self.post(publisher, text)
            receipt = publisher.publish(post, key=key_of(number), steps={})

            arrived = place.standing()[-1]
            assert arrived.text == post.text
            assert arrived.title in (post.title, None) if not publisher.capabilities.title else arrived.title == post.title
            assert (receipt.publisher, receipt.account) == (publisher.name, publisher.account.name)
            assert Receipt.from_json(receipt.to_json()) == receipt
            assert len(str(dict(receipt.raw))) <= RAW_LIMIT_BYTES
        publisher.check()
        assert len(place.standing()) == len(self.texts)

    def test_point_03_images_arrive_in_one_post(self, publisher: Publisher, place: Place) -> None:
        """Several images and a text are one post, each with its alternative text, after an edit too."""
        can = publisher.capabilities
        media = tuple(image(number, media_type=can.media_types[0]) for number in range(1, min(can.media_count, 4) + 1))
        post = self.post(publisher, "With pictures.", media=media)

        receipt = publisher.publish(post, key=key_of(3), steps={})
        edited = self.post(publisher, "With others.", media=tuple(image(9 + n, media_type=can.media_types[0]) for n in range(len(media))))
        for said in (post, edited) if can.edit else (post,):
            if said is edited:
                publisher.replace(receipt, edited, key=key_of(31))
            (arrived,) = place.standing()
            assert arrived.text == said.text
            assert [content for content, _ in arrived.images] == [item.content for item in said.media]
            if can.alt_limit is not None:
                assert [alt for _, alt in arrived.images] == [item.alt for item in said.media]

    def test_point_04_limits_hold(self, publisher: Publisher, place: Place) -> None:
        """At each limit passes; one over is refused and nothing is asked."""
        can = publisher.capabilities
        fits, over = at_limits(can)
        for number, changes in enumerate(fits):
            publisher.publish(self.post(publisher, "x", **changes), key=key_of(40 + number), steps={})
        arrived, touched = len(place.standing()), place.touched()
        for number, changes in enumerate(over):
            with pytest.raises(Rejected):
                publisher.publish(self.post(publisher, "x", **changes), key=key_of(60 + number), steps={})

        assert arrived == len(fits)
        assert (len(place.standing()), place.touched()) == (arrived, touched)

    def test_point_05_undeclared_media_type(self, publisher: Publisher, place: Place) -> None:
        """A kind of image that was not declared is refused and nothing is asked."""
        before = place.touched()

        with pytest.raises(Rejected):
            publisher.publish(self.post(publisher, "x", media=(image(media_type="image/x-unheard-of"),)), key=key_of(5), steps={})

        assert (list(place.standing()), place.touched()) == ([], before)

    def test_point_06_each_failure_has_its_class(self, publisher: Publisher, place: Place, http: Watched) -> None:
        """Each fault becomes, in every verb, the class that says whether to repeat; what did not arrive arrives by a second try."""
        wrong: list[str] = []
        for number, (name, expected) in enumerate(place.faults.items()):
            steps: dict[str, str] = {}
            send = partial(publisher.publish, self.post(publisher, "x"), key=key_of(100 + number), steps=steps)
            before = len(place.standing())
            wrong += misses(name, "publish", fails(send, place, http, name), expected)
            if len(place.standing()) == before:
                send()
                wrong += [] if len(place.standing()) == before + 1 else [f"publish, {name}: a second try with the same steps left nothing"]
            receipt = publisher.publish(self.post(publisher, "y"), key=key_of(600 + number), steps={})
            for verb, change in self.changes(publisher, receipt, key_of(700 + number)).items():
                if verb in expected.verbs:
                    wrong += misses(name, verb, fails(change, place, http, name), expected)
        publisher.publish(self.post(publisher, "well again"), key=key_of(6), steps={})

        assert not wrong, "\n".join(wrong)
        assert place.standing()[-1].text == "well again"
        assert not getattr(place, "strays", [])

    def test_point_07_same_key_twice(self, publisher: Publisher, make: Callable[..., Publisher], place: Place) -> None:
        """The same key twice leaves one post, or `find` reports the first."""
        post = self.post(publisher, "Once.")
        first = publisher.publish(post, key=key_of(7), steps={})
        again = make()

        if publisher.capabilities.find:
            found = again.find(post, key=key_of(7), since=AT - timedelta(minutes=5))
            assert found is not None
            assert found.id == first.id
            with suppress(OutcomeUnknown):
                assert again.find(post, key=key_of(8), since=AT - timedelta(minutes=5)) is None
        if publisher.capabilities.idempotent:
            assert again.publish(post, key=key_of(7), steps={}).id == first.id
        assert len(place.standing()) == 1

    def test_point_08_recall(self, publisher: Publisher, make: Callable[..., Publisher], place: Place) -> None:
        """Recall removes, from the receipt alone; recalling twice is quiet; what is unsupported says so; an edit leaves one post."""
        post = self.post(publisher, "Before.")
        receipt = Receipt.from_json(publisher.publish(post, key=key_of(8), steps={}).to_json())
        later = make()

        if publisher.capabilities.edit:
            receipt = later.replace(receipt, self.post(publisher, "After."), key=key_of(81))
            assert [arrived.text for arrived in place.standing()] == ["After."]
        else:
            with pytest.raises(Unsupported):
                later.replace(receipt, post, key=key_of(81))
        if publisher.capabilities.delete:
            for _ in range(2):
                later.recall(receipt, key=key_of(82))
            assert list(place.standing()) == []
        else:
            with pytest.raises(Unsupported):
                later.recall(receipt, key=key_of(82))
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
        """The secret is in no log, repr, error text, receipt or query of an address, whatever fails; afterwards nothing holds it."""
        caplog.set_level(logging.DEBUG)
        told = [repr(publisher), repr(account), str(vars(publisher))]
        receipt = publisher.publish(self.post(publisher, "x"), key=key_of(9), steps={})
        told += [repr(receipt), receipt.to_json()]
        verbs: list[Callable[[], object]] = [
            lambda: publisher.publish(self.post(publisher, "x"), key=key_of(91), steps={}),
            publisher.check,
        ]
        verbs += self.changes(publisher, receipt, key_of(92)).values()
        for name in place.faults:
            for verb in verbs:
                found = fails(verb, place, http, name)
                told += [f"{step!s} {step!r} {step.__dict__}" for step in chain(found)]
        output = capsys.readouterr()
        told += [caplog.text, output.out, output.err, *kept_by(publisher)]

        whole = "\n".join(told)
        for option in account.secrets:
            secret = account.reveal(option)
            assert not [form for form in forms(secret) if form in whole], f"the secret {option} was told"
            asked = "\n".join(queries(http.urls, secret))
            assert not [form for form in forms(secret) if form in asked], f"the secret {option} stands in the query of an address"

    def test_point_10_one_door_with_a_timeout(
        self, account: Account, publisher: Publisher, place: Place, http: Watched, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every request goes through the given Http, with a fair timeout and inside only where the account says so; sockets likewise."""
        waits: list[float | None] = []
        connect = socket.socket.connect

        def watched(self: socket.socket, address: Any) -> None:
            waits.append(self.gettimeout())
            connect(self, address)

        before, asked = place.touched(), len(http.timeouts)
        monkeypatch.setattr(socket.socket, "connect", watched)
        receipt = publisher.publish(self.post(publisher, "x"), key=key_of(10), steps={})
        for verb in (publisher.check, *self.changes(publisher, receipt, key_of(102)).values()):
            verb()

        assert all(wait is not None and 0 < wait <= LONGEST_S for wait in (*waits, *http.timeouts[asked:]))
        assert account.options.get("internal") is True or not any(http.internals[asked:])
        if len(http.timeouts) > asked:
            assert place.touched() - before == len(http.timeouts) - asked

    def test_point_11_accounts_share_nothing(self, account: Account, make: Callable[..., Publisher], place: Place) -> None:
        """Two accounts of one kind send side by side, each with its own secrets, and nothing is kept at their class."""
        kind = load_publisher(account.publisher)
        before = {name: repr(value) for name, value in vars(kind).items()}
        used: tuple[set[str], set[str]] = (set(), set())
        one, two = make(counting(account, used[0])), make(counting(replace(account, name=f"{account.name}-2"), used[1]))

        receipts = [
            each.publish(self.post(each, each.account.name), key=key_of(110 + n), steps={}) for n, each in enumerate((one, two, one))
        ]

        assert [arrived.text for arrived in place.standing()] == [account.name, f"{account.name}-2", account.name]
        assert [receipt.account for receipt in receipts] == [account.name, f"{account.name}-2", account.name]
        assert {name: repr(value) for name, value in vars(kind).items()} == before
        assert used[0] == used[1]
        assert used[0] or not account.secrets, "an account was used by no secret of its own"

    def test_point_12_an_update_links_to_the_original(self, publisher: Publisher, place: Place) -> None:
        """A post with `reply_to` is linked to what that receipt names."""
        first = Receipt.from_json(publisher.publish(self.post(publisher, "First."), key=key_of(12), steps={}).to_json())

        publisher.publish(self.post(publisher, "Second.", reply_to=first), key=key_of(121), steps={})

        original, update = place.standing()
        assert (original.reply_to, update.text) == (None, "Second.")
        assert update.reply_to is not None
        assert update.reply_to == original.id

    def test_point_13_mentions_are_inert(self, publisher: Publisher, place: Place) -> None:
        """`@everyone` in an alert pings nobody."""
        for number, text in enumerate(("@everyone look", "hello @here and @channel", "<!channel> <@U123> @room", "mail to @a.person")):
            publisher.publish(self.post(publisher, text), key=key_of(130 + number), steps={})

        assert [arrived.pinged for arrived in place.standing()] == [()] * 4
