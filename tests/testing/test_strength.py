"""The contract is no rubber stamp: a publisher that breaks one promise fails the point that carries it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, MutableMapping
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from geoalert.clock import fixed_clock
from geoalert.errors import NotSent, OutcomeUnknown, PublishError
from geoalert.publishing import Account, Capabilities, Post, Publisher, Receipt
from geoalert.testing import Arrived, Asked, HttpPlace, PublisherContract, Reply, Watched, contract

FIRST: dict[str, Account] = {}


class Board(HttpPlace):
    """Keeps notices with pictures; they can be changed and removed."""

    def answer(self, asked: Asked) -> Reply:
        """Does what the method says."""
        key = asked.path.rpartition("/")[2]
        if asked.method == "DELETE":
            return Reply({"ok": self.remove(key)})
        if asked.method == "GET":
            return Reply({})
        told = asked.json()
        images = tuple((bytes.fromhex(content), alt) for content, alt in told["media"])
        arrived = Arrived(told["text"], id=key, images=images, reply_to=told["reply_to"])
        if asked.method == "POST":
            self.change(key, arrived)
        return Reply({"id": key if asked.method == "POST" else self.keep(key, arrived)})


class Notices(Publisher):
    """A publisher that keeps every promise; those below change one line each."""

    name = "notices"
    capabilities = Capabilities(
        text_limit=500, idempotent=True, edit=True, delete=True, media_types=("image/png",), media_count=2, alt_limit=100, threads=True
    )
    options: ClassVar = {"url": "address of the board", "token": "secret"}

    def ask(self, method: str, key: str, body: Any = None, *, query: str = "", token: str | None = None, **named: Any) -> Any:
        """Asks the board and insists on success."""
        headers = {"Authorization": f"Bearer {self.token() if token is None else token}"}
        url = f"{self.account.option('url', str)}/notices/{key}{query}"
        return self.http.request(method, url, headers=headers, body=body, **named).require()  # type: ignore[union-attr]

    def token(self) -> str:
        """Returns the secret."""
        return self.account.reveal("token")

    def body(self, post: Post) -> dict[str, Any]:
        """Returns what the board is told."""
        media = [[item.content.hex(), item.alt] for item in post.media]
        return {"text": post.text, "media": media, "reply_to": post.reply_to.id if post.reply_to else None}

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Puts a notice."""
        self.capabilities.check(post)
        return self.receipt(self.ask("PUT", key, self.body(post)).json()["id"])

    def receipt(self, name: str) -> Receipt:
        """Returns what is known of a notice."""
        return Receipt(publisher=self.name, account=self.account.name, id=name, at=self.clock())

    def replace(self, receipt: Receipt, post: Post, *, key: str) -> Receipt:
        """Changes a notice."""
        self.capabilities.check(post)
        self.ask("POST", receipt.id, self.body(post)).json()
        return receipt

    def recall(self, receipt: Receipt, *, key: str) -> Receipt:
        """Removes a notice."""
        self.ask("DELETE", receipt.id).json()
        return receipt

    def check(self) -> None:
        """Asks for nothing."""
        self.ask("GET", "")


def quietly(verb: Callable[..., Receipt]) -> Callable[..., Receipt]:
    """Returns a verb that reports success whatever happens."""

    def done(self: Publisher, receipt: Receipt, *rest: Any, **named: Any) -> Receipt:
        try:
            return verb(self, receipt, *rest, **named)
        except PublishError:
            return receipt

    return done


def unsaid(self: Notices, receipt: Receipt, post: Post, *, key: str) -> Receipt:
    """Calls an unknown outcome safe."""
    try:
        return Notices.replace(self, receipt, post, key=key)
    except OutcomeUnknown as err:
        raise NotSent("nothing arrived", code="unavailable") from err


def without_images(self: Notices, receipt: Receipt, post: Post, *, key: str) -> Receipt:
    """Edits the text alone."""
    self.ask("POST", receipt.id, self.body(post) | {"media": []})
    return receipt


