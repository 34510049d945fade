"""`geoalert area` and `match --area`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from shapely import union_all
from shapely.geometry import LineString, box, shape

from geoalert.cli import main
from tests.app.project import PROJECT, features, write_project

CIRCLE = ("--lat", "43.64867", "--lon", "-79.39660", "--radius", "600")
RINGS = ("--lat", "43.66", "--lon", "-79.40", "--since", "2027-01-19T16:40:00", "--ring", "0h=300", "--ring", "4h=900,sighting")


def run(*arguments: object) -> Result:
    """Calls the command line in this process."""
    return CliRunner().invoke(main, [*map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, stood in, with a line and a square beside it."""
    write_project(tmp_path)
    (tmp_path / "line.geojson").write_text(features(("1", "line", LineString([(-79.40, 43.65), (-79.39, 43.66)]))), encoding="utf-8")
    (tmp_path / "line.geojson").chmod(0o600)
    (tmp_path / "square.geojson").write_text(features(("1", "square", box(-79.41, 43.64, -79.40, 43.65))), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GEOALERT_PROJECT", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (CIRCLE, "circle"),
        (RINGS, "rings"),
        (("--series", "-79.4,43.65", "--series", "-79.39,43.65", "--radius", "300"), "series"),
        (("--corridor", "line.geojson", "--each-side", "100", "--caps", "flat"), "corridor"),
        (("--polygon", "square.geojson"), "polygon"),
        (("--named", "division:D14", "--named", "division:D52"), "named"),
        ((*CIRCLE, "--minus", "square.geojson", "--withhold", "line.geojson", "--distance", "50"), "minus"),
    ],
)
def test_what_make_writes_shows_checks_matches_and_exports(folder: Path, options: tuple[str, ...], kind: str) -> None:
    """One file serves every command, with and without --json."""
    made = run("area", "make", *options, "--label", "Example area", "--author", "b.okafor", "--reason", "exercise", "--json")
    assert made.exit_code == 0, made.stderr
    area = json.loads(made.stdout)["area"]
    assert (area["rule"]["type"], area["label"]) == (kind, "Example area")

    shown = json.loads(run("area", "show", "area.toml", "--json").stdout)
    checked = json.loads(run("area", "check", "area.toml", "--json").stdout)
    exported = run("area", "export", "area.toml", "-o", f"{kind}.gpkg", "--json")
    matched = json.loads(run("match", "--area", "area.toml", "--json").stdout)

    assert shown["digest"] == checked["digest"] == area["digest"] == json.loads(exported.stdout)["digest"]
    assert shown["matches"] == matched["matches"]
    assert {each["id"] for each in matched["matches"]} == {"D14", "D52"} - ({"D52"} if kind == "polygon" else set())
    assert (folder / f"{kind}.gpkg").exists()
    for command in (("area", "show", "area.toml"), ("area", "check", "area.toml"), ("match", "--area", "area.toml")):
        assert run(*command).exit_code == 0
    assert run("plan", "alert.toml", "--as", "m.roy").exit_code == 0


def test_show_lists_rings_and_a_time_chooses_one(folder: Path) -> None:
    """In the project's zone."""
    run("area", "make", *RINGS, "--label", "Example area")

    rings = json.loads(run("area", "show", "area.toml", "--json").stdout)["rings"]
    sizes = [
        json.loads(run("area", "show", "area.toml", *more, "--json").stdout)["area_m2"]
        for more in ((), ("--at", "2027-01-19T20:40:00"), ("--signal", "sighting"))
    ]

    assert [(each["begins"], each["or_on"]) for each in rings] == [
        ("2027-01-19T16:40:00-05:00", None),
        ("2027-01-19T20:40:00-05:00", "sighting"),
    ]
    assert sizes[0] < sizes[1] == sizes[2] == pytest.approx(sum(each["adds_m2"] for each in rings))


def test_a_file_of_polygons_is_an_area(folder: Path) -> None:
    """With its table after a colon."""
    plain, named = (json.loads(run("match", "--area", text, "--json").stdout) for text in ("square.geojson", "square.geojson:square"))

    assert plain == named
    assert plain["matches"][0]["id"] == "D14"


