"""From an alert to a draft: match, gates, selection and the map, in the order of the design."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from geoalert.alert import Alert
from geoalert.app.accounts import unusable_of
from geoalert.directory.select import select
from geoalert.directory.selection import Selected, Selection
from geoalert.gates.contact import contact_of
from geoalert.gates.open import open_gates
from geoalert.places.typed import check_no_address
from geoalert.plan import Draft, PlanAccount
from geoalert.rendering.map import area_map
from geoalert.targeting import survey

if TYPE_CHECKING:
    from geoalert.app.desk import Desk
    from geoalert.directory.model import Venue


def draft_of(desk: Desk, alert: Alert, *, adjust: Callable[[Selected], Selected] | None = None) -> Draft:
    """Returns everything decided about an alert, ready to be put into words.

    Args:
        adjust: changes who was chosen, as an update does for those who were told before.

    Raises:
        AlertError, AreaError, GateRefused, DirectoryError, BoundaryError: naming what is wrong.
    """
    today = desk.today
    check_no_address(alert.area.label)
    contact = None if alert.unit is None else contact_of(desk.directory.units, alert.unit, on=today)
    gated = open_gates(alert, contact=contact, profile=desk.profile, now=desk.clock())
    layers = desk.layers
    found = survey(alert.area, list(layers.values()), as_of=today, recorded=alert.recorded, stated=alert.stated)
    chosen = select(
        desk.directory,
        alert.area,
        found,
        alert_kind=alert.kind,
        scope=alert.scope,
        audience=alert.audience,
        layers=layers,
        on=today,
        languages=alert.languages,
        withheld=alert.restricted.withheld,
    )
    chosen = chosen if adjust is None else adjust(chosen)
    for channel in chosen.recipients:
        if channel.account in unusable_of(desk):
            raise unusable_of(desk)[channel.account].error
    accounts = {name: PlanAccount(ready.publisher.account, ready.capabilities) for name, ready in desk.accounts.items()}
    picture = area_map(
        alert.area,
        list(layers.values()),
        matches=found.matches,
        points=_points(chosen.selections, desk.directory.venues),
        title=alert.texts[0].place,
        attribution="; ".join(dict.fromkeys(layer.source for layer in layers.values() if layer.source)) or None,
    )
    return Draft(
        alert=alert,
        gated=gated,
        survey=found,
        selected=chosen,
        layers=tuple(layers.values()),
        accounts=accounts,
        picture=picture,
        profile_limits=desk.profile.limits,
    )


def _points(selections: Iterable[Selection], venues: Iterable[Venue]) -> Iterator[tuple[float, float, str]]:
    """Yields every venue's dot; one at a withheld place as any other that is skipped, for a gap in the map would point there."""
    places = {venue.id: (venue.lon, venue.lat) for venue in venues}
    for one in selections:
        if one.kind == "venue" and one.id in places:
            lon, lat = places[one.id]
            yield lon, lat, "visit" if one.on_visit_list else "chosen" if one.chosen else "skipped"
