"""What select answers: each channel and venue, chosen or skipped, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from geoalert.boundaries import hooks
from geoalert.directory.model import Channel
from geoalert.errors import DirectoryError
from geoalert.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One channel or venue, chosen or skipped; safe to log, print and put into a plan.

    Attributes:
        reason: one sentence, without addresses.
        via: the targeted boundaries it was chosen for, or that a venue lies in, as `layer:id`; empty for a channel of the whole project.
        channels: ids of the channels that carry the post: its own id, or the contacts of a venue.
        languages: languages of the alert that it is to get, preferred first.
        on_visit_list: a chosen venue that somebody has to walk to.
        distance_m: of a venue from the area, 0 inside; None where it was not measured.
        reached_by: of a venue, ("email" | "sms", address) of each contact used; never in `to_dict`.
    """

    kind: Literal["channel", "venue"]
    id: str
    name: str
    chosen: bool
    reason: str
    via: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    on_visit_list: bool = False
    lon: float | None = field(default=None, repr=False)
    lat: float | None = field(default=None, repr=False)
    distance_m: float | None = None
    category: str | None = field(default=None, repr=False)
    opening_hours: str | None = field(default=None, repr=False)
    reached_by: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Returns the selection JSON-ready, without addresses."""
        return {
            **{name: getattr(self, name) for name in ("kind", "id", "name", "chosen", "reason", "on_visit_list", "lon", "lat", "category")},
            "opening_hours": self.opening_hours,
            "via": list(self.via),
            "channels": list(self.channels),
            "languages": list(self.languages),
            "distance_m": None if self.distance_m is None else round(self.distance_m, 1),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The whole directory, looked at once for one alert.

    Attributes:
        selections: channels, then venues, each in natural order of their ids.
        recipients: one channel per post to make, the venues' own contacts (id `VENUE/email`) last; no address twice.
        visit_list: chosen venues without a usable contact, in walking order.
        findings: what the approver should know.
    """

    selections: tuple[Selection, ...]
    recipients: tuple[Channel, ...]
    visit_list: tuple[Selection, ...]
    findings: tuple[Finding, ...]

    @property
    def chosen(self) -> tuple[Selection, ...]:
        """Everything chosen, channels first."""
        return tuple(one for one in self.selections if one.chosen)

    @property
    def skipped(self) -> tuple[Selection, ...]:
        """Everything skipped, channels first."""
        return tuple(one for one in self.selections if not one.chosen)

    def of(self, kind: str, id: str) -> Selection:
        """Returns the selection of one channel or venue.

        Raises:
            DirectoryError: `unknown_selection`.
        """
        for one in self.selections:
            if (one.kind, one.id) == (kind, id):
                return one
        raise DirectoryError(f"no {kind} of that id", code="unknown_selection", field="id", value=id)

    def to_geodataframe(self) -> Any:
        """Returns every selection as a GeoDataFrame, without addresses; channels have no geometry."""
        return hooks.resolve("to_geodataframe")(self)

    def to_dict(self) -> dict[str, Any]:
        """Returns selections, visit list by id, findings and counts, JSON-ready and without addresses."""
        counted = {
            f"{kind}s_{state}": sum(one.kind == kind and one.chosen is chosen for one in self.selections)
            for kind in ("channel", "venue")
            for state, chosen in (("chosen", True), ("skipped", False))
        }
        return {
            "selections": [one.to_dict() for one in self.selections],
            "recipients": [one.id for one in self.recipients],
            "visit_list": [one.id for one in self.visit_list],
            "findings": [finding.to_dict() for finding in self.findings],
            "counts": {**counted, "recipients": len(self.recipients), "visits": len(self.visit_list)},
        }
