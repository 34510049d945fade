"""What a desk does for those who look at an alert years later: evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from geoalert.app.evidence import Exporting
from geoalert.app.names import check_name

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
        if by is not None:
            check_name(by)
        return Exporting(cast("Desk", self)).export(alert, public=public, by=by or "system")