def test_check_says_what_is_missing(folder: Path) -> None:
    """Author, reason and label are asked for, not required."""
    run("area", "make", *CIRCLE)

    told = run("area", "check", "area.toml")

    assert told.exit_code == 0
    assert "no author and no reason and no label" in told.stdout


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("area", "show", "absent.toml"), "file_not_found"),
        (("area", "make", *CIRCLE, "-o", "alert.toml"), "file_exists"),
        (("area", "make", *CIRCLE, "--minus", "absent.geojson"), "file_not_found"),
        (("area", "make", *CIRCLE, "--minus", "/etc/hostname"), "path_outside"),
        (("area", "make", "--named", "district:D14"), "unknown_layer"),
        (("area", "make", "--named", "division:D99"), "unknown_boundary"),
        (("area", "make", *RINGS, "--ring", "5h=100"), "rings_shrink"),
        (("area", "export", "square.geojson", "-o", "out.docx"), "unknown_format"),
        (("area", "export", "square.geojson", "-o", "alert.toml"), "unknown_format"),
        (("match", "--area", "square.geojson:lakes"), "unknown_table"),
        (("area", "show", "square.geojson", "--at", "soon"), "not_a_time"),
    ],
)
def test_an_error_is_told_once_with_its_code(folder: Path, command: tuple[str, ...], code: str) -> None:
    """And nothing is written."""
    before = sorted(folder.iterdir())

    told = run(*command, "--json")

    assert told.exit_code == 1
    assert json.loads(told.stderr)["code"] == code
    assert json.loads(told.stderr)["do"]
    assert sorted(each for each in folder.iterdir() if each.name != ".geoalert") == before


@pytest.mark.parametrize(
    "options",
    [
        (),
        (*CIRCLE, "--polygon", "square.geojson"),
        ("--radius", "600"),
        ("--radius", "600", "--lat", "43.6"),
        (*CIRCLE, "--near", "A & B"),
        ("--corridor", "line.geojson"),
        ("--lat", "43.6", "--lon", "-79.4", "--ring", "0h=300"),
        ("--lat", "43.6", "--lon", "-79.4", "--since", "2027-01-19T16:40:00", "--ring", "wide"),
        ("--named", "D14"),
        (*CIRCLE, "--distance", "50"),
        ("--series", "-79.4,43.65"),
        ("--series", "-79.4", "--radius", "300"),
        ("--series", "here,there", "--radius", "300"),
        ("--series", "-79.4,43.65", *CIRCLE),
    ],
)
def test_wrong_usage_is_2(folder: Path, options: tuple[str, ...]) -> None:
    """One way of drawing, whole."""
    assert run("area", "make", *options).exit_code == 2
    assert not (folder / "area.toml").exists()


def test_match_takes_an_area_file_alone(folder: Path) -> None:
    """Not beside a place on the command line."""
    assert run("match", "--area", "square.geojson", "--lat", "43.6", "--lon", "-79.4").exit_code == 2


EDITIONS = PROJECT.replace(
    "[layers.division]\n",
    '[layers.division-2020]\nedition_of = "division"\nfile = "old.geojson"\nid = "id"\nlabel = "name"\n'
    'version = "2020"\nvalid_to = 2025-12-31\n\n'
    '[layers.beat]\nfile = "beats.geojson"\nid = "id"\nlabel = "name"\n\n'
    '[layers.division]\nversion = "2026"\nvalid_from = 2026-01-01\n',
)
WEST, NORTH = box(-79.45, 43.62, -79.3966, 43.68), box(-79.3966, 43.65, -79.35, 43.68)


