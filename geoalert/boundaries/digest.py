"""The digest that says whether two layers are the same boundaries."""

from __future__ import annotations

import hashlib
from typing import Any

import shapely
from numpy.typing import NDArray


def layer_digest(ids: NDArray[Any], labels: NDArray[Any], geometries: NDArray[Any]) -> str:
    """Returns SHA-256 in hex over id, label and normalised WKB of each row, each part preceded by its length.

    Ring starts, ring directions and the order of parts do not enter: shapely.normalize settles them.
    """
    digest = hashlib.sha256(b"geoalert layer 1\n")
    shapes = shapely.to_wkb(shapely.normalize(geometries), output_dimension=2, byte_order=1)
    for code, label, shape in zip(ids, labels, shapes, strict=True):
        for part in (code.encode(), label.encode(), shape):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    return digest.hexdigest()
