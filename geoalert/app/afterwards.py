"""What a desk does once something is out: hold, recall, confirm, settle, work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from geoalert.app.closing import Closing, Recalled
from geoalert.app.holding import Held, Holding
from geoalert.app.lives import Standpoint, standpoint
from geoalert.app.names import who
from geoalert.app.unknowns import Unknown, Unknowns
from geoalert.app.working import Working
from geoalert.outbox import Delivery

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


class Afterwards:
    """The part of a `Desk` that deals with what was sent; whoever acts is `by`, else GEOALERT_AS, else the login."""

    def hold(self, alert: str, *, by: str | None = None, reason: str = "") -> Held:
        """Stops at once everything that an alert has still to say, in every process; requests under way end.

        What takes posts back goes on. A revision planned later is not held: it is sent once it is approved.

        Raises:
            PlanError: unknown_plan, illegal_step.
        """
        return Holding(self._desk).hold(alert, by=who(by), reason=reason)

    def release(self, alert: str, *, by: str | None = None, reason: str) -> Held:
        """Lets a held alert go on, for a reason that is recorded.

        Raises:
            PlanError: not_held, reason_missing, illegal_step.
        """
        return Holding(self._desk).release(alert, by=who(by), reason=reason)

    def recall(self, alert: str, *, because: str, by: str | None = None, dry_run: bool = False, wait_s: float = 0.0) -> Recalled:
        """Takes back everything that is out of an alert, in every revision, with the closing texts approved with it.

        Deletes where the place can, else edits, answers, or tells whoever looks after the channel. Recalling twice is quiet.

        Args:
            because: arrested, located, identified, resolved or error. After error its images are blocked for ever.
            by: one person; no second one is needed.
            dry_run: only return what would be done.
            wait_s: seconds to go on with what can be repeated.

        Raises:
            PlanError: unknown_reason, unknown_plan, illegal_step (it was never sent), already_closed (for another reason; only an error
                comes after another).
        """
        return Closing(self._desk).recall(alert, because=because, by=who(by), dry_run=dry_run, wait_s=wait_s)

    def confirm(self, alert: str, channel: str, *, by: str | None = None, note: str | None = None) -> int:
        """Notes that somebody saw the posts in one channel gone; returns how many open takedowns that ends, 0 where it was known.

        Raises:
            PlanError: nothing_open, illegal_step.
        """
        return Closing(self._desk).confirm(alert, channel, by=who(by), note=note)

    def unknown(self, alert: str | None = None) -> tuple[Unknown, ...]:
        """Returns every delivery whose outcome nobody knows, with all that is known."""
        return Unknowns(self._desk).all(alert)

    def settle_unknown(self, key: str, *, landed: str | None, by: str | None = None, reason: str) -> str:
        """Writes down what a person found at the place; returns the state that the delivery got.

        Args:
            key: of the delivery, or its first 4 characters and more.
            landed: where it can be seen; None says that it never arrived: it is then queued again, unless it has expired.

        Raises:
            PlanError: unknown_key, reason_missing.
        """
        return Unknowns(self._desk).settle(key, landed=landed, by=who(by), reason=reason)

    def work(
        self,
        *,
        stop: threading.Event | None = None,
        tell: Callable[[Delivery], None] | None = None,
        standing_by: Callable[[], None] | None = None,
    ) -> bool:
        """Does what is due: posts, expiries, takedowns; goes on until `stop` where one is given.

        Args:
            stop: set it to end: requests under way end, nothing new begins.
            tell: called after each try.
            standing_by: called where another worker runs, which this one waits for.

        Returns:
            False where there is no `stop` and another process does the work.
        """
        if stop is None:
            return Working(self._desk).once(tell=tell)
        Working(self._desk).run(stop=stop, tell=tell, standing_by=standing_by)
        return True

    def standpoint(self, alert: str) -> Standpoint:
        """Returns where an alert stands in its life: state, newest revision, CAP's msgType and references."""
        return standpoint(self._desk, alert)

    @property
    def _desk(self) -> Desk:
        return cast("Desk", self)
