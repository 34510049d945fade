"""What an alert must hold to be one: shape, times, numbering, words that another authority owns."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geoalert.alert.bans import banned_fields, banned_words
from geoalert.alert.checks import instant, line, one_of, optional_line, refuse_hidden
from geoalert.alert.kinds import Kind
from geoalert.alert.typed import flag, number, quiet, refuse_type, text_list
from geoalert.alert.words import plain, public_words
from geoalert.area import Area
from geoalert.errors import AlertError
from geoalert.geo import check_lonlat

if TYPE_CHECKING:
    from geoalert.alert.model import Alert

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_AMBER = re.compile(r"\bamber[\s_-]*alerts?\b|\balertes?[\s_-]*amber\b")


def check_shape(alert: Alert, words: Mapping[str, tuple[Collection[str], str]]) -> dict[str, Any]:
    """Returns the scalar fields in their kept form, or raises for the first that is wrong.

    Args:
        alert: being made; its fields are as they were given.
        words: by field, the words it may hold and the code of the error for another.
    """
    exact: dict[str, Any] = {"sender": line(alert.sender, field="sender")}
    if not isinstance(alert.id, str) or not _ID.fullmatch(alert.id) or alert.id.endswith("."):
        raise AlertError(
            "an alert needs an id of letters, digits, - _ .",
            code="invalid_id",
            field="id",
            value=alert.id,
            do="Give the file an id that no other alert of the agency has, such as S1",
        )
    if not isinstance(alert.revision, int) or isinstance(alert.revision, bool) or alert.revision < 1:
        raise AlertError("revisions count from 1", code="invalid_revision", field="revision", value=alert.revision)
    for name, (known, code) in words.items():
        exact[name] = one_of(getattr(alert, name), known, field=name, code=code)
    for name in ("case", "unit", "purpose", "lead", "authority_reference", "area_author", "area_reason"):
        exact[name] = optional_line(getattr(alert, name), field=name)
    exact["bans"] = quiet(text_list, alert.bans, field="bans")
    exact["young_person"] = flag(alert.young_person, field="young_person")
    exact["link"] = _link(alert.link)
    if exact["lead"] is not None and not all(part.strip() for part in exact["lead"].partition(":")):
        raise AlertError("a lead is LAYER:ID", code="invalid_lead", field="lead", value=exact["lead"], do="Write lead = 'division:D52'")
    if not isinstance(alert.recorded, Mapping):
        refuse_type(alert.recorded, "a mapping of layer to boundary id", field="recorded")
    exact["recorded"] = MappingProxyType({str(layer): str(boundary) for layer, boundary in alert.recorded.items()})
    if not isinstance(alert.area, Area):
        raise AlertError("an alert without an area reaches nobody", code="no_area", field="area", do="Give lon, lat and radius_m")
    for name in ("event_lon", "event_lat"):
        number(getattr(alert, name), field=name)
    if (alert.event_lon is None) != (alert.event_lat is None):
        raise AlertError("an event point needs both lon and lat", code="half_a_point", field="event")
    if alert.event_lon is not None and alert.event_lat is not None:
        check_lonlat(alert.event_lon, alert.event_lat, field="event")
    return exact | _times(alert)


def _times(alert: Alert) -> dict[str, Any]:
    if not isinstance(alert.zone, str):
        refuse_type(alert.zone, "the IANA name of a time zone", field="zone")
    try:
        ZoneInfo(alert.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise AlertError("unknown time zone", code="unknown_zone", field="zone", value=alert.zone, do="Use an IANA name") from err
    if alert.expires is None:
        raise AlertError("an alert without an end is refused", code="no_expiry", field="expires", do="Give expires = DATE and time")
    exact: dict[str, Any] = {"expires": instant(alert.expires, field="expires")}
    if alert.onset is not None:
        onset: datetime = instant(alert.onset, field="onset")
        if onset >= exact["expires"]:
            raise AlertError("the alert expires before it begins", code="expires_before_onset", field="expires")
        exact["onset"] = onset
    for reference in alert.references:
        line(reference.sender, field="references.sender")
        line(reference.id, field="references.id")
        instant(reference.sent, field="references.sent")
        if (reference.sender, reference.id, reference.revision) == (alert.sender, alert.id, alert.revision):
            raise AlertError("an alert cannot follow itself", code="reference_to_itself", field="references", value=reference.identifier)
    if alert.order is not None:
        instant(alert.order.made_at, field="order.made_at")
        line(alert.order.number, field="order.number")
    return exact


def check_parts(alert: Alert, kinds: Mapping[str, Kind]) -> None:
    """Raises for the first of texts, people, vehicles, media and bans that does not fit the others."""
    kind = kinds[one_of(alert.kind, kinds, field="kind", code="unknown_kind")]
    if not alert.texts:
        raise AlertError(
            "an alert without words says nothing", code="missing_text", field="text", do="Give [text.en] with event, place, when, guidance"
        )
    _unique([texts.language for texts in alert.texts], field="text", code="language_twice")
    numbers = [person.number for person in alert.people]
    _unique(numbers, field="people.number", code="person_number")
    _unique([vehicle.number for vehicle in alert.vehicles], field="vehicles.number", code="vehicle_number")
    for person in alert.people:
        if person.label not in kind.labels:
            raise AlertError(
                f"a {kind.name} does not describe a person as {person.label}",
                code="label_not_of_kind",
                field=f"people.{person.number}.label",
                value=person.label,
                do=f"Use {', '.join(kind.labels)}, or another kind of alert",
            )
    for kept in alert.restricted.people:
        if kept.number not in numbers:
            raise AlertError(
                "a restricted record names no person of the alert", code="unknown_person", field="restricted.people", value=kept.number
            )
    if kind.relayed and not (alert.authority_reference or "").strip():
        raise AlertError(
            f"{kind.name} is issued by another authority",
            code="authority_missing",
            field="authority_reference",
            do="Give the issuer's reference; geoalert relays such alerts and never authors them",
        )
    _check_media(alert, numbers)
    for where, text in public_words(alert):
        refuse_hidden(text, field=where, breaks=where.startswith(("text.", "media.")))
    if kind.name != "amber_relay":
        _refuse_amber(alert)
    for position, ban in enumerate(alert.bans, 1):
        if banned_words(ban) is None:
            banned_fields(alert, ban, field=f"bans.{position}")


def _check_media(alert: Alert, numbers: list[int]) -> None:
    for item in alert.media:
        if item.person is not None and item.person not in numbers:
            raise AlertError(
                "an image shows a person whom the alert does not describe",
                code="unknown_person",
                file=item.name,
                field="media.person",
                value=item.person,
                do=f"The people are {', '.join(map(str, numbers))}" if numbers else "Add a [[people]] block with this number",
            )
        described = {tag.split("-")[0].lower() for tag in item.alt}
        for texts in alert.texts:
            if texts.language.split("-")[0] not in described:
                raise AlertError(
                    "an image has no alternative text in a language of the alert",
                    code="missing_alt",
                    file=item.name,
                    field=f"alt.{texts.language}",
                    do="Describe the image in every language of the alert",
                )


def _refuse_amber(alert: Alert) -> None:
    for where, text in public_words(alert):
        if _AMBER.search(plain(text)):
            raise AlertError(
                "only the issuing authority's relay may say AMBER Alert",
                code="amber_words",
                field=where,
                value=text,
                do="Use kind = 'amber_relay' with authority_reference, or other words",
            )


def _unique(values: list[Any], *, field: str, code: str) -> None:
    for value in values:
        if values.count(value) > 1:
            raise AlertError(f"{field} {value} is given twice", code=code, field=field, value=value)


def _link(link: str | None) -> str | None:
    text = optional_line(link, field="link")
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or "@" in text.split("/")[2] or any(mark.isspace() for mark in text):
        raise AlertError("not a link to a page", code="invalid_link", field="link", value=text, do="Give the whole https:// address")
    return text
