"""All of 174 real boundaries covered in at most 100 points, against a plain search."""

from __future__ import annotations

import time
from pathlib import Path

from geoalert.covering import cover
from geoalert.geo import Frame
from tests.bench.cover_table import plain_search
from tests.bench.runner import Bench, Side
from tests.places import toronto_layers


def bench(shared: Path) -> Bench:
    """Returns the cover bench; the peer starts from metres, does not round, and looks for overshoot at a shape's edge only."""
    boundaries = [boundary for layer in toronto_layers(shared) for boundary in layer.geometries]
    metric = [Frame.of(boundary).to_metres(boundary) for boundary in boundaries]

    def check() -> None:
        assert all(cover(boundary).geometry.covers(boundary) for boundary in boundaries)

    return Bench(
        name="cover",
        promise="covers of at most 100 points of all 174 Toronto boundaries, measured and rounded",
        sides=(
            Side("geoalert", lambda: [cover(boundary) for boundary in boundaries], calls=1),
            Side(
                "closing, mitred buffer, simplify, one ladder of widths",
                lambda: [plain_search(each) for each in metric],
                limit=1,
                calls=1,
            ),
        ),
        rounds=3,
        timer=time.process_time,
        check=check,
    )