@pytest.fixture
def editions(folder: Path) -> Path:
    """The project with an older edition, in which D54 lay where D52 is, and with a layer that numbers its own way."""
    (folder / "geoalert.toml").write_text(EDITIONS, encoding="utf-8")
    old = (("D14", "14 Division", WEST), ("D52", "52 Division", box(-79.3966, 43.62, -79.35, 43.65)), ("D54", "54 Division", NORTH))
    (folder / "old.geojson").write_text(features(*old), encoding="utf-8")
    (folder / "beats.geojson").write_text(features(("B1", "Beat 1", WEST), ("B2", "Beat 2", NORTH)), encoding="utf-8")
    return folder


def area_file(folder: Path, rule: str, name: str = "area.toml") -> str:
    """Writes an area file of a `named` rule."""
    (folder / name).write_text(f'format = 1\nlabel = "Example area"\n[rule]\ntype = "named"\n{rule}\n', encoding="utf-8")
    return name


def test_a_rule_is_resolved_in_the_edition_that_it_names(editions: Path) -> None:
    """By its version; one that the project does not have is refused, with both named."""
    area_file(editions, 'layer = "division"\nids = ["D52"]\nversion = "2020"', "old.toml")
    area_file(editions, 'layer = "division"\nids = ["D52"]', "today.toml")
    area_file(editions, 'layer = "division"\nids = ["D52"]\nversion = "1999"', "gone.toml")

    old, today = (json.loads(run("area", "show", f"{name}.toml", "--json").stdout) for name in ("old", "today"))
    gone = [run(*command, "--json") for command in (("area", "check", "gone.toml"), ("match", "--area", "gone.toml"))]

    assert (old["rule"]["version"], today["rule"]["version"]) == ("2020", "2026")
    assert old["area_m2"] == pytest.approx(today["area_m2"] / 2, rel=0.01)
    for told in gone:
        error = json.loads(told.stderr)
        assert (error["code"], error["field"], error["file"]) == ("layer_changed", "rule.version", "gone.toml")
        assert all(version in error["message"] for version in ("1999", "2020", "2026"))


def test_a_retired_id_says_what_replaced_it_whatever_asks(editions: Path) -> None:
    """Never from another layer that has the same id, and with the day of the older edition it is found."""
    area_file(editions, 'layer = "division"\nids = ["D54"]')
    area_file(editions, 'layer = "beat"\nids = ["D54"]', "beat.toml")
    commands = {"check": ("area", "check"), "show": ("area", "show"), "match": ("match", "--area"), "export": ("area", "export")}
    more = {"export": ("-o", "out.geojson")}

    retired = {name: run(*words, "area.toml", *more.get(name, ()), "--json") for name, words in commands.items()}
    retired["make"] = run("area", "make", "--named", "division:D54", "-o", "made.toml", "--json")
    dated = [run(*words, "area.toml", *more.get(name, ()), "--as-of", "2021-01-01", "--json") for name, words in commands.items()]
    other = run("area", "check", "beat.toml", "--json")

    for name, told in retired.items():
        error = json.loads(told.stderr)
        assert (error["code"], error["field"]) == ("retired_id", "rule.ids"), name
        assert "its ground is now D52 (52 Division) 100%" in error["message"]
    assert [told.exit_code for told in dated] == [0, 0, 0, 0]
    assert json.loads(other.stderr)["code"] == "unknown_boundary"
    assert "layer beat" in json.loads(other.stderr)["message"]


