"""The contract between geoalert and a place that posts can be sent to: Post, Receipt, Capabilities, Publisher.

Source: docs/reference/publisher-contract.md, whose numbers the shipped conformance suite carries.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from geoalert.clock import Clock, system_clock
from geoalert.errors import ConfigurationError, NotLive, Rejected, Unsupported
from geoalert.media import Rendition
from geoalert.text import COUNTINGS, count

RAW_LIMIT_BYTES = 4096

Mentions = Literal["none", "flag", "text"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one kind of place can do, as data: rendering, plan, docs and tests all read the same object.

    `None` means no limit for a limit, and the account's own business for nothing else.
    """

    text_limit: int | None = None
    text_unit: str = "characters"
    """How that platform counts: a name in `geoalert.text.COUNTINGS`."""
    media_types: tuple[str, ...] = ()
    media_count: int = 0
    media_bytes: int | None = None
    media_pixels: int | None = None
    """Longest side, px."""
    alt_limit: int | None = None
    """None: alternative text has no field of its own; rendering puts it into the text."""
    links: bool = True
    geo: bool = False
    mentions: Mentions = "none"
    edit: bool = False
    edit_within_s: int | None = None
    delete: bool = False
    delete_within_s: int | None = None
    idempotent: bool = False
    find: bool = False
    threads: bool = False
    reply_controls: bool = False
    rate_per_s: float | None = None
    identical_text_banned: bool = False
    fetches_media: bool = False
    """Images are fetched by the platform from a public URL."""

    def __post_init__(self) -> None:
        if self.text_unit not in COUNTINGS:
            raise ValueError(f"unknown text unit {self.text_unit!r}; known: {', '.join(sorted(COUNTINGS))}")
        if self.media_count and not self.media_types:
            raise ValueError("media_count without media_types")

    def to_dict(self) -> dict[str, Any]:
        """Returns every capability by name, JSON-ready."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def narrowed(self, limits: Mapping[str, Any]) -> Capabilities:
        """Returns these capabilities cut down by `limits`: a smaller number, fewer media types, or False; never more.

        Raises:
            ConfigurationError: an unknown name, or a limit that would widen.
        """
        changes: dict[str, Any] = {}
        for name, limit in limits.items():
            own: Any = getattr(self, name, self)
            if own is self or name in ("text_unit", "mentions"):
                known = ", ".join(sorted(field.name for field in fields(self)))
                raise ConfigurationError("no such limit", code="unknown_limit", field=f"limits.{name}", do=f"Known limits: {known}")
            if isinstance(own, bool):
                wider = not isinstance(limit, bool) or (limit and not own)
            elif isinstance(own, tuple):
                limit = tuple(limit) if isinstance(limit, list | tuple) else (None,)
                wider = not set(limit) <= set(own)
            else:
                wider = isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 0 or (own is not None and limit > own)
            if wider:
                raise ConfigurationError(
                    "a limit can only narrow", code="limit_widens", field=f"limits.{name}", value=limit, do=f"The place allows {own}"
                )
            changes[name] = limit
        return replace(self, **changes)

    def check(self, post: Post) -> None:
        """Refuses a post that this place could not carry whole, before any request.

        Raises:
            Rejected: naming the channel and the feature; nothing is dropped quietly.
        """
        length = count(post.text, self.text_unit)
        if self.text_limit is not None and length > self.text_limit:
            raise Rejected(
                f"the text is {length} {self.text_unit}, the limit is {self.text_limit}",
                code="text_too_long",
                channel=post.channel,
                field="text",
                do="Shorten the alert's texts",
            )
        if len(post.media) > self.media_count:
            raise Rejected(
                f"the post has {len(post.media)} images, the place takes {self.media_count}",
                code="too_many_media",
                channel=post.channel,
                field="media",
            )
        for item in post.media:
            self._check_media(post, item)

    def _check_media(self, post: Post, item: Rendition) -> None:
        if item.media_type not in self.media_types:
            raise Rejected(
                "the place does not take this kind of image",
                code="media_type_refused",
                channel=post.channel,
                field="media",
                value=item.media_type,
                do=f"It takes {', '.join(self.media_types)}",
            )
        if self.media_bytes is not None and len(item.content) > self.media_bytes:
            raise Rejected(
                f"an image has {len(item.content)} bytes, the limit is {self.media_bytes}",
                code="media_too_large",
                channel=post.channel,
                field="media",
            )
        if self.media_pixels is not None and max(item.width_px, item.height_px) > self.media_pixels:
            raise Rejected(
                f"an image is {item.width_px} x {item.height_px} px, the limit is {self.media_pixels}",
                code="media_too_large",
                channel=post.channel,
                field="media",
            )
        if self.alt_limit is not None and len(item.alt) > self.alt_limit:
            raise Rejected(
                f"alternative text has {len(item.alt)} characters, the limit is {self.alt_limit}",
                code="alt_too_long",
                channel=post.channel,
                field="alt",
            )


@dataclass(frozen=True, slots=True)
class Post:
    """The exact content meant for one channel: what must arrive, with every image and its alternative text."""

    channel: str
    account: str
    address: str
    text: str
    language: str
    media: tuple[Rendition, ...] = ()
    title: str | None = None
    link: str | None = None
    lon: float | None = None
    lat: float | None = None
    reply_to: Receipt | None = None
    """The original that an update links to."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side answered: enough to correct or recall the post years later, with nothing else at hand."""

    publisher: str
    account: str
    id: str
    at: datetime
    url: str | None = None
    parts: tuple[str, ...] = ()
    media_ids: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The answer, redacted, at most 4 kB as JSON."""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a receipt needs an aware time")
        if not self.id:
            raise ValueError("a receipt without an id cannot be recalled")
        if len(json.dumps(dict(self.raw), default=str).encode()) > RAW_LIMIT_BYTES:
            raise ValueError("raw is larger than 4 kB; keep the ids, drop the rest")

    def to_json(self) -> str:
        """Returns the receipt as one JSON object, keys sorted."""
        whole = {f.name: getattr(self, f.name) for f in fields(self)} | {"at": self.at.isoformat(), "raw": dict(self.raw)}
        return json.dumps(whole, sort_keys=True, default=str, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """Reads what `to_json` wrote."""
        whole = json.loads(text)
        exact = {"at": datetime.fromisoformat(whole["at"]), "parts": tuple(whole["parts"]), "media_ids": tuple(whole["media_ids"])}
        return cls(**whole | exact)


class HttpRoom(Protocol):
    """What a publisher may ask of the one room for HTTP; `geoalert.http.Http` is it."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout_s: float = 30.0,
        internal: bool = False,
    ) -> Any:
        """Sends one request; raises NotSent, Rejected or OutcomeUnknown, never a type of the client underneath."""


