"""Everything that is known of an area and some layers: matches, uncovered shares, lead boundaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from geoalert.boundaries import hooks
from geoalert.targeting.ground import ground_of
from geoalert.targeting.lead import Lead, leads
from geoalert.targeting.match import TOLERANCE_M, Match, checked_layers, match

if TYPE_CHECKING:
    from geoalert.area import Area
    from geoalert.boundaries.model import Layer

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Survey:
    """All that `geoalert match` says of an area.

    Attributes:
        matches: largest share first.
        uncovered: by layer name, the share of the area that lies in no boundary, 0 to 1.
        leads: by layer name, the lead boundary; a layer without one is left out.
    """

    matches: tuple[Match, ...]
    uncovered: Mapping[str, float]
    leads: Mapping[str, Lead]

    def to_dict(self) -> dict[str, Any]:
        """Returns the document that `geoalert match --json` prints."""
        return {
            "matches": [found.to_dict() for found in self.matches],
            "uncovered": dict(self.uncovered),
            "leads": {layer: lead.to_dict() for layer, lead in self.leads.items()},
        }

    def to_geodataframe(self, layers: Iterable[Layer] | Mapping[str, Layer] | Layer | None = None) -> Any:
        """Returns the matches as a GeoDataFrame with the shapes of `layers`, without any with no geometry."""
        return hooks.resolve("to_geodataframe")(self, layers)


def survey(
    area: Area,
    layers: Iterable[Layer] | Layer,
    rule: str = "overlap",
    as_of: date | None = None,
    *,
    tolerance_m: float = TOLERANCE_M,
    recorded: Mapping[str, str] | None = None,
    stated: Mapping[str, str] | None = None,
) -> Survey:
    """Returns the matches of `match` with the uncovered share and the lead boundary of each layer.

    A recorded division wins over a stated one, and both over the largest share. Of a bare point the uncovered share is 0 or 1.

        survey(Area.point(lon=-79.3835, lat=43.6345), [divisions]).uncovered      # {"division": 1.0}: the harbour

    Args:
        area, layers, rule, as_of, tolerance_m: as for `match`.
        recorded: layer name to id, from the police record.
        stated: layer name to id, from the operator.

    Raises:
        LayerNotFound: `recorded` or `stated` names an unknown layer or boundary; and as `match`.
    """
    asked = checked_layers(layers, as_of)
    matches = tuple(match(area, asked, rule, tolerance_m=tolerance_m))
    uncovered = dict(sorted(_uncovered(area, asked, matches).items()))
    return Survey(matches, uncovered, leads(asked, matches, recorded=recorded, stated=stated))


def uncovered_share(area: Area, layer: Layer) -> float:
    """Returns the part of the area, 0 to 1, that lies in no boundary of the layer, which may overlap."""
    return _uncovered(area, [layer], match(area, layer))[layer.name]


def _uncovered(area: Area, layers: Sequence[Layer], matches: Sequence[Match]) -> dict[str, float]:
    """Returns the part of the area, 0 to 1, that lies in no boundary of each layer, by its name."""
    left = {layer.name: 1.0 for layer in layers}
    for found in matches:
        if area.is_point:
            left[found.layer] *= found.relation != "inside"
        else:
            left[found.layer] -= found.share_of_area or 0.0
    if not area.is_point and layers:
        for at, twice_m2 in ground_of(layers).twice_m2(area.geometry).items():
            left[layers[at].name] += twice_m2 / area.area_m2
    return {name: share if share > _NOTHING else 0.0 for name, share in left.items()}