@pytest.mark.parametrize(
    "options", [CIRCLE, RINGS, (*CIRCLE, "--minus", "square.geojson", "--withhold", "line.geojson", "--distance", "50")]
)
def test_make_writes_what_the_name_says(folder: Path, options: tuple[str, ...]) -> None:
    """JSON is JSON, and means the same."""
    for name in ("area.toml", "area.json"):
        assert run("area", "make", *options, "--label", "Example area", "-o", name).exit_code == 0

    written = json.loads((folder / "area.json").read_text("utf-8"))
    toml, told = (json.loads(run("area", "show", name, "--json").stdout) for name in ("area.toml", "area.json"))

    assert (written["format"], written["label"]) == (1, "Example area")
    assert toml == told


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ((*CIRCLE, "-o", "area.geojson"), "unknown_format", "-o"),
        ((*CIRCLE, "-o", "area"), "unknown_format", "-o"),
        ((*CIRCLE, "-o", "dangling.toml"), "file_exists", "-o"),
        ((*CIRCLE[:4], "--radius", "nan"), "invalid_value", "rule.radius_m"),
        ((*CIRCLE[:4], "--radius", "inf", "-o", "area.json"), "invalid_value", "rule.radius_m"),
        ((*CIRCLE, "--label", "Example\x7f area"), "control_characters", "label"),
        ((*CIRCLE, "--reason", "Example\x7f area", "-o", "area.json"), "control_characters", "reason"),
        ((*RINGS[:6], "--ring", "0h=inf"), "invalid_value", "rule.steps.1.radius_m"),
    ],
)
def test_what_make_cannot_write_is_refused(folder: Path, options: tuple[str, ...], code: str, field: str) -> None:
    """One error with the field, and no file."""
    (folder / "dangling.toml").symlink_to(folder / "nowhere.toml")

    told = run("area", "make", *options, "--json")

    error = json.loads(told.stderr)
    assert (told.exit_code, error["code"], error["field"]) == (1, code, field)
    assert not any(path.exists() for path in (folder / "area.toml", folder / "area.json", folder / "area", folder / "nowhere.toml"))


def test_export_draws_a_cover_or_cuts_holes(folder: Path) -> None:
    """Points and overshoot are told, and the files hold just those polygons."""
    (folder / "hole.geojson").write_text(features(("1", "hole", box(-79.398, 43.647, -79.395, 43.650))), encoding="utf-8")
    run("area", "make", *CIRCLE, "--minus", "hole.geojson", "--label", "Example area")

    covered = run("area", "export", "area.toml", "-o", "cover.geojson", "--cover", "--max-points", "12", "--max-overshoot", "300", "--json")
    cut = run("area", "export", "area.toml", "-o", "cut.geojson", "--without-holes", "--json")
    shown = [run("area", "export", "area.toml", "-o", f"{way}2.geojson", f"--{way}").stdout for way in ("cover", "without-holes")]

    whole = shape(json.loads(run("area", "show", "area.toml", "--json").stdout)["geometry"])
    told, pieces = json.loads(covered.stdout), json.loads(cut.stdout)
    drawn, parts = (
        [shape(each["geometry"]) for each in json.loads((folder / f"{name}.geojson").read_text("utf-8"))["features"]]
        for name in ("cover", "cut")
    )
    assert told["points"] == sum(len(each.exterior.coords) - 1 for each in drawn) <= 12
    assert 0 < told["overshoot_m"] <= 300
    assert union_all(drawn).covers(whole)
    assert pieces["polygons"] == len(parts) > 1
    assert not any(len(each.interiors) for each in drawn + parts)
    assert sum(each.area for each in parts) == pytest.approx(whole.area, rel=1e-9)
    assert "m beyond the area" in shown[0]
    assert "polygons without holes" in shown[1]


def test_a_cover_that_cannot_be_says_what_could(folder: Path) -> None:
    """And a limit without a cover is wrong usage."""
    run("area", "make", *CIRCLE)

    told = run("area", "export", "area.toml", "-o", "out.gpkg", "--cover", "--max-points", "3", "--max-overshoot", "1", "--json")

    assert json.loads(told.stderr)["code"] == "cover_impossible"
    for more in (("--max-points", "9"), ("--cover", "--without-holes")):
        assert run("area", "export", "area.toml", "-o", "out.gpkg", *more).exit_code == 2
    assert not (folder / "out.gpkg").exists()


