"""Which venues an alert reaches, how, and why the others not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.directory.model import Channel, Directory, Venue, VenueIndex, consent_gap
from geoalert.directory.reach import Asked
from geoalert.directory.selection import Selection
from geoalert.findings import WITHHELD
from geoalert.geo import distances_m

if TYPE_CHECKING:
    from geoalert.alert.audience import AudienceRule
    from geoalert.area import Area

POINT_TOLERANCE_M = 30.0
"""A venue this near to a bare point is at it, as in matching."""

SENSITIVE = ("education", "childcare", "shelter", "worship", "social", "health.clinic", "health.addiction")
"""Branches of categories whose venues an alert reaches only where its audience names them in `allow`."""


def select_venues(
    directory: Directory, area: Area, asked: Asked, *, taken: Mapping[tuple[str, str], Channel]
) -> tuple[list[Selection], list[Channel]]:
    """Returns a selection per venue, in natural order of the ids, and the contacts to post to as channels.

    Asked in this order: closed, category, area, scope, secret places. Only venues of a wanted category are measured against the area;
    a chosen venue without a usable contact stays chosen and is visited.

    Args:
        taken: channels chosen already, by recipient; an address among them gets no second post.
    """
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
    hidden = _withheld(index, [row for row, distance_m in distances.items() if not distance_m], asked)
    homes = _homes(index, [row for row, distance_m in distances.items() if not distance_m], asked)
    by_address = dict(taken)
    contacts: list[Channel] = []
    found: list[Selection] = []
    for row, (venue, reason) in enumerate(zip(index.venues, reasons, strict=True)):
        distance_m = distances.get(row)
        if reason is None and distance_m:
            reason = f"outside the area by {_metres(distance_m)}"
        elif reason is None and asked.scope == "restricted" and venue.scope != "restricted":
            reason = "a restricted alert may not go to a public venue"
        if reason is None and row in hidden:
            found.append(replace(_place(venue, chosen=False, reason=WITHHELD, distance_m=None), lon=None, lat=None))
        elif reason is None:
            found.append(replace(_chosen(venue, directory, asked, by_address, contacts), via=homes[row]))
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
    """Metres from the area to the venues of these rows, 0 inside and on its edge.

    Of a bare point, everything within the tolerance of matching is inside.
    """
    lons, lats = index.lons[rows], index.lats[rows]
    measured = np.zeros(len(rows), dtype=np.float64)
    if not len(rows):
        return measured
    # A copy, for GEOS lets no two threads ask one prepared geometry.
    own = shapely.force_2d(area.geometry)
    shapely.prepare(own)
    outside = ~shapely.intersects_xy(own, lons, lats)
    if outside.any():
        measured[outside] = np.maximum(distances_m(area.geometry, lons[outside], lats[outside]), 0.001)
    if area.is_point:
        measured[measured <= POINT_TOLERANCE_M] = 0.0
    return measured


def _withheld(index: VenueIndex, rows: list[int], asked: Asked) -> frozenset[int]:
    """Returns which of the rows lie at a secret place."""
    found: set[int] = set()
    for place in asked.withheld if rows else ():
        found.update(np.array(rows)[place.holds(index.lons[rows], index.lats[rows])].tolist())
    return frozenset(found)


def _homes(index: VenueIndex, rows: list[int], asked: Asked) -> dict[int, tuple[str, ...]]:
    """The targeted boundary of each layer that each venue is counted in."""
    homes: dict[int, tuple[str, ...]] = dict.fromkeys(rows, ())
    for layer in asked.layers.values():
        for row, at in zip(rows, layer.locate(index.lons[rows], index.lats[rows]).tolist(), strict=True):
            pair = (layer.name, str(layer.ids[at]))
            if at >= 0 and pair in asked.met and asked.met[pair].targeted:
                homes[row] += (":".join(pair),)
    return homes


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