def posting(self: Notices) -> None:
    """Proves the credentials by a real notice."""
    self.ask("PUT", "CHECK", {"text": "test", "media": [], "reply_to": None})


def believing(self: Notices, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
    """Notes that it was sent before it was."""
    self.capabilities.check(post)
    if "sent" in steps:
        return self.receipt(key)
    steps["sent"] = "1"
    return Notices.publish(self, post, key=key, steps=steps)


def keeping(self: Notices) -> str:
    """Keeps the secret for the next time, out of sight."""
    self.__dict__["_held"] = [SimpleNamespace(line={"token": self.account.reveal("token")})]
    return self.account.reveal("token")


def asking(**named: Any) -> Callable[..., Any]:
    """Returns a way to ask that adds something."""

    def ask(self: Notices, method: str, key: str, body: Any = None) -> Any:
        given = {name: value(self) if callable(value) else value for name, value in named.items()}
        return Notices.ask(self, method, key, body, **given)

    return ask


def stripped(self: Notices, post: Post) -> dict[str, Any]:
    """Thinks spaces worth nothing."""
    return Notices.body(self, post) | {"text": post.text.strip()}


def of_the_first(self: Notices) -> str:
    """Uses the secret of whoever came first."""
    return FIRST.setdefault("account", self.account).reveal("token")


BROKEN: dict[str, tuple[dict[str, Any], int]] = {
    "recall swallows every error": ({"recall": quietly(Notices.recall)}, 6),
    "replace swallows every error": ({"replace": quietly(Notices.replace)}, 6),
    "recall reads no answer": ({"recall": lambda self, receipt, *, key: (self.ask("DELETE", receipt.id), receipt)[1]}, 6),
    "replace calls an unknown outcome safe": ({"replace": unsaid}, 6),
    "a step is noted before its request": ({"publish": believing}, 6),
    "replace drops images": ({"replace": without_images}, 3),
    "check posts": ({"check": posting}, 2),
    "text is stripped": ({"body": stripped}, 2),
    "no credentials are sent": ({"ask": asking(token="")}, 2),
    "the secret is kept": ({"token": keeping}, 9),
    "the secret stands in a query": ({"ask": asking(query=lambda self: f"?token={self.token()}")}, 9),
    "inside is always meant": ({"ask": asking(internal=True)}, 10),
    "a request may take a day": ({"ask": asking(timeout_s=86_400)}, 10),
    "the first account's secret is used": ({"token": of_the_first}, 11),
    "the secret of an account long gone is used": ({"token": lambda self: Board.secret}, 11),
}
POINTS = {int(name.split("_")[2]): name for name in vars(PublisherContract) if name.startswith("test_point_")}


@pytest.fixture
def judge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[type[Publisher], int], None]]:
    """Holds a publisher to one point, at a board of its own."""
    FIRST.clear()
    with Board() as place:
        account = Account("north", "notices", options={"url": place.url}, secrets={"token": lambda: place.secret})
        http = Watched(wait_s=0.1)

        def judged(kind: type[Publisher], point: int) -> None:
            monkeypatch.setattr(contract, "load_publisher", lambda name: kind)

            def make(other: Account | None = None) -> Publisher:
                return kind(other or account, http=http, clock=fixed_clock(contract.AT))

            known = {"account": account, "place": place, "http": http, "make": make, "publisher": make(), "monkeypatch": monkeypatch}
            test = getattr(PublisherContract(), POINTS[point])
            test(**{name: known.get(name) or request.getfixturevalue(name) for name in inspect.signature(test).parameters})

        yield judged


@pytest.mark.parametrize("point", sorted(POINTS))
def test_a_publisher_that_keeps_every_promise_passes(judge: Callable[[type[Publisher], int], None], point: int) -> None:
    """So that the failures below are those of the line that was changed."""
    judge(Notices, point)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_publisher_that_breaks_one_promise_fails_its_point(judge: Callable[[type[Publisher], int], None], broken: str) -> None:
    """Each under the number that carries it."""
    changed, point = BROKEN[broken]

    with pytest.raises((AssertionError, PublishError)):
        judge(type("Broken", (Notices,), changed), point)
