"""The one seam to a place that posts are sent to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol

from geoalert.clock import Clock, system_clock
from geoalert.errors import ConfigurationError, Unsupported
from geoalert.publishing.account import Account
from geoalert.publishing.capabilities import Capabilities
from geoalert.publishing.post import Post, Receipt
from geoalert.text import nearest

CORE_OPTIONS = ("limits", "internal")
"""Options that every account may have; the `http` that a publisher is handed obeys `internal`."""


class HttpRoom(Protocol):
    """What a publisher may ask of the one room for HTTP; `geoalert.http.Http` is it."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | Mapping[str, Any] | Sequence[Any] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout_s: float = 30.0,
        internal: bool = False,
    ) -> Any:
        """Sends one request; raises NotSent, Rejected or OutcomeUnknown, never a type of the client underneath."""


class Publisher(ABC):
    """One account at one kind of place; synchronous, never shared between threads.

    You implement `publish`. One call is one post: splitting, retrying, limiting, approving and logging are the core's.
    """

    name: ClassVar[str]
    """The entry point's name, the `publisher` of an account in geoalert.toml."""
    capabilities: ClassVar[Capabilities]
    options: ClassVar[Mapping[str, str]] = {}
    """What its accounts may say, options and secrets: name -> one line about it; anything else is refused when it is made."""

    def __init__(self, account: Account, *, http: HttpRoom | None = None, clock: Clock = system_clock) -> None:
        check_options(account, type(self).options)
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
        """Proves the credentials without posting; may return capabilities read from the place itself.

        An account whose publisher leaves it out cannot be checked, and is said to be so.
        """
        return None


def has_check(publisher: Publisher) -> bool:
    """Returns whether a publisher can prove its credentials without posting."""
    return type(publisher).check is not Publisher.check


def check_options(account: Account, options: Mapping[str, str]) -> None:
    """Refuses an option or secret of an account that its publisher does not know.

    Raises:
        ConfigurationError: `unknown_option`, naming the option and the nearest known ones, never its value.
    """
    known = tuple(dict.fromkeys((*options, *CORE_OPTIONS)))
    for name in (*account.options, *account.secrets):
        if name not in known:
            near = nearest(name, known)
            raise ConfigurationError(
                f"the publisher {account.publisher} takes no option {name}",
                code="unknown_option",
                field=f"accounts.{account.name}.{name}",
                do=f"Did you mean {' or '.join(near)}" if near else f"It takes {', '.join(known)}",
            )
