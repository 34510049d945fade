"""One try of one delivery in a publisher's thread: what is done, and what the answer means."""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from geoalert.clock import Clock
from geoalert.errors import (
    ConfigurationError,
    ExplainedError,
    NotLive,
    NotSent,
    OutcomeUnknown,
    PlanChanged,
    PublishError,
    Rejected,
)
from geoalert.outbox import Attempt, Delivery, Settlement, ends_at_expiry
from geoalert.publishing import Capabilities, Publisher, Receipt
from geoalert.worker.lanes import Slot
from geoalert.worker.pace import wait_s
from geoalert.worker.ready import Content, Ready
from geoalert.worker.steps import Steps

REPEATABLE = ("recall", "replace")
"""Acts that may be done twice by contract: taking down twice is quiet, and saying the same twice says it once."""


@dataclass(slots=True)
class Job:
    """One try on its way through a thread.

    Attributes:
        began: monotonic seconds.
        repeat: the row's outcome is unknown, and it is done again with the same key.
        first: the row's outcome is unknown, and the place is asked what it holds since this try of it.
        ended: what came of it, until the loop has noted it.
    """

    delivery: Delivery
    attempt: Attempt
    slot: Slot
    steps: Steps
    began: float = 0.0
    repeat: bool = False
    first: Attempt | None = None
    ended: Ended | None = None
    _gate: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Returns whether the caller is the one who has it: a thread that does it, or the loop that calls it off."""
        return self._gate.acquire(blocking=False)


@dataclass(slots=True)
class Ended:
    """How a job ended.

    Attributes:
        local: it ended here, before the place was asked.
        silent: the place did not answer.
        asked_s: seconds that the place asked everybody to wait.
        died: what took the thread down; the row is then left as a crash leaves it.
    """

    job: Job
    settlement: Settlement | None = None
    local: bool = False
    silent: bool = False
    asked_s: float | None = None
    died: BaseException | None = None


class Tries:
    """Does one job after another; the error's class alone decides what becomes of a row."""

    def __init__(
        self, accounts: Callable[[str], Ready | None], content_of: Callable[[Delivery], Content], clock: Clock, chance: Callable[[], float]
    ) -> None:
        self._ready = accounts
        self._content_of = content_of
        self._clock = clock
        self._chance = chance

    def run(self, job: Job) -> Ended:
        """Tries one delivery; never raises."""
        try:
            return self._try(job) if job.first is None else self._find(job, job.first)
        except BaseException as err:  # noqa: BLE001  what ends a thread has to end the worker, not vanish in the thread
            return Ended(job, died=err)

    def _find(self, job: Job, first: Attempt) -> Ended:
        try:
            _, publisher, content = self._prepared(job, check=False)
            if content.post is None:
                raise Rejected("the plan holds no text for this", code="no_content", channel=job.delivery.channel)
            receipt = publisher.find(content.post, key=job.delivery.key, since=first.started_at)
            if receipt is not None and not isinstance(receipt, Receipt):
                raise OutcomeUnknown("the publisher returned no receipt", code="no_receipt")
        except Exception as err:  # noqa: BLE001  whatever went wrong, the outcome is as unknown as before
            return self._unknown(job, err)
        return self._end(job, "queued" if receipt is None else "done", receipt=receipt)

    def _try(self, job: Job) -> Ended:
        try:
            ready, publisher, content = self._prepared(job, check=True)
        except Exception as err:  # noqa: BLE001  nothing has left yet, so trying again is safe
            final = isinstance(err, Rejected | NotLive | PlanChanged | ConfigurationError)
            ended = self._refused(job, err) if final else self._wait(job, err, None)
            ended.local, ended.silent, ended.asked_s = True, False, None
            return ended
        try:
            receipt = _act(publisher, job.delivery, content, job.steps)
            if not isinstance(receipt, Receipt):
                raise OutcomeUnknown("the publisher returned no receipt", code="no_receipt")
        except NotSent as err:
            ended = self._wait(job, err, err.retry_after_s)
            ended.asked_s, ended.silent = _of_account(err)
            return ended
        except (Rejected, ConfigurationError) as err:
            return self._refused(job, err)
        except Exception as err:  # noqa: BLE001  a defect in an adapter leaves the outcome unknown: it must never be repeated blindly
            return self._unknown(job, err, again=may_ask(ready.capabilities, job.delivery.act))
        return self._end(job, "done", receipt=receipt)

    def _prepared(self, job: Job, *, check: bool) -> tuple[Ready, Publisher, Content]:
        delivery = job.delivery
        ready = self._ready(delivery.account)
        if ready is None:
            raise ConfigurationError("the account is not in geoalert.toml", code="unknown_account", field="account", value=delivery.account)
        ready.publisher.account.check_status(delivery.status)
        content = self._content_of(delivery)
        if check and delivery.act != "recall":
            if content.post is None:
                raise Rejected("the plan holds no text for this", code="no_content", channel=delivery.channel)
            ready.capabilities.check(content.post)
        if check and delivery.act in ("recall", "replace", "correct") and content.receipt is None:
            raise Rejected("nothing is known of the post that this is about", code="no_receipt", channel=delivery.channel)
        if job.slot.publisher is None:
            job.slot.publisher = ready.publisher if ready.make is None else ready.make()
        return ready, job.slot.publisher, content

    def _refused(self, job: Job, err: Exception) -> Ended:
        # What may have landed before is not made unsaid by a refusal of its repetition.
        return self._unknown(job, err) if job.repeat else self._end(job, "rejected", error=err)

    def _wait(self, job: Job, err: Exception, asked_s: float | None) -> Ended:
        if job.repeat:
            return self._unknown(job, err)
        again = self._again(job, asked_s)
        if again >= job.delivery.expires_at and ends_at_expiry(job.delivery.act, job.delivery.because):
            return self._end(job, "expired", error=err)
        return self._end(job, "queued", error=err, not_before=again)

    def _unknown(self, job: Job, err: Exception, *, again: bool = True) -> Ended:
        asked_s = err.retry_after_s if isinstance(err, NotSent) else None
        ended = self._end(job, "unknown", error=err, not_before=self._again(job, asked_s) if again else None)
        ended.silent = isinstance(err, OutcomeUnknown) and err.code != "no_receipt"
        if isinstance(err, NotSent):
            ended.asked_s, ended.silent = _of_account(err)
        return ended

    def _again(self, job: Job, asked_s: float | None) -> datetime:
        return self._clock() + timedelta(seconds=wait_s(job.attempt.number, asked_s, self._chance()))

    def _end(
        self, job: Job, state: str, *, receipt: Receipt | None = None, error: Exception | None = None, not_before: datetime | None = None
    ) -> Ended:
        told = None if error is None else self._told(job.delivery, error)
        return Ended(job, Settlement(job.attempt, state, self._clock(), receipt, told, not_before))

    def _told(self, delivery: Delivery, error: Exception) -> ExplainedError:
        """Returns the error as the ledger may keep it: our own words with secrets masked, of a foreign one the class name alone."""
        if not isinstance(error, ExplainedError):
            return OutcomeUnknown(f"a defect in the publisher: {type(error).__name__}", code="publisher_defect")
        text = str(error)
        ready = self._ready(delivery.account)
        for reveal in ready.publisher.account.secrets.values() if ready else ():
            try:
                secret = reveal()
            except ConfigurationError:
                continue
            text = text.replace(secret, "***") if secret else text
        return PublishError(text, code=error.code)


def _of_account(err: NotSent) -> tuple[float | None, bool]:
    """Returns the seconds that the whole account was asked to wait, and whether the place is silent; one post put off is neither."""
    return (err.retry_after_s, err.retry_after_s is None) if err.whole_account else (None, False)


def may_ask(capabilities: Capabilities, act: str) -> bool:
    """Returns whether an unknown outcome can be settled without a person."""
    return may_repeat(capabilities, act) or capabilities.find


def may_repeat(capabilities: Capabilities, act: str) -> bool:
    """Returns whether an act may be done again with the same key, though it may have been done already."""
    return capabilities.idempotent or act in REPEATABLE


def _act(publisher: Publisher, delivery: Delivery, content: Content, steps: MutableMapping[str, str]) -> Receipt:
    post, receipt, key = content.post, content.receipt, delivery.key
    if delivery.act == "recall" and receipt is not None:
        return publisher.recall(receipt, key=key)
    if post is None:
        raise Rejected("the plan holds no text for this", code="no_content", channel=delivery.channel)
    if delivery.act == "replace" and receipt is not None:
        return publisher.replace(receipt, post, key=key)
    return publisher.publish(replace(post, reply_to=receipt) if delivery.act == "correct" else post, key=key, steps=steps)