def test_an_export_is_replaced_where_that_is_said(folder: Path) -> None:
    """The error names the option, for areas and plans."""
    run("area", "make", *CIRCLE, "--label", "Example area")
    run("plan", "alert.toml", "--as", "m.roy")
    (folder / "out.geojson").write_text("mine", encoding="utf-8")

    for command in (("area", "export", "area.toml", "-o", "out.geojson"), ("show", "S1", "--export", "out.geojson")):
        refused = json.loads(run(*command, "--json").stderr)
        assert (refused["code"], "--overwrite" in refused["do"]) == ("file_exists", True)
        assert "overwrite=True" not in refused["do"]
        assert (folder / "out.geojson").read_text("utf-8") == "mine"
        assert run(*command, "--overwrite").exit_code == 0
        assert json.loads((folder / "out.geojson").read_text("utf-8"))["type"] == "FeatureCollection"
        (folder / "out.geojson").write_text("mine", encoding="utf-8")


def test_show_marks_the_ring_reached(folder: Path) -> None:
    """By time or signal, in words and in JSON."""
    run("area", "make", *RINGS, "--label", "Example area")

    marked = [
        [each["reached"] for each in json.loads(run("area", "show", "area.toml", *more, "--json").stdout)["rings"]]
        for more in ((), ("--at", "2027-01-19T20:40:00"), ("--signal", "sighting"))
    ]
    shown = run("area", "show", "area.toml", "--signal", "sighting").stdout.splitlines()

    assert marked == [[True, False], [False, True], [False, True]]
    assert [("yes" in line) for line in shown if "2027-01-19T" in line] == [False, True]


def test_a_ring_not_begun_is_told_in_the_projects_zone(folder: Path) -> None:
    """With the time from which there is one, and the signal that would open one."""
    run("area", "make", *RINGS, "--label", "Example area")

    error = json.loads(run("area", "show", "area.toml", "--at", "2027-01-19T10:00:00", "--json").stderr)

    assert (error["code"], error["field"], error["value"]) == ("no_ring_yet", "rule.since", "2027-01-19T16:40:00-05:00")
    assert (error["file"], error["row"]) == ("area.toml", 8)
    assert "sighting" in error["do"]


NESTED = """\
format = 1
label = "Example area"
[rule]
type = "union"
[[rule.of]]
type = "rings"
lon = -79.4
lat = 43.66
since = 2027-01-19T16:40:00
steps = [{after = "0h", radius_m = 300}, {after = "4h", radius_m = 900, or_on = "sighting"}]
[[rule.of]]
type = "rings"
lon = -79.42
lat = 43.66
since = 2027-01-19T16:40:00
steps = [{after = "0h", radius_m = 300}, {after = "9h", radius_m = 900, or_on = "tip"}]
"""


def test_rings_inside_a_union_open_by_their_own_signals(folder: Path) -> None:
    """Each takes its own; show says that they are there."""
    (folder / "area.toml").write_text(NESTED, encoding="utf-8")

    sizes = [
        json.loads(run("area", "show", "area.toml", *more, "--json").stdout)["area_m2"]
        for more in ((), ("--signal", "tip"), ("--signal", "tip", "--signal", "sighting"), ("--at", "2027-01-19T21:00:00"))
    ]

    assert sizes[0] < sizes[1] < sizes[2]
    assert sizes[3] == pytest.approx(sizes[1], rel=1e-3)
    assert "Rings stand inside this union" in run("area", "show", "area.toml").stdout


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("circle.toml", ("--at", "2027-01-19T21:00:00"), "no_rings"),
        ("circle.toml", ("--signal", "sighting"), "no_rings"),
        ("nested.toml", ("--signal", "sigting"), "unknown_signal"),
        ("rings.toml", ("--signal", "tip"), "unknown_signal"),
    ],
)
def test_what_only_rings_have_is_refused_of_others(folder: Path, name: str, options: tuple[str, ...], code: str) -> None:
    """By every command alike; a signal that no ring waits for names the known."""
    run("area", "make", *CIRCLE, "-o", "circle.toml")
    run("area", "make", *RINGS, "-o", "rings.toml")
    (folder / "nested.toml").write_text(NESTED, encoding="utf-8")

    for command in (("area", "show", name), ("area", "export", name, "-o", "out.gpkg"), ("match", "--area", name)):
        error = json.loads(run(*command, *options, "--json").stderr)
        assert error["code"] == code
        assert "sighting" in error["do"] or code == "no_rings"


