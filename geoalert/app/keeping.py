"""What a desk does for those who look at an alert years later, and for those in it: evidence and retention."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from geoalert.app.names import check_name
from geoalert.app.retention import Purge, Retention

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


class Keeping:
    """The part of a `Desk` that keeps and proves."""

    def evidence(self, alert: str, *, public: bool = False, by: str | None = None) -> bytes:
        """Returns the evidence file of an alert, a zip; that it was taken is recorded, and the same record gives the same bytes.

            Path("S1.zip").write_bytes(desk.evidence("S1", by="a.auditor"))

        Args:
            public: without names of staff, addresses, reasons, images and posts that were not public.
            by: who takes it; nobody named is recorded as "system".

        Raises:
            PlanError: unknown_alert, evidence_too_large.
        """
        from geoalert.app.evidence import Exporting

        if by is not None:
            check_name(by)
        return Exporting(cast("Desk", self)).export(alert, public=public, by=by or "system")

    def purge(self, *, by: str, dry_run: bool = False) -> Purge:
        """Purges what `[retention]` says is over, of alerts that have ended and have nothing open; the record stays proved.

        Args:
            by: an admin or auditor, where geoalert.toml lists any.
            dry_run: only return what would go.

        Raises:
            PlanError: not_a_keeper. OutboxError: the ledger cannot be written.
        """
        check_name(by)
        return Retention(cast("Desk", self)).purge(by=by, dry_run=dry_run)

    def legal_hold(self, alert: str, *, by: str, reason: str) -> None:
        """Keeps everything of an alert from being purged until `end_legal_hold`; recorded.

        Raises:
            PlanError: unknown_alert, already_held, reason_missing, not_a_keeper.
        """
        check_name(by)
        Retention(cast("Desk", self)).legal_hold(alert, by=by, reason=reason, held=True)

    def end_legal_hold(self, alert: str, *, by: str, reason: str) -> None:
        """Ends a legal hold; recorded.

        Raises:
            PlanError: not_held, reason_missing, not_a_keeper.
        """
        check_name(by)
        Retention(cast("Desk", self)).legal_hold(alert, by=by, reason=reason, held=False)
