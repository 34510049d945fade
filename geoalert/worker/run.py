"""One pass over what is due: claim, publish, write down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from geoalert.clock import Clock
from geoalert.errors import ConfigurationError, NotLive, NotSent, OutcomeUnknown, Rejected
from geoalert.outbox import Attempt, Delivery, Outbox
from geoalert.publishing import Capabilities, Post, Publisher, Receipt

FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 900.0


@dataclass(frozen=True, slots=True)
class Ready:
    """An account made ready to send: its publisher, and the capabilities that the plan was checked against."""

    publisher: Publisher
    capabilities: Capabilities


class Worker:
    """Sends what is due, one delivery after another; the error's class alone decides what becomes of a row.

    Args:
        outbox: the ledger; the caller holds `sole_sender`.
        accounts: by name; never imported from here, always handed in.
        post_of: the approved content of a delivery, checked against its digest by whoever hands it in.
        clock: the present.
    """

    def __init__(self, outbox: Outbox, accounts: Mapping[str, Ready], post_of: Callable[[Delivery], Post], clock: Clock) -> None:
        self._outbox = outbox
        self._accounts = accounts
        self._post_of = post_of
        self._clock = clock

    def run_once(self, *, tell: Callable[[Delivery], None] | None = None) -> int:
        """Sends everything due now; returns how many deliveries were tried.

        Rows that a crash left `sending` become `unknown` first, and rows past their expiry `expired`.
        """
        self._outbox.recover(at=self._clock())
        self._outbox.expire(at=self._clock())
        tried = 0
        while claimed := self._outbox.claim(at=self._clock()):
            for delivery, attempt in claimed:
                self._try(delivery, attempt)
                tried += 1
                if tell is not None:
                    tell(delivery)
        return tried

    def _try(self, delivery: Delivery, attempt: Attempt) -> None:
        try:
            receipt = self._publish(delivery, attempt)
        except NotSent as err:
            again = self._clock() + timedelta(seconds=_wait_s(attempt.number, err.retry_after_s))
            state = "queued" if again < delivery.expires_at else "expired"
            self._outbox.settle(attempt, state=state, at=self._clock(), error=err, not_before=again)
        except OutcomeUnknown as err:
            self._outbox.settle(attempt, state="unknown", at=self._clock(), error=err)
        except (Rejected, NotLive, ConfigurationError) as err:
            self._outbox.settle(attempt, state="rejected", at=self._clock(), error=err)
        except Exception as err:  # noqa: BLE001  a defect in an adapter leaves the outcome unknown: it must never be repeated blindly
            self._outbox.settle(attempt, state="unknown", at=self._clock(), error=err)
        else:
            self._outbox.settle(attempt, state="done", at=self._clock(), receipt=receipt)

    def _publish(self, delivery: Delivery, attempt: Attempt) -> Receipt:
        ready = self._accounts.get(delivery.account)
        if ready is None:
            raise ConfigurationError("the account is not in geoalert.toml", code="unknown_account", field="account", value=delivery.account)
        ready.publisher.account.check_status(delivery.status)
        post = self._post_of(delivery)
        ready.capabilities.check(post)
        return ready.publisher.publish(post, key=delivery.key, steps=_Steps(self._outbox, attempt))


def _wait_s(tries: int, asked_s: float | None) -> float:
    return asked_s if asked_s is not None else min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_WAIT_S)


class _Steps(MutableMapping[str, str]):
    """A publisher's notes to itself, on disk before its next request."""

    def __init__(self, outbox: Outbox, attempt: Attempt) -> None:
        self._outbox = outbox
        self._attempt = attempt.id
        self._steps = dict(attempt.steps)

    def __getitem__(self, name: str) -> str:
        return self._steps[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._outbox.save_steps(self._attempt, self._steps | {name: value})
        self._steps[name] = value

    def __delitem__(self, name: str) -> None:
        self._outbox.save_steps(self._attempt, {key: value for key, value in self._steps.items() if key != name})
        del self._steps[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)


def due_after(deliveries: tuple[Delivery, ...]) -> datetime | None:
    """Returns when the next queued delivery is due, or None when nothing is queued."""
    waits = [delivery.not_before for delivery in deliveries if delivery.state == "queued" and delivery.not_before]
    return min(waits, default=None)
