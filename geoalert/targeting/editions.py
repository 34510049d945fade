"""The layers of a day, with their other editions at hand for a rule that names one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from geoalert.errors import BoundaryError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoalert.boundaries.model import Layer

_DIGITS = 12


class DayLayers(dict[str, "Layer"]):
    """Layers by name as of one day; a plain dict of layers stands for those of one edition.

        DayLayers({"neighbourhood": hoods.as_of(day)}, editions={"neighbourhood": hoods}.get)

    Args:
        layers: each layer's edition of the day.
        editions: finds every edition of the layer of a name; None where there is no other.
    """

    def __init__(self, layers: Mapping[str, Layer], *, editions: Callable[[str], Iterable[Layer] | None] | None = None) -> None:
        super().__init__(layers)
        self._editions = editions

    def editions(self, name: str) -> tuple[Layer, ...]:
        """Returns the editions of one layer, the day's first."""
        others = (self._editions and self._editions(name)) or ()
        return (self[name], *(each for each in others if each is not self[name]))


def edition_for(layers: Mapping[str, Layer], name: str, *, version: str | None, digest: str | None) -> Layer:
    """Returns the edition that a rule was made with, by digest where it has one, else by version, else the day's.

    Raises:
        BoundaryError: code layer_changed; no edition at hand is that one.
    """
    layer = layers[name]
    if version is None and digest is None:
        return layer
    if _is(layer, version, digest):
        return layer
    known = layers.editions(name) if isinstance(layers, DayLayers) else (layer,)
    found = next((each for each in known if _is(each, version, digest)), None)
    if found is not None:
        return found
    raise BoundaryError(
        f"layer {name} is not the one that the rule was made with: the rule names {_told(version, digest)}, "
        f"at hand is {' and '.join(_told(each.version, each.digest) for each in known)}",
        code="layer_changed",
        field="version" if digest is None else "layer_digest",
        value=version or digest,
        do="Add that edition to the project, or take version and layer_digest out of the rule, look at the area, and use today's.",
    )


def _is(layer: Layer, version: str | None, digest: str | None) -> bool:
    return layer.digest == digest if digest is not None else layer.version == version


def _told(version: str | None, digest: str | None) -> str:
    shown = None if digest is None else f"digest {digest[:_DIGITS]}"
    return ", ".join(part for part in (f"version {version}" if version else "no version", shown) if part)
