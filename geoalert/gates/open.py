"""The one way from an Alert to a PublicAlert.

The gates of this release, each a rule with a name that its finding or refusal carries:

    gates_not_complete       status actual is refused until every gate exists
    profile_kinds            the agency's profile has this kind of alert
    young_persons            nobody who may be under 18 without a court's order, nor for longer than it lasts; no young witness at all
    missing_person_privacy   a missing person's sex or gender stays inside
    publication_ban          fields that a ban names are withheld, words that it names stop the alert
    restricted_fields        no restricted value, nor a telling part of one, stands in a public text
    response_block           somebody answers: emergency number, unit or tip line
    case_pattern             the case number looks like the agency's
    profile_review           a named person checked the profile against the law
    scope                    a restricted alert goes to no public channel (`check_scope`, asked for each channel)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from geoalert.alert import Alert, Person, Texts, Vehicle
from geoalert.alert.checks import instant
from geoalert.clock import local_text
from geoalert.errors import AlertError, GateRefused
from geoalert.findings import Finding
from geoalert.gates.contact import Contact
from geoalert.gates.privacy import Withheld, withheld_fields
from geoalert.gates.profile import Profile
from geoalert.gates.public import PublicAlert, PublicPerson, closest
from geoalert.gates.young import young_persons

PLAIN = Profile(name="plain")
Member = TypeVar("Member", Texts, Vehicle)


@dataclass(frozen=True, slots=True)
class Gated:
    """What the gates let through, and what they said."""

    public: PublicAlert
    findings: tuple[Finding, ...]


def open_gates(alert: Alert, *, contact: Contact | None = None, profile: Profile = PLAIN, now: datetime | None = None) -> Gated:
    """Returns the public form of the alert with every finding, or refuses.

    Args:
        alert: as its author wrote it.
        contact: the unit that answers, from units.csv on the day.
        profile: the agency's law and contact lines.
        now: refuses what is over already; without it time is not looked at.

    Raises:
        GateRefused: a rule said no; `rule` names it.
        AlertError: `already_expired`.

    Example:
        gated = open_gates(alert, contact=Contact(unit="sex-crimes", phone="416-555-0174"))
        [finding.text for finding in gated.findings if finding.level == "withhold"]
    """
    _refuse_status_kind_time(alert, profile, now)
    expires, young = young_persons(alert, now=now)
    kept = withheld_fields(alert)
    if kept.hides("unit"):
        contact = None
    public = PublicAlert(
        sender=alert.sender,
        id=alert.id,
        revision=alert.revision,
        kind=alert.kind,
        status=alert.status,
        scope=alert.scope,
        expires=expires,
        zone=alert.zone,
        texts=tuple(_without(texts, f"text.{texts.language}", kept) for texts in alert.texts),
        contact=_contact(alert.languages[0], contact, profile),
        contact_by_language={tag: _contact(tag, contact, profile) for tag in profile.languages},
        case=None if kept.hides("case") else alert.case,
        unit=None if kept.hides("unit") else alert.unit,
        link=None if kept.hides("link") else alert.link,
        people=tuple(_public_person(person, kept) for person in alert.people if not kept.hides(f"people.{person.number}")),
        vehicles=tuple(_without(car, f"vehicles.{car.number}", kept) for car in alert.vehicles if not kept.hides(f"vehicles.{car.number}")),
        media=tuple(item for position, item in enumerate(alert.media, 1) if not kept.hides(f"media.{position}")),
        area_label=None if kept.hides("area.label") else alert.area.label,
        references=alert.references,
        authority_reference=None if kept.hides("authority_reference") else alert.authority_reference,
    )
    kept.refuse_in(("contact", line) for lines in (public.contact, *public.contact_by_language.values()) for line in lines)
    return Gated(public=public, findings=(*young, *kept.findings, *_habits(alert, contact, profile, kept)))


def check_scope(alert_scope: str, channel_scope: str) -> None:
    """Refuses to let a restricted alert reach a channel that is not restricted.

    Raises:
        GateRefused: `restricted_to_public`.

    Example:
        check_scope("restricted", "public")  # refuses: Hamilton's staff-only appeal, a public feed
    """
    if alert_scope != "public" and channel_scope != "restricted":
        raise GateRefused(
            "a restricted alert goes to restricted channels only",
            rule="scope",
            code="restricted_to_public",
            field="scope",
            do="Leave the public channel out, or make an alert of scope public",
        )


def _public_person(person: Person, kept: Withheld) -> PublicPerson:
    where = f"people.{person.number}"
    return PublicPerson(**{f.name: getattr(person, f.name) for f in fields(PublicPerson) if not kept.hides(f"{where}.{f.name}")})


def _without(member: Member, where: str, kept: Withheld) -> Member:
    gone = [f.name for f in fields(member) if kept.hides(f"{where}.{f.name}")]
    empty: dict[str, Any] = {name: () if isinstance(getattr(member, name), tuple) else None for name in gone}
    return replace(member, **empty)


def _refuse_status_kind_time(alert: Alert, profile: Profile, now: datetime | None) -> None:
    if alert.status == "actual":
        raise GateRefused(
            "this release plans no actual alert: its gates are not complete",
            rule="gates_not_complete",
            code="actual_refused",
            field="status",
            do="Use status = 'exercise'",
        )
    if alert.kind not in profile.kinds:
        raise GateRefused(
            f"the profile {profile.name} has no {alert.kind}",
            rule="profile_kinds",
            code="kind_not_in_profile",
            field="kind",
            do=f"It has {', '.join(profile.kinds)}",
        )
    if now is not None and alert.expires <= instant(now, field="now"):
        raise AlertError(
            "the alert is over already",
            code="already_expired",
            field="expires",
            value=local_text(alert.expires, alert.zone),
            do="Give a later time",
        )


def _contact(language: str, contact: Contact | None, profile: Profile) -> tuple[str, ...]:
    lines = [_spoken(profile.emergency, language), contact.line if contact else None, _spoken(profile.tip_line, language)]
    found = tuple(text for text in lines if text)
    if not found:
        raise GateRefused(
            "nobody could answer this alert",
            rule="response_block",
            code="contact_missing",
            field="unit",
            do="Name a unit of units.csv, or a profile with a tip line",
        )
    return found


def _spoken(known: Mapping[str, str], language: str) -> str | None:
    tag = closest(language, known)
    return known[tag] if tag else next(iter(known.values()), None)


def _habits(alert: Alert, contact: Contact | None, profile: Profile, kept: Withheld) -> list[Finding]:
    found = []
    if alert.unit and contact is None and not kept.hides("unit"):
        text = "The alert names a unit, but its contact was not looked up; posts end without it"
        found.append(Finding("warn", "unit_without_contact", text, "response_block", where="unit"))
    if alert.case and profile.case_pattern and not re.fullmatch(profile.case_pattern, alert.case):
        found.append(
            Finding("warn", "case_pattern", "The case number does not look like the agency's", "case_pattern", profile.name, "case")
        )
    if not profile.reviewed:
        text = "Nobody has reviewed this profile; it cannot go live"
        found.append(Finding("warn", "profile_not_reviewed", text, "profile_review", profile.name))
    return found
