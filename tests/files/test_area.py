"""area.toml: read whole into an AreaRule, or refused with its line."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely
from shapely.geometry import LineString, Point, box, mapping

from geoalert.area import Area
from geoalert.boundaries.load.shapes import read_shapes
from geoalert.errors import GeoAlertError
from geoalert.files.area import read_area_rule
from geoalert.files.area_text import area_text
from geoalert.targeting.arearule import AreaRule
from tests.places import squares

TORONTO = ZoneInfo("America/Toronto")
LAYERS = {"squares": squares()}
HEAD = 'format = 1\nauthor = "b.okafor"\nreason = "seen on foot 16:10"\nlabel = "Example Corner area"\n'
CIRCLE = '[rule]\ntype = "circle"\nlon = 10.015\nlat = 50.015\nradius_m = 600\n'
LINE = [(10.0, 50.0), (10.01, 50.01)]

Read = Callable[..., AreaRule]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes an area file and what lies beside it, and reads it."""
    write(tmp_path / "square.geojson", box(10.01, 50.01, 10.02, 50.02))
    write(tmp_path / "line.geojson", LineString(LINE))
    (tmp_path / "restricted").mkdir()
    write(tmp_path / "restricted" / "home.geojson", Point(10.0123457, 50.0123457))
    (tmp_path / "restricted" / "home.geojson").chmod(0o600)

    def write_and_read(text: str, *, name: str = "area.toml", zone: ZoneInfo | None = TORONTO) -> AreaRule:
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o600)
        return read_area_rule(tmp_path / name, zone=zone, shapes=read_shapes)

    return write_and_read


def write(path: Path, *shapes: shapely.Geometry) -> None:
    """Writes shapes as GeoJSON."""
    features = [{"type": "Feature", "properties": {"id": str(n)}, "geometry": mapping(each)} for n, each in enumerate(shapes)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ('type = "circle"\nlon = 10\nlat = 50\nradius_m = 600', Area.circle(lon=10, lat=50, radius_m=600)),
        ('type = "series"\npoints = [[10.0, 50.0], [10.01, 50.01]]\nradius_m = 50', Area.series(LINE, radius_m=50)),
        ('type = "corridor"\npoints = [[10.0, 50.0], [10.01, 50.01]]\neach_side_m = 50', Area.corridor(LineString(LINE), each_side_m=50)),
        (
            'type = "corridor"\nfile = "line.geojson"\neach_side_m = 50\ncaps = "flat"',
            Area.corridor(LineString(LINE), each_side_m=50, caps="flat"),
        ),
        ('type = "polygon"\nfile = "square.geojson"', Area.polygon(box(10.01, 50.01, 10.02, 50.02))),
        ('type = "polygon"\nfile = "square.geojson"\ntable = "square"', Area.polygon(box(10.01, 50.01, 10.02, 50.02))),
        ('type = "named"\nlayer = "squares"\nids = ["A1", "B2"]', Area.named(LAYERS["squares"], "A1", "B2")),
        (
            'type = "union"\nof = [{type = "circle", lon = 10, lat = 50, radius_m = 60}, {type = "named", layer = "squares", ids = "B2"}]',
            Area.circle(lon=10, lat=50, radius_m=60) | Area.named(LAYERS["squares"], "B2"),
        ),
        (
            (
                'type = "intersection"\nof = [{type = "polygon", file = "square.geojson"}, '
                '{type = "circle", lon = 10.01, lat = 50.01, radius_m = 99}]'
            ),
            Area.polygon(box(10.01, 50.01, 10.02, 50.02)) & Area.circle(lon=10.01, lat=50.01, radius_m=99),
        ),
    ],
)
def test_each_type_means_its_area_in_toml_and_in_json(read: Read, text: str, area: Area) -> None:
    """One file form, two spellings, the same bytes."""
    whole = f"{HEAD}[rule]\n{text}\n"

    toml, told = read(whole), read(json.dumps(tomllib.loads(whole)), name="area.json")

    assert toml.area(layers=LAYERS) == told.area(layers=LAYERS) == area.labelled("Example Corner area")
    assert (toml.author, toml.reason, told.author, told.reason) == ("b.okafor", "seen on foot 16:10") * 2
    assert json.loads(json.dumps(toml.to_dict())) == told.to_dict()


