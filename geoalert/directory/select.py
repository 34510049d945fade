"""Selects the channels and venues of one alert; every one of the directory gets its reason."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.boundaries.ids import natural_key
from geoalert.boundaries.model import Layer
from geoalert.directory.hours import hours_finding
from geoalert.directory.model import Channel, Directory, Venue, VenueIndex, consent_gap
from geoalert.directory.reach import Asked, Met, refusal, why
from geoalert.directory.selection import Selected, Selection
from geoalert.directory.visits import walk
from geoalert.errors import DirectoryError
from geoalert.findings import Finding
from geoalert.geo import Frame, distances_m
from geoalert.text import nearest

if TYPE_CHECKING:
    from geoalert.alert.audience import AudienceRule
    from geoalert.area import Area
    from geoalert.targeting import Survey

POINT_TOLERANCE_M = 30.0
"""A venue this near to a bare point is at it, as in matching."""

SENSITIVE = ("education", "childcare", "shelter", "worship", "social", "health.clinic", "health.addiction")
"""Branches of categories whose venues an alert reaches only where its audience names them in `allow`."""


def select(
    directory: Directory,
    area: Area,
    survey: Survey,
    *,
    alert_kind: str,
    scope: str,
    audience: AudienceRule,
    layers: Mapping[str, Layer] | Iterable[Layer] = (),
    on: date,
    languages: Sequence[str] = ("en",),
) -> Selected:
    """Chooses the channels that speak for targeted boundaries and the wanted venues inside the area.

    Args:
        survey: of the same area; only targeted boundaries choose channels.
        scope: of the alert; a restricted alert goes to restricted channels and venues only.
        layers: resolve the ids in `speaks_for` by each layer's id rule; without them ids compare as written.
        on: the agency's calendar day.
        languages: of the alert, its main one first.

    Raises:
        DirectoryError: the audience names a channel that the directory does not have (unknown_channel).
    """
    _known_channels(directory, audience)
    named = layers if isinstance(layers, Mapping) else {layer.name: layer for layer in layers}
    met = {(match.layer, str(match.id)): Met(targeted=match.targeted, share_of_area=match.share_of_area) for match in survey.matches}
    asked = Asked(kind=alert_kind, scope=scope, audience=audience, on=on, languages=tuple(languages), met=met, layers=named)
    channels, recipients = _channels(directory.channels, asked)
    venues, contacts = _venues(directory, area, asked, recipients)
    visits = _visit_order([one for one in venues if one.on_visit_list], area)
    return Selected(
        selections=(*channels, *venues),
        recipients=(*recipients.values(), *contacts),
        visit_list=visits,
        findings=tuple(_findings(directory, asked, channels, venues)),
    )


def _known_channels(directory: Directory, audience: AudienceRule) -> None:
    known = {channel.id for channel in directory.channels}
    for wanted in audience.channels or ():
        if wanted not in known:
            near = nearest(wanted, known)
            raise DirectoryError(
                "the audience names a channel that is not in the directory",
                code="unknown_channel",
                field="audience.channels",
                value=wanted,
                do=f"Did you mean {' or '.join(near)}?" if near else "List the ids of channels.csv",
            )


def _channels(channels: Iterable[Channel], asked: Asked) -> tuple[list[Selection], dict[tuple[str, str], Channel]]:
    found: list[Selection] = []
    place: dict[tuple[str, str], int] = {}
    recipients: dict[tuple[str, str], Channel] = {}
    for channel in sorted(channels, key=lambda one: natural_key(one.id)):
        reason = refusal(channel, asked)
        if reason is not None:
            found.append(Selection(kind="channel", id=channel.id, name=channel.name, chosen=False, reason=reason))
            continue
        reason, via = why(channel, asked)
        first = recipients.setdefault(channel.recipient, channel)
        if first is not channel:
            at = place[channel.recipient]
            found[at] = replace(found[at], via=tuple(dict.fromkeys((*found[at].via, *via))))
            reason = f"reached once already, through {first.id} with the same account and address"
            found.append(Selection(kind="channel", id=channel.id, name=channel.name, chosen=False, reason=reason, via=via))
            continue
        place[channel.recipient] = len(found)
        found.append(
            Selection(
                kind="channel",
                id=channel.id,
                name=channel.name,
                chosen=True,
                reason=reason,
                via=via,
                channels=(channel.id,),
                languages=asked.fitting_languages(channel.languages) or asked.languages[:1],
            )
        )
    return found, recipients


def _venues(
    directory: Directory, area: Area, asked: Asked, taken: Mapping[tuple[str, str], Channel]
) -> tuple[list[Selection], list[Channel]]:
    index = directory.venue_index
    verdicts: dict[str, str | None] = {}
    reasons: list[str | None] = []
    for venue in index.venues:
        if venue.category not in verdicts:
            verdicts[venue.category] = _category_refusal(venue.category, asked.audience)
        closed = venue.closed_on is not None and venue.closed_on <= asked.on
        reasons.append(f"closed on {venue.closed_on}" if closed else verdicts[venue.category])
    wanted = np.array([row for row, reason in enumerate(reasons) if reason is None], dtype=np.intp)
    distances = dict(zip(wanted.tolist(), _distances(index, wanted, area).tolist(), strict=True))
    by_address = dict(taken)
    contacts: list[Channel] = []
    found: list[Selection] = []
    for row, (venue, reason) in enumerate(zip(index.venues, reasons, strict=True)):
        distance_m = distances.get(row)
        if reason is None and distance_m:
            reason = f"outside the area by {_metres(distance_m)}"
        elif reason is None and asked.scope == "restricted" and venue.scope != "restricted":
            reason = "a restricted alert may not go to a public venue"
        if reason is None:
            found.append(_chosen(venue, directory, asked, by_address, contacts))
        else:
            found.append(_place(venue, chosen=False, reason=reason, distance_m=distance_m))
    return found, contacts


def _category_refusal(category: str, audience: AudienceRule) -> str | None:
    if not audience.categories:
        return "the audience asks for no venues"
    if not audience.wants(category):
        return f"{category} is not among the wanted categories"
    if any(category == branch or category.startswith(f"{branch}.") for branch in SENSITIVE) and not audience.allows(category):
        return f"{category} is a sensitive category that the audience does not allow by name"
    return None


def _distances(index: VenueIndex, rows: NDArray[np.intp], area: Area) -> NDArray[np.float64]:
    """Metres from the area, 0 inside and on its edge."""
    lons, lats = index.lons[rows], index.lats[rows]
    measured = np.zeros(len(rows), dtype=np.float64)
    if not len(rows):
        return measured
    shapely.prepare(area.geometry)
    outside = ~shapely.intersects_xy(area.geometry, lons, lats)
    if outside.any():
        measured[outside] = np.maximum(distances_m(area.geometry, lons[outside], lats[outside]), 0.001)
    if area.is_point:
        measured[measured <= POINT_TOLERANCE_M] = 0.0
    return measured


def _metres(distance_m: float) -> str:
    return f"{math.ceil(distance_m)} m" if distance_m < 999 else f"{distance_m / 1000:.1f} km"


def _place(venue: Venue, *, chosen: bool, reason: str, distance_m: float | None) -> Selection:
    return Selection(
        kind="venue",
        id=venue.id,
        name=venue.name,
        chosen=chosen,
        reason=reason,
        lon=venue.lon,
        lat=venue.lat,
        distance_m=distance_m,
        category=venue.category,
        opening_hours=venue.opening_hours or None,
    )


def _chosen(
    venue: Venue, directory: Directory, asked: Asked, by_address: dict[tuple[str, str], Channel], contacts: list[Channel]
) -> Selection:
    """Returns the selection of a venue inside; its contacts that are new join `contacts`, none twice."""
    inside = f"{venue.category} inside the area"
    gap = "no contact is known" if not venue.contacts else consent_gap(venue.consent, venue.consented, asked.on)
    ways = [] if gap else [(way, address) for way, address in venue.contacts if way in directory.venue_accounts]
    if not ways:
        missing = " and no account for ".join(_WAYS[way] for way, _ in venue.contacts)
        one = _place(venue, chosen=True, reason=f"{inside}; to be visited: {gap or f'no account for {missing}'}", distance_m=0.0)
        return replace(one, on_visit_list=True)
    carried: dict[str, None] = {}
    for way, _ in ways:
        own = venue.channel(way, directory.venue_accounts[way])
        first = by_address.setdefault(own.recipient, own)
        if first is own:
            contacts.append(own)
        carried[first.id] = None
    shared = [one for one in carried if not one.startswith(f"{venue.id}/")]
    reason = f"{inside}; reached by {' and '.join(_WAYS[way] for way, _ in ways)}"
    if shared:
        reason += f", once, through {' and '.join(shared)} with the same address"
    return replace(
        _place(venue, chosen=True, reason=reason, distance_m=0.0),
        channels=tuple(carried),
        languages=asked.fitting_languages(venue.languages) or asked.languages[:1],
        reached_by=tuple(ways),
    )


_WAYS = {"email": "e-mail", "sms": "text message"}


def _visit_order(stops: list[Selection], area: Area) -> tuple[Selection, ...]:
    if not stops:
        return ()
    frame = Frame.of(area.geometry)
    middle = area.geometry.centroid
    order = walk(frame.points([stop.lon for stop in stops], [stop.lat for stop in stops]), start=frame.points(middle.x, middle.y)[0])
    return tuple(stops[row] for row in order)


def _findings(directory: Directory, asked: Asked, channels: list[Selection], venues: list[Selection]) -> Iterable[Finding]:
    inside = sum(one.chosen for one in venues)
    if asked.audience.open is not None:
        yield hours_finding(inside)
    categories = {venue.category for venue in directory.venues}
    for pattern in asked.audience.categories:
        branch = pattern.removesuffix(".*")
        if pattern != "*" and not any(one == branch or (pattern != branch and one.startswith(f"{branch}.")) for one in categories):
            near = nearest(branch, {*categories, *(one.split(".")[0] for one in categories)})
            hint = f"; did you mean {' or '.join(near)}" if near else ""
            yield Finding("warn", "no_such_category", f"no venue of the directory is {pattern}{hint}", where="audience.categories")
    tongues = {("channel", channel.id): channel.languages for channel in directory.channels}
    tongues |= {("venue", venue.id): venue.languages for venue in directory.venues}
    for one in (*channels, *venues):
        spoken = tongues[one.kind, one.id]
        if one.channels and spoken and not asked.fitting_languages(spoken):
            wanted, have = ", ".join(spoken), ", ".join(asked.languages)
            yield Finding("warn", "language_missing", f"{one.id} reads {wanted}; the alert has {have} only", where=one.id)
    if not inside and not any(one.chosen for one in channels):
        yield Finding("warn", "nobody_chosen", "no channel and no venue of the directory fits this alert")
