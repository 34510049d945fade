"""What is wrong with a directory today: dead ids, gaps, run-out consents, unknown accounts, doubles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from geoalert.alert.kinds import KINDS
from geoalert.boundaries.ids import natural_key
from geoalert.boundaries.model import Layer
from geoalert.directory.checks import bounds_of
from geoalert.directory.model import EVERYWHERE, Channel, Directory, Venue, consent_gap
from geoalert.errors import BoundaryError, GeometryError
from geoalert.findings import Finding
from geoalert.geo import check_lonlat
from geoalert.text import fold, nearest

CONSENT_DAYS = 730
"""After so many days a consent is worth asking for again; a warning, never a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryReport:
    """What a check found, and how many there are of what.

    Attributes:
        findings: channels in natural order of their ids, then gaps, doubles and venues.
        counts: channels, venues and units, how many of them usable, and findings by level.
    """

    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    @property
    def sound(self) -> bool:
        """Tells whether nothing was found that stops a plan."""
        return not any(finding.level == "refuse" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Returns the report JSON-ready."""
        return {"sound": self.sound, "findings": [finding.to_dict() for finding in self.findings], "counts": dict(self.counts)}


def check_directory(
    directory: Directory,
    layers: Mapping[str, Layer] | Iterable[Layer],
    accounts: Collection[str] | None,
    on: date,
    *,
    kinds: Collection[str] = tuple(KINDS),
    consent_days: int = CONSENT_DAYS,
) -> DirectoryReport:
    """Looks at every channel and venue as of one day.

    A channel that names a dead id, an unknown layer, account or kind, and a venue that lies near the layers only with its axes swapped or
    the other sign, is a `refuse`; the rest are warnings and notes. The reader
    refuses those too, one after the other; a check of what was read without layers and accounts shows all of them at once.

    Args:
        layers: against which `speaks_for` and places are held, and whose uncovered boundaries are named.
        accounts: names under [accounts]; None leaves that question out.
        on: the day for validity, consent and closing.
        kinds: the alert kinds of the agency's profile.
        consent_days: age from which a consent is worth asking for again.
    """
    named = layers if isinstance(layers, Mapping) else {layer.name: layer for layer in layers}
    channels = sorted(directory.channels, key=lambda one: natural_key(one.id))
    venues = directory.venue_index.venues
    findings = [
        *(found for channel in channels for found in _channel(channel, named, accounts, kinds, on, consent_days)),
        *_uncovered(channels, named, on),
        *_doubles(channels, venues),
        *_places(venues, bounds_of(named.values())),
        *_venues(venues, directory.venue_accounts, accounts, on, consent_days),
    ]
    counts = {
        "channels": len(channels),
        "channels_usable": sum(channel.unusable_on(on) is None for channel in channels),
        "venues": len(venues),
        "venues_closed": sum(venue.closed_on is not None and venue.closed_on <= on for venue in venues),
        "venues_with_consented_contact": sum(
            bool(venue.contacts) and consent_gap(venue.consent, venue.consented, on) is None for venue in venues
        ),
        "venues_without_hours": sum(not venue.opening_hours for venue in venues),
        "units": len(directory.units),
    }
    return DirectoryReport(findings=tuple(findings), counts={**counts, **Counter(finding.level for finding in findings)})


def _channel(
    channel: Channel, layers: Mapping[str, Layer], accounts: Collection[str] | None, kinds: Collection[str], on: date, consent_days: int
) -> Iterator[Finding]:
    if not channel.speaks_for:
        yield Finding("warn", "speaks_for_nothing", f"{channel.id} speaks for no boundary and is never chosen", where=channel.id)
    for name, key in channel.speaks_for:
        if (name, key) == EVERYWHERE:
            continue
        if name not in layers:
            near = nearest(name, layers)
            hint = f"; did you mean {' or '.join(near)}" if near else ""
            yield Finding(
                "refuse", "unknown_layer", f"{channel.id} speaks for {name}:{key}, and no layer is called {name}{hint}", where=channel.id
            )
        elif key != "*":
            try:
                layers[name].position(key)
            except BoundaryError as err:
                yield Finding(
                    "refuse", err.code, f"{channel.id} speaks for {name}:{key}: {err.what}. {err.do or ''}".strip(), where=channel.id
                )
    if accounts is not None and channel.account not in accounts:
        yield Finding(
            "refuse", "unknown_account", f"{channel.id} uses account {channel.account}, which the project does not have", where=channel.id
        )
    for kind in channel.kinds:
        if kind not in kinds:
            yield Finding("refuse", "unknown_kind", f"{channel.id} takes {kind}, which is no kind of alert", where=channel.id)
    reason = channel.unusable_on(on)
    if reason is not None:
        code = "expired" if reason.startswith("expired") else "not_yet_valid" if reason.startswith("valid") else "no_consent"
        yield Finding("warn", code, f"{channel.id} gets nothing: {reason}", where=channel.id)
    elif channel.consented is not None and on - channel.consented > timedelta(days=consent_days):
        yield Finding("warn", "old_consent", f"{channel.id} consented on {channel.consented}; ask again", where=channel.id)


def _uncovered(channels: Iterable[Channel], layers: Mapping[str, Layer], on: date) -> Iterator[Finding]:
    covered: dict[str, set[int]] = defaultdict(set)
    for channel in channels:
        if channel.unusable_on(on) is None:
            for name, key in channel.speaks_for:
                if name in layers and key == "*":
                    covered[name] |= set(range(len(layers[name])))
                elif name in layers and key in layers[name]:
                    covered[name].add(layers[name].position(key))
    for name, layer in layers.items():
        bare = sorted((str(layer.ids[row]) for row in range(len(layer)) if row not in covered[name]), key=natural_key)
        if bare and covered[name]:
            shown = ", ".join(bare[:10]) + (f" and {len(bare) - 10} more" if len(bare) > 10 else "")
            text = f"no usable channel speaks for {len(bare)} of {len(layer)} boundaries of {name}: {shown}"
            yield Finding("warn", "uncovered_boundary", text, where=name)
        elif bare:
            yield Finding("note", "uncovered_layer", f"no usable channel speaks for any boundary of {name}", where=name)


def _doubles(channels: Iterable[Channel], venues: Iterable[Venue]) -> Iterator[Finding]:
    first: dict[tuple[str, str], str] = {}
    for channel in channels:
        earlier = first.setdefault(channel.recipient, channel.id)
        if earlier != channel.id:
            yield Finding("warn", "duplicate_address", f"{earlier} and {channel.id} reach one address; it gets one post", where=channel.id)
    places: dict[tuple[str, float, float], str] = {}
    for venue in venues:
        earlier = places.setdefault((fold(venue.name), round(venue.lon, 4), round(venue.lat, 4)), venue.id)
        if earlier != venue.id:
            yield Finding("warn", "duplicate_venue", f"{earlier} and {venue.id} have one name and one place", where=venue.id)


def _places(venues: Iterable[Venue], within: tuple[float, float, float, float] | None) -> Iterator[Finding]:
    for venue in venues:
        try:
            check_lonlat(venue.lon, venue.lat, within=within)
        except GeometryError as err:
            yield Finding("refuse", err.code, f"{venue.id} is at {err.value}: {err.what}. {err.do}", where=venue.id)


def _venues(
    venues: Iterable[Venue], venue_accounts: Mapping[str, str], accounts: Collection[str] | None, on: date, consent_days: int
) -> Iterator[Finding]:
    for way, account in venue_accounts.items():
        if accounts is not None and account not in accounts:
            yield Finding(
                "refuse", "unknown_account", f"venues are reached by {way} through {account}, which the project does not have", where=way
            )
    missing: dict[str, list[str]] = defaultdict(list)
    for venue in venues:
        gap = consent_gap(venue.consent, venue.consented, on)
        if venue.contacts and gap:
            missing["no_consent"].append(venue.id)
        elif venue.contacts and venue.consented is not None and on - venue.consented > timedelta(days=consent_days):
            missing["old_consent"].append(venue.id)
    texts = {
        "no_consent": "venues have a contact without a consent in force, and are visited",
        "old_consent": "venues consented long ago; ask again",
    }
    for code, ids in missing.items():
        shown = ", ".join(ids[:10]) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")
        yield Finding("warn" if code == "old_consent" else "note", code, f"{len(ids)} {texts[code]}: {shown}")
