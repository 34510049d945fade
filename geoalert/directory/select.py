"""Selects the channels and venues of one alert; every one of the directory gets its reason.

Nothing here widens: without a targeted boundary no channel but those of the whole project is chosen, outside the area no venue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from geoalert.boundaries.ids import natural_key
from geoalert.boundaries.model import Layer
from geoalert.directory.hours import hours_finding
from geoalert.directory.model import Channel, Directory
from geoalert.directory.reach import Asked, Met, refusal, why
from geoalert.directory.selection import Selected, Selection
from geoalert.directory.venues import select_venues
from geoalert.directory.visits import walk
from geoalert.errors import DirectoryError
from geoalert.findings import Finding
from geoalert.geo import Frame
from geoalert.targeting.rules import AREA_SHARE, BOUNDARY_SHARE
from geoalert.text import nearest

if TYPE_CHECKING:
    from geoalert.alert.audience import AudienceRule
    from geoalert.alert.restricted import Withheld
    from geoalert.area import Area
    from geoalert.targeting import Match, Survey


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
    withheld: Iterable[Withheld] = (),
) -> Selected:
    """Chooses the channels that speak for targeted boundaries and the wanted venues inside the area.

        found = select(directory, area, survey(area, layers), alert_kind="wanted", scope="public", audience=alert.audience,
                       layers=layers, on=date(2027, 3, 12), languages=("en", "fr"))
        found.recipients, found.visit_list, [(one.id, one.reason) for one in found.skipped]

    Args:
        survey: of the same area; only targeted boundaries choose channels.
        scope: of the alert; a restricted alert goes to restricted channels and venues only.
        layers: resolve the ids in `speaks_for` by each layer's id rule; without them ids compare as written.
        on: the agency's calendar day.
        languages: of the alert, its main one first.
        withheld: the alert's secret places; a venue there that would be chosen is skipped as "restricted rule", its own place not told.

    Raises:
        DirectoryError: the audience names a channel that the directory does not have (unknown_channel).
    """
    _known_channels(directory, audience)
    named = layers if isinstance(layers, Mapping) else {layer.name: layer for layer in layers}
    met = {(match.layer, str(match.id)): _met(match) for match in survey.matches}
    asked = Asked(
        kind=alert_kind, scope=scope, audience=audience, on=on, languages=tuple(languages), met=met, layers=named, withheld=tuple(withheld)
    )
    channels, recipients = _channels(directory.channels, asked)
    venues, contacts = select_venues(directory, area, asked, taken=recipients)
    visits = _visit_order([one for one in venues if one.on_visit_list], area)
    return Selected(
        selections=(*channels, *venues),
        recipients=(*recipients.values(), *contacts),
        visit_list=visits,
        findings=tuple(_findings(directory, asked, channels, venues)),
    )


def _met(match: Match) -> Met:
    small = match.share_of_area is not None and match.share_of_area < AREA_SHARE
    whole = match.share_of_boundary is not None and match.share_of_boundary >= BOUNDARY_SHARE
    return Met(match.targeted, match.share_of_area, match.share_of_boundary if match.targeted and small and whole else None)


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
