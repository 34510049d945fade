"""Half a million vertices, as a layer, as an area and under a cover: read whole, in time that grows with them, in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from geoalert.errors import AreaError
from geoalert.targeting import AreaRule, area_from_rule

FEW, MANY = 50_000, 500_000
MOST_MB = 1_500
RUN = """
import json, resource, sys, time
import numpy as np, shapely, geoalert

count, folder = int(sys.argv[1]), sys.argv[2]
turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
reach = 0.05 * (1 + 0.01 * np.sin(count // 100 * turn))
ring = np.column_stack((-79.4 + reach * np.cos(turn), 43.7 + reach * np.sin(turn)))
drawn = {"type": "Polygon", "coordinates": [np.vstack((ring, ring[:1])).tolist()]}
feature = {"type": "Feature", "properties": {"CODE": "1"}, "geometry": drawn}
path = f"{folder}/shore.geojson"
with open(path, "w") as opened:
    json.dump({"type": "FeatureCollection", "features": [feature]}, opened)
boxes = [shapely.box(-79.5, 43.6, -79.4, 43.8), shapely.box(-79.4, 43.6, -79.3, 43.8)]
halves = geoalert.Layer(name="half", ids=["1", "2"], geometries=boxes)
circle = geoalert.Area.circle(lon=-79.4, lat=43.7, radius_m=500)
spent = {}

def timed(name, work):
    start = time.process_time()
    made = work()
    spent[name] = time.process_time() - start
    return made

layer = timed("read layer", lambda: geoalert.read_layer(path, name="shore", id="CODE"))
area = timed("read area", lambda: geoalert.read_area(path).area(layers={}))
shares = timed("match", lambda: [each.share_of_area for each in geoalert.match(area, [halves])])
whole = timed("match both large", lambda: geoalert.match(area, [layer])[0].share_of_area)
less = timed("minus", lambda: area - circle)
again = timed("plan document", lambda: geoalert.Area.from_dict(area.to_dict()))
inside = timed("locate", lambda: layer.locate(np.full(1000, -79.4), np.linspace(43.6, 43.8, 1000)))
timed("write", lambda: geoalert.write(less, f"{folder}/less.gpkg"))
print(json.dumps({
    "spent": spent, "vertices": int(shapely.get_num_coordinates(area.geometry)), "shares": shares, "whole": whole,
    "cut_m2": area.area_m2 - less.area_m2 - circle.area_m2, "same": again == area, "inside": int((inside == 0).sum()),
    "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
}))
"""


def run(count: int, folder: str) -> dict[str, Any]:
    """Does everything in a process of its own, whose memory is its own."""
    done = subprocess.run([sys.executable, "-c", RUN, str(count), folder], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The work with a tenth of the vertices, and with all of them."""
    few, many = (run(count, str(tmp_path_factory.mktemp(str(count)))) for count in (FEW, MANY))
    return few, many


def test_nothing_is_thinned(found: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Every vertex is there, halves are halves, a circle is cut out whole, and the area comes back from its document."""
    _, many = found

    assert many["vertices"] == MANY + 1
    assert many["shares"] == pytest.approx([0.5, 0.5], abs=1e-3)
    assert many["whole"] == pytest.approx(1.0, abs=1e-9)
    assert many["cut_m2"] == pytest.approx(0, abs=1e-2)
    assert many["same"]
    assert 400 < many["inside"] < 600


def test_time_grows_with_the_vertices_and_memory_stays_small(found: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Ten times the vertices take at most thirty times the time: no step looks at every pair."""
    few, many = found

    slow = {name: spent for name, spent in many["spent"].items() if spent > 30 * max(few["spent"][name], 0.05)}

    assert slow == {}
    assert many["mb"] < MOST_MB


@pytest.mark.parametrize("deep", [51, 5_000])
def test_rules_within_rules_end_before_the_stack_does(deep: int) -> None:
    """Refused by name, in a rule and in an AreaRule alike."""
    rule: dict[str, Any] = {"type": "circle", "lon": -79.4, "lat": 43.7, "radius_m": 100}
    for _ in range(deep):
        rule = {"type": "minus", "of": [rule, {"type": "circle", "lon": -79.3, "lat": 43.7, "radius_m": 10}]}

    for make in (lambda: area_from_rule(rule, layers={}), lambda: AreaRule(rule=rule)):
        with pytest.raises(AreaError) as refused:
            make()
        assert refused.value.code == "too_deep"
