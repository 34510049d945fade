"""Crosswalks: what became of each boundary between two editions of a layer, measured on the ground."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geoalert import geo
from geoalert.boundaries.ids import IdRule, natural_key
from geoalert.boundaries.model import Layer
from geoalert.errors import BoundaryError, LayerNotFound

LEAST_SHARE = 0.01
"""Part of either boundary from which common ground counts; what is less is how two surveys draw one line."""

COLUMNS = ("old_id", "old_label", "new_id", "new_label", "share_of_old", "share_of_new", "area_m2")

_NOTHING_M2 = 1.0


@dataclass(frozen=True, slots=True)
class CrosswalkRow:
    """Ground that an old and a new boundary have in common: its square metres, and its part of each, 0 to 1."""

    old_id: str
    old_label: str
    new_id: str
    new_label: str
    share_of_old: float
    share_of_new: float
    area_m2: float

    def to_dict(self) -> dict[str, Any]:
        """Returns the row JSON-ready, shares to the millionth and areas to the tenth of a square metre."""
        values = {name: getattr(self, name) for name in COLUMNS[:4]}
        return values | {
            "share_of_old": round(self.share_of_old, 6),
            "share_of_new": round(self.share_of_new, 6),
            "area_m2": round(self.area_m2, 1),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk:
    """The table from one edition of a layer to another, in natural order of the old ids, largest share first.

    Attributes:
        old, new: name, version and digest of each edition.
        least_share: a row has at least this share of one of its boundaries.
        rows, slivers: common ground from that share up, and the rest of it from 1 m2 up.
        old_ids: every id of the old edition.
        retired: old ids that the new edition does not have.
        introduced: new ids that the old edition did not have.
        unchanged: ids of both whose ground is the same but for less than `least_share`, as the old edition writes them.
        changed: the other ids of both.
    """

    old: dict[str, str | None]
    new: dict[str, str | None]
    least_share: float
    rows: tuple[CrosswalkRow, ...] = field(repr=False)
    slivers: tuple[CrosswalkRow, ...] = field(repr=False)
    old_ids: tuple[str, ...] = field(repr=False)
    retired: tuple[str, ...]
    introduced: tuple[str, ...]
    unchanged: tuple[str, ...] = field(repr=False)
    changed: tuple[str, ...]
    id_rule: IdRule = field(repr=False)

    def replacements(self, old_id: str) -> tuple[CrosswalkRow, ...]:
        """Returns what is now where an old boundary was, largest share first, slivers left out.

        Raises:
            LayerNotFound: the old edition has no such boundary (unknown_boundary).
        """
        wanted = self.id_rule.normalise(str(old_id))
        if wanted not in map(self.id_rule.normalise, self.old_ids):
            raise LayerNotFound(
                f"the edition {self.old['version'] or self.old['name']} has no boundary {old_id!r}",
                code="unknown_boundary",
                field="id",
                value=old_id,
                do="Give an id of the older edition.",
            )
        return tuple(row for row in self.rows if self.id_rule.normalise(row.old_id) == wanted)

    def to_dict(self) -> dict[str, Any]:
        """Returns the crosswalk JSON-ready."""
        return {
            "old": dict(self.old),
            "new": dict(self.new),
            "least_share": self.least_share,
            "retired": list(self.retired),
            "introduced": list(self.introduced),
            "unchanged": list(self.unchanged),
            "changed": list(self.changed),
            "rows": [row.to_dict() for row in self.rows],
            "slivers": [row.to_dict() for row in self.slivers],
        }

    def to_csv(self) -> str:
        """Returns the rows as CSV with a header, slivers left out."""
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.to_dict() for row in self.rows)
        return out.getvalue()


def crosswalk(old: Layer, new: Layer, *, least_share: float = LEAST_SHARE) -> Crosswalk:
    """Returns what became of each boundary of `old` in `new`, computed from their shapes alone.

        crosswalk(hoods_140, hoods_158).replacements("77")      # 166, 165, 164: the old waterfront

    Args:
        old, new: two editions; their names may differ.
        least_share: 0 to 0.5.

    Raises:
        BoundaryError: code share_out_of_range.
    """
    if not 0 <= least_share <= 0.5:
        raise BoundaryError("a least share is 0 to 0.5", code="share_out_of_range", field="least_share", value=least_share)
    found = _rows(old, new)
    rows = tuple(row for row in found if max(row.share_of_old, row.share_of_new) >= least_share)
    slivers = tuple(row for row in found if max(row.share_of_old, row.share_of_new) < least_share)
    kept = {old_id: str(new.ids[new.position(old_id)]) for old_id in old.ids.tolist() if old_id in new}
    same_ground = {(row.old_id, row.new_id) for row in rows if min(row.share_of_old, row.share_of_new) > 1 - least_share}
    return Crosswalk(
        old=_edition(old),
        new=_edition(new),
        least_share=least_share,
        rows=rows,
        slivers=slivers,
        old_ids=_ordered(old.ids.tolist()),
        retired=_ordered(set(old.ids.tolist()) - set(kept)),
        introduced=_ordered(set(new.ids.tolist()) - set(kept.values())),
        unchanged=_ordered(one for one, other in kept.items() if (one, other) in same_ground),
        changed=_ordered(one for one, other in kept.items() if (one, other) not in same_ground),
        id_rule=old.id_rule,
    )


def _rows(old: Layer, new: Layer) -> list[CrosswalkRow]:
    """Returns every pair with ground in common, in order."""
    news, olds = old.tree.query(new.geometries, predicate="intersects")
    areas_m2 = np.asarray(geo.area_m2(shapely.intersection(old.geometries[olds], new.geometries[news])), dtype=np.float64)
    real = areas_m2 >= _NOTHING_M2
    news, olds, areas_m2 = news[real], olds[real], areas_m2[real]
    of_old = np.minimum(areas_m2 / old.areas_m2[olds], 1.0)
    of_new = np.minimum(areas_m2 / new.areas_m2[news], 1.0)
    order = np.lexsort((new.ranks[news], -np.round(of_old, 9), old.ranks[olds]))
    return [
        CrosswalkRow(
            old_id=old.ids[olds[at]],
            old_label=old.labels[olds[at]],
            new_id=new.ids[news[at]],
            new_label=new.labels[news[at]],
            share_of_old=float(of_old[at]),
            share_of_new=float(of_new[at]),
            area_m2=float(areas_m2[at]),
        )
        for at in order.tolist()
    ]


def _edition(layer: Layer) -> dict[str, str | None]:
    return {"name": layer.name, "version": layer.version, "digest": layer.digest}


def _ordered(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids, key=natural_key))
