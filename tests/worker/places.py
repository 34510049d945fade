"""A place in memory for many posts at once, which does with each what a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime, timedelta

from geoalert.clock import Clock, system_clock
from geoalert.outbox import Delivery, NewDelivery, SqliteOutbox
from geoalert.publishing import Account, Capabilities, Post, Publisher, Receipt
from geoalert.worker import Content, Ready, Worker

AT = datetime(2027, 3, 12, 21, 0, tzinfo=UTC)
PATIENCE_S = 20.0
"""How long a test waits for what has to happen before it fails."""

Deed = Callable[[str, MutableMapping[str, str]], None]


class Board:
    """What one account received, over all its publishers.

    Attributes:
        seen: verb and channel of every request, in order.
        deed: does what the test wants while a request is under way.
    """

    def __init__(self, name: str, *, deed: Deed | None = None, **can: object) -> None:
        self.name = name
        self.deed = deed
        self.seen: list[tuple[str, str]] = []
        self.posts: dict[str, Post] = {}
        self.made = 0
        self.together = self.most_together = 0
        self.lock = threading.Lock()
        self.capabilities = Capabilities(**{"text_limit": 100, **can})  # type: ignore[arg-type]

    def ready(self) -> Ready:
        """The account as the worker is handed it."""
        account = Account(self.name, "board")
        return Ready(Pin(account, self), self.capabilities, lambda: self._make(account))

    def _make(self, account: Account) -> Publisher:
        with self.lock:
            self.made += 1
        return Pin(account, self)

    def receipt(self, key: str) -> Receipt:
        """What this place answers."""
        return Receipt(publisher="board", account=self.name, id=key, at=AT)


class Pin(Publisher):
    """One publisher of a board; a lock inside notices when two threads use it."""

    name = "board"
    capabilities = Capabilities(text_limit=100)

    def __init__(self, account: Account, board: Board) -> None:
        super().__init__(account)
        self.board = board
        self.own = threading.Lock()

    def _do(self, verb: str, key: str, channel: str, steps: MutableMapping[str, str]) -> Receipt:
        board = self.board
        assert self.own.acquire(blocking=False), "a publisher is used by two threads"
        try:
            with board.lock:
                board.seen.append((verb, channel))
                board.together += 1
                board.most_together = max(board.most_together, board.together)
            if board.deed is not None:
                board.deed(channel, steps)
            return board.receipt(key)
        finally:
            with board.lock:
                board.together -= 1
            self.own.release()

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Pins a post."""
        receipt = self._do("publish", key, post.channel, steps)
        self.board.posts[key] = post
        return receipt

    def replace(self, receipt: Receipt, post: Post, *, key: str) -> Receipt:
        """Pins another post over it."""
        answer = self._do("replace", key, receipt.id, {})
        self.board.posts[receipt.id] = post
        return answer

    def recall(self, receipt: Receipt, *, key: str) -> Receipt:
        """Takes it off."""
        answer = self._do("recall", key, receipt.id, {})
        self.board.posts.pop(receipt.id, None)
        return answer

    def find(self, post: Post, *, key: str, since: datetime) -> Receipt | None:
        """Knows what it holds."""
        self._do("find", key, post.channel, {})
        return self.board.receipt(key) if key in self.board.posts else None


def queue(outbox: SqliteOutbox, account: str, count: int = 1, **changes: object) -> tuple[Delivery, ...]:
    """Deliveries due now, on channels `ACCOUNT-0`, `ACCOUNT-1` and so on."""
    values: dict[str, object] = {
        "sender": "Example Police", "alert": "S1", "revision": 1, "account": account, "status": "exercise", "plan_digest": "a",
        "post_digest": "b", "expires_at": AT + timedelta(hours=6),
    }  # fmt: skip
    return outbox.enqueue([NewDelivery(channel=f"{account}-{number}", **values | changes) for number in range(count)], at=AT)  # type: ignore[arg-type]


def content(delivery: Delivery) -> Content:
    """The channel's name as text, and the receipt of the delivery that it is about."""
    post = Post(channel=delivery.channel, account=delivery.account, address="x", text=f"for {delivery.channel}", language="en")
    of = (
        None
        if delivery.of_delivery is None
        else Receipt(publisher="board", account=delivery.account, id=f"post-{delivery.of_delivery}", at=AT)
    )
    return Content(post, of)


def worker(outbox: SqliteOutbox, *boards: Board, clock: Clock = lambda: AT, threads: int = 64) -> Worker:
    """A worker over boards, at one instant unless told otherwise."""
    return Worker(outbox, {board.name: board.ready() for board in boards}, content, clock, threads=threads, chance=lambda: 0.5)


def states(outbox: SqliteOutbox, account: str | None = None) -> list[str]:
    """States in the order of queueing."""
    return [row.state for row in outbox.deliveries() if account in (None, row.account)]


__all__ = ["AT", "PATIENCE_S", "Board", "content", "queue", "states", "system_clock", "worker"]