def test_the_same_rule_makes_the_same_bytes(read: Read) -> None:
    """Geometry, rule and digest."""
    text = f'{HEAD}{CIRCLE}[[minus]]\nfile = "square.geojson"\n'

    one, other = (read(text).area(layers={}) for _ in range(2))

    assert (one.digest, one.rule_text, one.geometry.wkb) == (other.digest, other.rule_text, other.geometry.wkb)


def test_a_minus_is_exact_and_kept_in_the_rule(read: Read) -> None:
    """As `-` in Python; a distance widens it; the rule alone makes the area again."""
    found = read(f'{HEAD}{CIRCLE}[[minus]]\nfile = "square.geojson"\n').area(layers={})
    wide = read(f"{HEAD}{CIRCLE}[[minus]]\nlon = 10.015\nlat = 50.015\ndistance_m = 100\n").area(layers={})

    whole = Area.circle(lon=10.015, lat=50.015, radius_m=600)
    assert found == (whole - Area.polygon(box(10.01, 50.01, 10.02, 50.02))).labelled("Example Corner area")
    assert found.rule["type"] == "minus"
    assert whole.area_m2 - wide.area_m2 == pytest.approx(31_416, rel=5e-3)


def test_times_are_local(read: Read) -> None:
    """`since` is kept in UTC; without a project it needs its offset."""
    rings = '[rule]\ntype = "rings"\nlon = 10\nlat = 50\nsince = {}\nsteps = [{{after = "0h", radius_m = 800}}]\n'

    local, offset = read(HEAD + rings.format("2027-01-19T16:40:00")), read(HEAD + rings.format("2027-01-19T16:40:00-05:00"), zone=None)

    assert local.area(layers={}).rule["since"] == offset.area(layers={}).rule["since"] == "2027-01-19T21:40:00+00:00"
    with pytest.raises(GeoAlertError) as refused:
        read(HEAD + rings.format("2027-01-19T16:40:00"), zone=None)
    assert (refused.value.code, refused.value.row) == ("zone_needed", 9)


@pytest.mark.parametrize(
    ("text", "code", "row", "field"),
    [
        (f"{HEAD}[rule]\ntype = 'circle'\nradus_m = 5\n", "unknown_field", 7, "rule.radus_m"),
        (f"{HEAD}[rule]\nradius_m = 5\n", "missing_field", 5, "rule.type"),
        (HEAD, "missing_field", None, "rule"),
        (f"{HEAD}{CIRCLE}[[minus]]\nfile = 'lake.geojson'\n", "file_not_found", None, None),
        (f"{HEAD}{CIRCLE}[[minus]]\nfile = '../lake.geojson'\n", "path_outside", 11, "minus.1.file"),
        (f"{HEAD}{CIRCLE}[[minus]]\nfile = 'square.geojson'\npoints = [[1, 2]]\n", "invalid_field", 12, "minus.1.points"),
        (f"{HEAD}[rule]\ntype = 'polygon'\nfile = 'square.geojson'\ntable = 'lakes'\n", "unknown_table", None, "table"),
        (f"{HEAD}{CIRCLE}[[withhold]]\nfile = 'restricted/gone.geojson'\n", "withhold_unusable", 11, "withhold.1.file"),
        (f"{HEAD}{CIRCLE}[[withhold]]\nlon = 'west'\n", "wrong_type", 11, "withhold.1.lon"),
    ],
)
def test_a_mistake_is_told_with_its_line(read: Read, text: str, code: str, row: int | None, field: str | None) -> None:
    """File, line and field; one error each."""
    with pytest.raises(GeoAlertError) as refused:
        read(text)

    assert (refused.value.code, refused.value.row, refused.value.field) == (code, row, field)
    assert refused.value.file is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'{HEAD}{CIRCLE}[[minus]]\ntype = "circle"\nlon = 10.015\nlat = 50.015\nradius_m = 700\n', "nothing_left"),
        (f'{HEAD}[rule]\ntype = "corridor"\npoints = [[10, 50]]\neach_side_m = 5\n', "corridor_needs_line"),
        (f'{HEAD}[rule]\ntype = "corridor"\nfile = "restricted/home.geojson"\neach_side_m = 5\n', "corridor_needs_line"),
        (f'{HEAD}[rule]\ntype = "polygon"\nfile = "line.geojson"\n', "not_an_area"),
        (f'{HEAD}[rule]\ntype = "named"\nlayer = "sqares"\nids = ["A1"]\n', "unknown_layer"),
        (f'{HEAD}[rule]\ntype = "named"\nlayer = "squares"\nids = ["A9"]\n', "unknown_boundary"),
        (f'{HEAD}[rule]\ntype = "circle"\nnear = "A & B"\nradius_m = 5\n', "near_not_available"),
    ],
)
def test_a_rule_that_means_no_area_is_refused(read: Read, text: str, code: str) -> None:
    """It reads, and resolving it says what is wrong."""
    with pytest.raises(GeoAlertError) as refused:
        read(text).area(layers=LAYERS)

    assert refused.value.code == code
    assert refused.value.do


