"""Which channels an alert reaches, and why the others not.

Pairs are (layer, id); ids are compared as their layer writes them, so that "52", "D52" and "52 Division" are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from geoalert.boundaries.model import Layer
from geoalert.directory.model import EVERYWHERE, Channel
from geoalert.errors import BoundaryError

if TYPE_CHECKING:
    from geoalert.alert.audience import AudienceRule
    from geoalert.alert.restricted import Withheld

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Met:
    """One boundary that the area meets, as far as choosing channels goes.

    Attributes:
        share_of_area: None for a bare point.
        deciding_share: part of the boundary inside the area, where that and not the share of the area made it targeted.
    """

    targeted: bool
    share_of_area: float | None
    deciding_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one alert asks of the directory.

    Attributes:
        met: every boundary that the area meets, in the survey's order, targeted or not.
        layers: by name; empty where ids are to be compared as written.
        withheld: secret places; a venue there is not chosen.
    """

    kind: str
    scope: str
    audience: AudienceRule
    on: date
    languages: tuple[str, ...]
    met: Mapping[Pair, Met]
    layers: Mapping[str, Layer]
    withheld: tuple[Withheld, ...] = field(default=(), repr=False)

    def resolved(self, pair: Pair) -> Pair:
        """Returns the pair with the id as its layer writes it; unchanged where layer or id is unknown."""
        layer = self.layers.get(pair[0])
        if layer is None or pair[1] == "*":
            return pair
        try:
            return pair[0], str(layer.ids[layer.position(pair[1])])
        except BoundaryError:
            return pair

    def targeted(self, pairs: Iterable[Pair]) -> tuple[Pair, ...]:
        """Returns the targeted boundaries among these pairs, in the survey's order; `(layer, "*")` is every one of a layer."""
        whole = {layer for layer, key in pairs if key == "*"}
        wanted = set(pairs)
        return tuple(pair for pair, met in self.met.items() if met.targeted and (pair in wanted or pair[0] in whole))

    def fitting_languages(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the alert's languages that a reader of `wanted` understands, in the reader's order; none where none fits.

        `fr-CA` is served by `fr` and the other way round; a reader of any language gets the alert's main one.
        """
        if not wanted:
            return self.languages[:1]
        found: list[str] = []
        for tag in wanted:
            exact = [own for own in self.languages if own == tag]
            akin = [own for own in self.languages if own.split("-")[0] == tag.split("-")[0]]
            found += [own for own in (exact or akin)[:1] if own not in found]
        return tuple(found)


def speak(pairs: Iterable[Pair]) -> str:
    """Returns boundaries in words, three at most: `division D14, ward 10 and 4 more`."""
    names = [f"{layer} {key}" if key != "*" else f"every {layer}" for layer, key in pairs]
    if len(names) > 3:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return _joined(names)


def _joined(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def refusal(channel: Channel, asked: Asked) -> str | None:
    """Returns why a channel gets nothing, None where it is chosen.

    Asked in this order: the audience's list, boundary, scope, kind, dates, consent. The first no is the reason, so that a channel of
    another area is never said to have expired.
    """
    if asked.audience.channels is not None and channel.id not in asked.audience.channels:
        return "not among the channels that the audience names"
    if EVERYWHERE not in channel.speaks_for:
        pairs = [asked.resolved(pair) for pair in channel.speaks_for]
        if not pairs:
            return "speaks for no boundary"
        if not asked.targeted(pairs):
            return _out_of_reach(pairs, asked)
    if asked.scope == "restricted" and channel.scope != "restricted":
        return "a restricted alert may not go to a public channel"
    if channel.kinds and asked.kind not in channel.kinds:
        return f"takes {', '.join(channel.kinds)}, not {asked.kind}"
    return channel.unusable_on(asked.on)


def why(channel: Channel, asked: Asked) -> tuple[str, tuple[str, ...]]:
    """Returns the reason for a chosen channel and the boundaries, `layer:id`, that it was chosen for."""
    if EVERYWHERE in channel.speaks_for:
        return "speaks for the whole project", ()
    via = asked.targeted([asked.resolved(pair) for pair in channel.speaks_for])
    shares = [f"{speak([pair])}{_share(asked.met[pair])}" for pair in via[:3]]
    said = ", ".join(shares) + f" and {len(via) - 3} more" if len(via) > 3 else _joined(shares)
    return f"speaks for {said}", tuple(":".join(pair) for pair in via)


def _out_of_reach(pairs: list[Pair], asked: Asked) -> str:
    unknown = [pair for pair in pairs if asked.layers and pair[0] not in asked.layers]
    if len(unknown) == len(pairs):
        return f"speaks for {speak(pairs)}, of a layer that the project does not have"
    grazed = [pair for pair in pairs if pair in asked.met]
    if grazed:
        return f"speaks for {speak(pairs)}; the area only grazes {speak(grazed[:1])}{_share(asked.met[grazed[0]])}"
    return f"speaks for {speak(pairs)}, which the area does not meet"


def _share(met: Met) -> str:
    if met.deciding_share is not None:
        return f" ({_percent(met.deciding_share)} of it lies in the area)"
    return "" if met.share_of_area is None else f" ({_percent(met.share_of_area)} of the area)"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %".replace("100.0", "100")
