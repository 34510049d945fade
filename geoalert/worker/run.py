"""One pass over what is due: claim, publish, write down."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from geoalert.clock import Clock
from geoalert.errors import (
    ConfigurationError,
    ExplainedError,
    NotLive,
    NotSent,
    OutboxError,
    OutcomeUnknown,
    PlanChanged,
    PublishError,
    Rejected,
)
from geoalert.outbox import Attempt, Delivery, Outbox
from geoalert.publishing import Capabilities, Post, Publisher, Receipt

FIRST_WAIT_S = 5.0
LEAST_WAIT_S = 1.0
LONGEST_WAIT_S = 900.0
LONGEST_ASKED_S = 7 * 86_400.0


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
        post_of: the approved content of a delivery, proved against its digest by whoever hands it in.
        clock: the present.
        chance: between 0 and 1, spreads waits so that many senders do not come back at once.
    """

    def __init__(
        self,
        outbox: Outbox,
        accounts: Mapping[str, Ready],
        post_of: Callable[[Delivery], Post],
        clock: Clock,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._accounts = accounts
        self._post_of = post_of
        self._clock = clock
        self._chance = chance

    def run_once(self, *, tell: Callable[[Delivery], None] | None = None) -> int:
        """Sends everything due now; returns how many deliveries were tried.

        Rows past their expiry become `expired`. Rows that a crash left `sending` become `unknown`, and places that can prove
        what they have are asked about every unknown row: found is `done`, proved absent is sent.
        """
        self._outbox.recover(at=self._clock())
        self._outbox.expire(at=self._clock())
        self._find_unknown()
        tried = 0
        while claimed := self._outbox.claim(at=self._clock()):
            for delivery, attempt in claimed:
                self._try(delivery, attempt)
                tried += 1
                if tell is not None:
                    tell(delivery)
        return tried

    def _find_unknown(self) -> None:
        for delivery in self._outbox.deliveries(state="unknown"):
            ready = self._accounts.get(delivery.account)
            if ready is None or not ready.capabilities.find:
                continue
            since = self._outbox.attempts(delivery.id)[0].started_at
            attempt = self._outbox.reopen(delivery.id, at=self._clock())
            try:
                ready.publisher.account.check_status(delivery.status)
                receipt = ready.publisher.find(self._post_of(delivery), key=delivery.key, since=since)
            except Exception as err:  # noqa: BLE001  whatever went wrong, the outcome is as unknown as before
                self._settle(delivery, attempt, state="unknown", error=err)
            else:
                self._settle(delivery, attempt, state="queued" if receipt is None else "done", receipt=receipt)

    def _try(self, delivery: Delivery, attempt: Attempt) -> None:
        try:
            ready, post = self._prepared(delivery)
        except (Rejected, NotLive, PlanChanged, ConfigurationError) as err:
            self._settle(delivery, attempt, state="rejected", error=err)
            return
        except Exception as err:  # noqa: BLE001  nothing has left yet, so trying again is safe
            self._wait(delivery, attempt, err, None)
            return
        try:
            receipt = ready.publisher.publish(post, key=delivery.key, steps=_Steps(self._outbox, attempt))
            if not isinstance(receipt, Receipt):
                raise OutcomeUnknown("the publisher returned no receipt", code="no_receipt")
        except NotSent as err:
            self._wait(delivery, attempt, err, err.retry_after_s)
        except (Rejected, ConfigurationError) as err:
            self._settle(delivery, attempt, state="rejected", error=err)
        except Exception as err:  # noqa: BLE001  a defect in an adapter leaves the outcome unknown: it must never be repeated blindly
            self._settle(delivery, attempt, state="unknown", error=err)
        else:
            self._settle(delivery, attempt, state="done", receipt=receipt)

    def _prepared(self, delivery: Delivery) -> tuple[Ready, Post]:
        ready = self._accounts.get(delivery.account)
        if ready is None:
            raise ConfigurationError("the account is not in geoalert.toml", code="unknown_account", field="account", value=delivery.account)
        ready.publisher.account.check_status(delivery.status)
        post = self._post_of(delivery)
        ready.capabilities.check(post)
        return ready, post

    def _wait(self, delivery: Delivery, attempt: Attempt, err: Exception, asked_s: float | None) -> None:
        again = self._clock() + timedelta(seconds=_wait_s(attempt.number, asked_s, self._chance()))
        state = "queued" if again < delivery.expires_at or delivery.act != "publish" else "expired"
        self._settle(delivery, attempt, state=state, error=err, not_before=again)

    def _settle(
        self,
        delivery: Delivery,
        attempt: Attempt,
        *,
        state: str,
        receipt: Receipt | None = None,
        error: Exception | None = None,
        not_before: datetime | None = None,
    ) -> None:
        told = None if error is None else self._told(delivery, error)
        try:
            self._outbox.settle(attempt, state=state, at=self._clock(), receipt=receipt, error=told, not_before=not_before)
        except OutboxError as err:
            raise OutboxError(
                f"{err.what}; what became of the post to {delivery.channel} could not be written down",
                code="outcome_unrecorded",
                file=err.file,
                do=f"{err.do}; the next send looks for it and never repeats it blindly",
            ) from err

    def _told(self, delivery: Delivery, error: Exception) -> ExplainedError:
        """Returns the error as the ledger may keep it: our own words with secrets masked, of a foreign one the class name alone."""
        if not isinstance(error, ExplainedError):
            return OutcomeUnknown(f"a defect in the publisher: {type(error).__name__}", code="publisher_defect")
        text = str(error)
        ready = self._accounts.get(delivery.account)
        for reveal in ready.publisher.account.secrets.values() if ready else ():
            try:
                secret = reveal()
            except ConfigurationError:
                continue
            text = text.replace(secret, "***") if secret else text
        return PublishError(text, code=error.code)


def _wait_s(tries: int, asked_s: float | None, chance: float) -> float:
    if asked_s is not None and math.isfinite(asked_s):
        return min(max(asked_s, LEAST_WAIT_S), LONGEST_ASKED_S)
    return min(FIRST_WAIT_S * 2.0 ** min(tries - 1, 16), LONGEST_WAIT_S) * (0.75 + 0.5 * chance)


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
