"""The lead boundary of a layer: recorded by the police, else stated by the operator, else the largest share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoalert.errors import LayerNotFound
from geoalert.targeting.match import Match
from geoalert.targeting.rules import metres, percent
from geoalert.text import nearest

if TYPE_CHECKING:
    from geoalert.boundaries.model import Layer


@dataclass(frozen=True, slots=True)
class Lead:
    """The boundary of one layer that answers for the alert, and why.

    Attributes:
        id, label: which boundary, as the layer writes them.
        why: "recorded by the police", "stated by the operator", or the share or distance that made it the largest.
    """

    id: str
    label: str
    why: str

    def to_dict(self) -> dict[str, str]:
        """Returns id, label and why."""
        return {"id": self.id, "label": self.label, "why": self.why}


def leads(
    layers: Sequence[Layer],
    matches: Sequence[Match],
    *,
    recorded: Mapping[str, str] | None = None,
    stated: Mapping[str, str] | None = None,
) -> dict[str, Lead]:
    """Returns the lead boundary by layer name; a layer that neither a person named nor the area meets has none.

    Args:
        layers: the matched layers.
        matches: what `match` returned for them.
        recorded: layer name to id, as the police record says.
        stated: layer name to id, as the operator says.

    Raises:
        LayerNotFound: codes unknown_layer, unknown_boundary.
    """
    known = {layer.name: layer for layer in layers}
    named: dict[str, Lead] = {}
    for said, why in ((stated or {}, "stated by the operator"), (recorded or {}, "recorded by the police")):
        for name, wanted in said.items():
            if name not in known:
                raise _no_layer(name, known)
            boundary = known[name][wanted]
            named[name] = Lead(boundary.id, boundary.label, why)
    found = {layer.name: named.get(layer.name) or _largest(layer.name, matches) for layer in layers}
    return {name: lead for name, lead in sorted(found.items()) if lead is not None}


def _largest(layer: str, matches: Sequence[Match]) -> Lead | None:
    best = next((each for each in matches if each.layer == layer), None)
    if best is None or best.share_of_area == 0:
        return None
    if best.share_of_area is not None:
        why = f"largest share, {percent(best.share_of_area)} of the area"
    elif best.relation == "inside":
        why = "the point lies in it"
    else:
        why = f"nearest to the point, {metres(best.distance_m)} away"
    return Lead(best.id, best.label, why)


def _no_layer(name: str, known: Mapping[str, Layer]) -> LayerNotFound:
    near = ", ".join(nearest(name, known)) or ", ".join(sorted(known)) or "none"
    return LayerNotFound("no layer of that name", code="unknown_layer", field="layer", value=name, do=f"There is {near}.")
