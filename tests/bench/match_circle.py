"""From a point and 600 m to all shares, the circle made in the call, at sixty places."""

from __future__ import annotations

from pathlib import Path

from geoalert.area import Area
from geoalert.targeting import match, survey
from tests.bench.match import Plain
from tests.bench.match_places import REPEATS, in_turn, places
from tests.bench.runner import Bench, Side
from tests.places import toronto_layers

RADIUS_M = 600.0


def bench(shared: Path) -> Bench:
    """Returns the bench of whole calls; the peer's circle is planar, ours is geodesic, checked and keeps its rule."""
    layers = toronto_layers(shared)
    plain = Plain(layers)
    sites = places(layers[1])

    def ours(site: tuple[float, float]) -> object:
        return match(Area.circle(lon=site[0], lat=site[1], radius_m=RADIUS_M), layers)

    def surveyed(site: tuple[float, float]) -> object:
        return survey(Area.circle(lon=site[0], lat=site[1], radius_m=RADIUS_M), layers)

    def check() -> None:
        for site in sites:
            theirs = {each: share for each, share, _ in plain.shares(plain.circle(*site, RADIUS_M))}
            for found in match(Area.circle(lon=site[0], lat=site[1], radius_m=RADIUS_M), layers):
                assert abs((found.share_of_area or 0.0) - theirs.get(found.id, 0.0)) < 2e-3
            surveyed(site)

    return Bench(
        name="match_circle",
        promise="Area.circle and match together, from a point and 600 m, at 60 random places",
        sides=(
            Side("geoalert", in_turn(ours, sites), calls=REPEATS),
            Side(
                "Point.buffer, STRtree query + intersection().area",
                in_turn(lambda at: plain.shares(plain.circle(*at, RADIUS_M)), sites),
                calls=REPEATS,
            ),
            Side(
                "the same with predicate=intersects",
                in_turn(lambda at: plain.shares(plain.circle(*at, RADIUS_M), "intersects"), sites),
                calls=REPEATS,
            ),
            Side("our own Area.circle and survey", in_turn(surveyed, sites), calls=REPEATS),
        ),
        rounds=2 * len(sites),
        check=check,
    )