@pytest.mark.parametrize("name", ["circle.toml", "nested.toml"])
def test_a_delta_is_of_rings_alone(folder: Path, name: str) -> None:
    """Not of a circle, and not of a union with rings in it."""
    run("area", "make", *CIRCLE, "-o", "circle.toml")
    (folder / "nested.toml").write_text(NESTED, encoding="utf-8")

    error = json.loads(run("area", "show", name, "--delta", "--json").stderr)

    assert (error["code"], error["field"]) == ("no_rings", "type")


@pytest.mark.parametrize(
    ("rule", "code", "field", "row"),
    [
        ('type = "polygon"\nfile = "line.geojson"', "not_an_area", "rule.file", 5),
        ('type = "corridor"\nfile = "square.geojson"\neach_side_m = 50', "corridor_needs_line", "rule.file", 5),
        ('type = "named"\nlayer = "division"\nids = ["D99"]', "unknown_boundary", "rule.ids", 6),
        ('type = "circle"\nlon = -79.4\nlat = 43.65\nradius_m = -5', "radius_out_of_range", "rule.radius_m", 7),
        (
            'type = "union"\nof = [{type = "polygon", file = "line.geojson"}, {type = "polygon", file = "square.geojson"}]',
            "not_an_area",
            "rule.of.1.file",
            5,
        ),
        ('type = "polygon"\nfile = "square.geojson"\n[[minus]]\ntype = "polygon"\nfile = "line.geojson"', "not_an_area", "minus.1.file", 8),
        (
            'type = "polygon"\nfile = "square.geojson"\n[[minus]]\nfile = "line.geojson"\ndistance_m = -5',
            "radius_out_of_range",
            "minus.1.distance_m",
            8,
        ),
        (
            'type = "polygon"\ncoordinates = [[[-79.4, 43.6], [-79.3, 43.7], [-79.3, 43.6], [-79.4, 43.7], [-79.4, 43.6]]]',
            "invalid_geometry",
            "rule.coordinates",
            5,
        ),
    ],
)
def test_an_error_in_a_rule_says_where_in_the_file(folder: Path, rule: str, code: str, field: str, row: int) -> None:
    """File, row and the field as it is written there; the advice is for whoever writes files."""
    (folder / "area.toml").write_text(f'format = 1\nlabel = "Example area"\n[rule]\n{rule}\n', encoding="utf-8")

    error = json.loads(run("area", "check", "area.toml", "--json").stderr)

    assert (error["code"], error["field"], error["file"], error["row"]) == (code, field, "area.toml", row)
    assert not any(word in error["do"] for word in ("shapely", "Area.", "="))


@pytest.mark.parametrize(
    ("label", "refused"),
    [
        ("100 Queen St W", True),
        ("100 Queen Street West area", True),
        ("Queen St W and 100 Spadina Ave", True),
        ("14 Division", False),
        ("Ward 13", False),
        ("5th Ave and 42nd St area", False),
        ("Highway 27 and Finch Ave", False),
        ("401 and Yonge St area", False),
        ("Queen St W and Spadina Ave area", False),
    ],
)
def test_a_label_that_is_an_address_is_refused(folder: Path, label: str, refused: bool) -> None:
    """Before a file is written, and of a file that has one."""
    made = run("area", "make", *CIRCLE, "--label", label, "--json")
    text = f'format = 1\nlabel = "{label}"\n[rule]\ntype = "circle"\nlon = -79.4\nlat = 43.65\nradius_m = 600\n'
    (folder / "other.toml").write_text(text, encoding="utf-8")
    checked = run("area", "check", "other.toml", "--json")

    assert [told.exit_code for told in (made, checked)] == [int(refused)] * 2
    assert (folder / "area.toml").exists() is not refused
    if refused:
        errors = [json.loads(told.stderr) for told in (made, checked)]
        assert [(each["code"], each["field"]) for each in errors] == [("label_is_address", "label")] * 2
        assert (errors[1]["file"], errors[1]["row"]) == ("other.toml", 2)