@dataclass(frozen=True, slots=True)
class Account:
    """One configured publisher: what geoalert.toml says of it, with secrets that only `reveal` shows."""

    name: str
    publisher: str
    mode: Literal["live", "sandbox"] = "sandbox"
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Callable[[], str]] = field(default_factory=dict, repr=False)

    def option(self, name: str, kind: type[T], default: T | None = None) -> T:
        """Returns an option of the account.

        Raises:
            ConfigurationError: it is missing and has no default, or is of another type.
        """
        value = self.options.get(name, default)
        if not isinstance(value, kind):
            what = "an option is missing" if value is None else f"an option is not a {kind.__name__}"
            raise ConfigurationError(
                what,
                code="invalid_account",
                field=f"accounts.{self.name}.{name}",
                value=value,
                do=f"The publisher {self.publisher} needs it in geoalert.toml",
            )
        return value

    def check_status(self, status: str) -> None:
        """Refuses an exercise on a live account, and an actual alert on a sandbox one.

        Raises:
            NotLive: they may not meet.
        """
        if (status == "actual") != (self.mode == "live"):
            raise NotLive(
                f"an alert of status {status} may not use the {self.mode} account {self.name}",
                code="not_live",
                field="account",
                value=self.name,
                do="Use a sandbox account for exercises and tests, a live one for actual alerts",
            )

    def reveal(self, name: str) -> str:
        """Returns a secret of the account, at the moment it is needed.

        Raises:
            ConfigurationError: the account has no such secret, or its source does not hold it.
        """
        if name not in self.secrets:
            raise ConfigurationError(
                "a secret is missing",
                code="invalid_account",
                field=f"accounts.{self.name}.{name}",
                do='Give it as "env:NAME", "file:PATH" or "keyring:SERVICE/NAME" in geoalert.toml',
            )
        return self.secrets[name]()


class Publisher(ABC):
    """One account at one kind of place; synchronous, never shared between threads.

    You implement `publish`. One call is one post: splitting, retrying, limiting, approving and logging are the core's.
    """

    name: ClassVar[str]
    """The entry point's name, the `publisher` of an account in geoalert.toml."""
    capabilities: ClassVar[Capabilities]

    def __init__(self, account: Account, *, http: HttpRoom | None = None, clock: Clock = system_clock) -> None:
        self.account = account
        self.http = http
        self.clock = clock

    @abstractmethod
    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Sends one post and returns what happened.

        Args:
            post: what must arrive.
            key: the same for every try of one delivery; use it where the platform takes an idempotency key.
            steps: durable; saved before the next request: what an earlier try of this delivery left (an uploaded media id).

        Raises:
            NotSent: nothing arrived; safe to repeat.
            Rejected: do not repeat.
            OutcomeUnknown: nobody knows.
        """

    def find(self, post: Post, *, key: str, since: datetime) -> Receipt | None:
        """Looks for an earlier try; None only where the platform proves absence, else raises OutcomeUnknown."""
        raise Unsupported(f"{self.name} cannot look for a post", field="find", channel=post.channel, key=key)

    def replace(self, receipt: Receipt, post: Post, *, key: str) -> Receipt:
        """Edits what `receipt` names so that it says `post`."""
        raise Unsupported(f"{self.name} cannot edit a post", field="edit", channel=post.channel, key=key)

    def recall(self, receipt: Receipt, *, key: str) -> Receipt:
        """Takes down what `receipt` names; taking down twice is quiet."""
        raise Unsupported(f"{self.name} cannot delete a post", field="delete", account=receipt.account, key=key)

    def check(self) -> Capabilities | None:
        """Proves the credentials without posting; may return capabilities read from the place itself."""
        return None
