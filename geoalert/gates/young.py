"""The young-person gate (YCJA s.110): no identity without an order, and none after it ends."""

from __future__ import annotations

from datetime import datetime

from geoalert.alert import Alert
from geoalert.errors import GateRefused
from geoalert.findings import Finding

RULE = "young_persons"
SOURCE = "YCJA s.110"
_ACCUSED = ("suspect", "wanted", "person_of_interest")
ADULT_YEARS = 18


def young_persons(alert: Alert, *, now: datetime | None = None) -> tuple[datetime, list[Finding]]:
    """Returns when the alert must end, cut to the order's end, and what was found.

    A missing young person is described freely; only those whom an offence concerns fall under the Act.

    Raises:
        GateRefused: `young_person_without_order`, `order_ended`.
    """
    accused = [person for person in alert.people if person.label in _ACCUSED]
    young = [p for p in accused if alert.young_person or (p.age_years is not None and p.age_years[0] < ADULT_YEARS)]
    if not young:
        return alert.expires, []
    where = f"people.{young[0].number}"
    if alert.order is None:
        raise GateRefused(
            "a person who is or may be under 18 may not be identified",
            rule=RULE,
            code="young_person_without_order",
            field=where,
            do="Attach the order of s.110(4) as [order] with number and made_at, or leave the person out",
        )
    ends = alert.order.ends_at
    if now is not None and ends <= now:
        raise GateRefused(
            "the order has ended",
            rule=RULE,
            code="order_ended",
            field="order.made_at",
            do="A new order needs a new alert and a new approval",
        )
    found = [Finding("warn", "young_person", "Identifies a young person under a court's order", RULE, SOURCE, where)]
    if alert.at_expiry != "remove":
        raise GateRefused(
            "what identifies a young person must go when the order ends",
            rule=RULE,
            code="young_person_must_go",
            field="at_expiry",
            do="Use at_expiry = 'remove'",
        )
    if ends < alert.expires:
        text = f"The alert ends with the order, {ends.isoformat()}, five days after it was made"
        found.append(Finding("warn", "order_ends_first", text, RULE, SOURCE, "expires"))
    return min(ends, alert.expires), found