def test_a_place_by_name_is_found_by_what_is_handed_in(read: Read) -> None:
    """Its public words become the label where the file has none."""
    rule = read('format = 1\n[rule]\ntype = "circle"\nnear = "A & B"\nradius_m = 600\n')

    found = rule.area(layers={}, near=lambda text: (10.0, 50.0, f"{text} area"))

    assert found == Area.circle(lon=10, lat=50, radius_m=600, label="A & B area")


def test_written_text_is_read_back(read: Read) -> None:
    """What `area make` writes is an area file."""
    rule = {"type": "circle", "lon": 10.0, "lat": 50.0, "radius_m": 600.0}
    text = area_text(rule, minus=[{"file": "square.geojson"}], withhold=[], author='A "B" é', label=None)

    found = read(text)

    assert (found.rule, found.author, len(found.minus)) == (rule, 'A "B" é', 1)


SECRET = 'file = "restricted/home.geojson"\ndistance_m = 50\n'
INLINE = "lon = 10.0123457\nlat = 50.0123457\ndistance_m = 50\n"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666])
@pytest.mark.parametrize(
    ("text", "name"),
    [
        (SECRET, "restricted/home.geojson"),
        (INLINE, "area.toml"),
        ('type = "union"\nof = [{type = "polygon", file = "square.geojson"}]\n', "square.geojson"),
    ],
)
def test_a_withheld_place_that_others_can_read_is_refused(read: Read, tmp_path: Path, text: str, name: str, mode: int) -> None:
    """The file that holds it is named, and the command that closes it; nothing says where the place is."""
    (tmp_path / "square.geojson").chmod(0o600)
    read(f"{HEAD}{CIRCLE}[[withhold]]\n{text}")
    (tmp_path / name).chmod(mode)

    with pytest.raises(GeoAlertError) as refused:
        read_area_rule(tmp_path / "area.toml", zone=TORONTO, shapes=read_shapes)

    assert (refused.value.code, refused.value.value) == ("withhold_readable", name)
    assert f"chmod 600 {Path(name).name}" in str(refused.value.do)
    assert "10.0123" not in f"{refused.value!r} {refused.value.to_dict()}"


def test_an_area_file_without_a_secret_may_be_read_by_all(read: Read, tmp_path: Path) -> None:
    """Also one that names a secret file, for it says only where that is kept."""
    read(f"{HEAD}{CIRCLE}[[withhold]]\n{SECRET}")
    (tmp_path / "area.toml").chmod(0o644)

    assert len(read_area_rule(tmp_path / "area.toml", zone=TORONTO, shapes=read_shapes).withhold) == 1


def test_each_part_of_a_withheld_shapefile_is_looked_at(read: Read, tmp_path: Path) -> None:
    """The table of an open .dbf may name the place as well as the shape does."""
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.GeoDataFrame({"id": ["1"]}, geometry=[box(10.01, 50.01, 10.02, 50.02)], crs="EPSG:4326")
    frame.to_file(tmp_path / "restricted" / "home.shp")
    for path in (tmp_path / "restricted").iterdir():
        path.chmod(0o600)
    text = f'{HEAD}{CIRCLE}[[withhold]]\nfile = "restricted/home.shp"\n'
    assert read(text).withhold
    (tmp_path / "restricted" / "home.dbf").chmod(0o644)

    with pytest.raises(GeoAlertError) as refused:
        read(text)

    assert "chmod 600 home.dbf" in str(refused.value.do)
