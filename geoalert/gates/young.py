"""The young-person gate (YCJA s.110, s.111): no identity without an order, and none after it ends; a young witness never."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from geoalert.alert import Alert, Person
from geoalert.clock import local_text
from geoalert.errors import GateRefused
from geoalert.findings import Finding

RULE = "young_persons"
SOURCE = "YCJA s.110"
WITNESS_SOURCE = "YCJA s.111"
_ACCUSED = ("suspect", "wanted", "person_of_interest")
_SHOWS_NOBODY = ("map",)
ADULT_YEARS = 18


def young_persons(alert: Alert, *, now: datetime | None = None) -> tuple[datetime, list[Finding]]:
    """Returns when the alert must end, cut to the order's end, and what was found.

    A missing young person is described freely; only those whom an offence concerns fall under the Act. `young_person` in an alert
    about an offence covers everyone described and every image, whoever they are.

    Raises:
        GateRefused: `young_person_without_order`, `order_ended`, `young_person_must_go`.
    """
    where = _identified(alert)
    if where is None:
        return alert.expires, []
    if alert.order is None:
        raise GateRefused(
            "a person who is or may be under 18 may not be identified",
            rule=RULE,
            code="young_person_without_order",
            field=where,
            do="Attach the order of s.110(4) as [order] with number and made_at, or leave the person, image or plate out",
        )
    ends = alert.order.ends_at
    if now is not None and ends <= now:
        raise GateRefused(
            f"the order ended on {local_text(ends, alert.zone)}",
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
        text = f"The alert ends with the order, {local_text(ends, alert.zone)}, five days after it was made"
        found.append(Finding("warn", "order_ends_first", text, RULE, SOURCE, "expires"))
    return min(ends, alert.expires), found


def young_witnesses(alert: Alert) -> Iterator[Finding]:
    """Yields what is withheld of a witness who may be under 18 in an alert about an offence: the person, and images of them.

    No order of s.110 lifts this; an image that names nobody goes too where only such witnesses are described.
    """
    if not alert.about.offence:
        return
    numbers = [person.number for person in alert.people if person.label == "witness" and _may_be_young(person)]
    alone = len(numbers) == len(alert.people)
    for number in numbers:
        text = "A witness who is or may be under 18 is not identified"
        yield Finding("withhold", "young_witness", text, RULE, WITNESS_SOURCE, f"people.{number}")
    for position, item in enumerate(alert.media, 1):
        nobodys = bool(numbers) and alone and item.media_class not in _SHOWS_NOBODY
        if item.person in numbers or nobodys:
            shown = "The image may show a witness who is or may be under 18"
            yield Finding("withhold", "young_witness_image", shown, RULE, WITNESS_SOURCE, f"media.{position}")


def _identified(alert: Alert) -> str | None:
    """Returns the field that identifies someone who falls under s.110, the person before the image."""
    covered = alert.young_person and alert.about.offence
    for person in alert.people:
        accused = person.label in _ACCUSED
        if covered or (accused and (alert.young_person or _may_be_young(person))):
            return f"people.{person.number}"
    if not covered:
        return None
    shown = [f"media.{n}" for n, item in enumerate(alert.media, 1) if item.media_class not in _SHOWS_NOBODY]
    plates = [f"vehicles.{vehicle.number}.plate" for vehicle in alert.vehicles if vehicle.plate]
    return next(iter(shown + plates), None)


def _may_be_young(person: Person) -> bool:
    return person.age_years is not None and person.age_years[0] < ADULT_YEARS
