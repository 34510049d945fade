"""The command line as a person types it: what is printed, where errors go, and the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoalert.app.desk import Desk
from geoalert.cli import SECTIONS, main
from geoalert.clock import fixed_clock
from tests.app.project import ALERT, START, write_project


def run(*arguments: object, project: Path | None = None) -> Result:
    """Calls the command line in this process."""
    named = ["--project", str(project)] if project else []
    return CliRunner().invoke(main, [*map(str, arguments), *named], catch_exceptions=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose evening it is."""
    write_project(tmp_path)
    monkeypatch.setattr(Desk.__init__, "__kwdefaults__", {"clock": fixed_clock(START), "sleep": None})
    return tmp_path


def test_the_evening_from_plan_to_status(project: Path) -> None:
    """Every step prints what it did and ends with 0."""
    results = [
        run("plan", project / "alert.toml", "--as", "m.roy", project=project),
        run("show", "S1", "--posts", project=project),
        run("approve", "S1", "--as", "t.singh", "--reason", "exercise", project=project),
        run("send", "S1", project=project),
        run("send", "S1", project=project),
        run("status", "S1", project=project),
    ]

    assert [result.exit_code for result in results] == [0] * 6
    assert "geoalert approve S1" in results[0].output
    assert "Do not approach" in results[1].output
    assert all("2 done" in result.output for result in results[3:])


def test_every_command_prints_json(project: Path) -> None:
    """One document on standard output."""
    commands = [
        ("plan", project / "alert.toml", "--as", "m.roy"),
        ("show", "S1"),
        ("approve", "S1", "--as", "t.singh"),
        ("send", "S1"),
        ("status",),
        ("check",),
        ("directory", "check"),
        ("directory", "template", "--layer", "division"),
        ("match", "--lat", "43.648", "--lon", "-79.39"),
        ("boundaries", "list"),
    ]

    for command in commands:
        result = run(*command, "--json", project=project)
        assert result.exit_code == 0, (command, result.output)
        assert isinstance(json.loads(result.stdout), dict)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("send", "S1"), "unknown_plan"),
        (("show", "nothing-here"), "unknown_plan"),
        (("status", "S9"), "unknown_plan"),
        (("approve", "S1"), "unknown_plan"),
        (("plan", "absent.toml"), "file_not_found"),
        (("match", "--lat", "43.6", "--lon", "-79.4", "--layer", "precinct"), "unknown_layer"),
        (("match", "--near", "Queen & Spadina"), "near_not_available"),
        (("match", "--area", "area.toml"), "file_not_found"),
        (("match", "--lat", "0", "--lon", "0", "--radius", "600"), "null_island"),
        (("match", "--lat", "-79.4", "--lon", "43.6", "--radius", "600"), "swapped_axes"),
        (("match", "--lat", "43.6", "--lon", "-79.4", "--radius", "-1"), "radius_out_of_range"),
        (("match", "--lat", "43.6", "--lon", "-79.4", "--rule", "most"), "unknown_rule"),
    ],
)
def test_an_error_is_told_once_with_its_code(project: Path, command: tuple[str, ...], code: str) -> None:
    """As text or as the design's JSON on stderr; exit 1; nothing on stdout."""
    text = run(*command, project=project)
    told = run(*command, "--json", project=project)

    assert (text.exit_code, told.exit_code) == (1, 1)
    assert text.stderr.startswith("error: ")
    assert f"[{code}]" in text.stderr
    assert text.stdout == told.stdout == ""
    document = json.loads(told.stderr)
    assert document["code"] == code
    assert list(document) == ["code", "message", "file", "row", "field", "value", "do"]
    assert document["do"]


@pytest.mark.parametrize(
    "command", [("mach",), ("match", "--radius", "far"), ("plan",), ("match", "--layer", "x=y.geojson,identity=a"), ("match",)]
)
def test_wrong_usage_is_2(command: tuple[str, ...]) -> None:
    """What was typed wrongly is said, with what comes near."""
    result = run(*command)

    assert result.exit_code == 2
    if command == ("mach",):
        assert "Did you mean match" in result.output


def test_outside_every_boundary_is_an_answer(project: Path) -> None:
    """An empty list, uncovered share 1.0, exit 0."""
    result = run("match", "--lat", "44.5", "--lon", "-79.4", "--radius", "600", "--json", project=project)

    assert result.exit_code == 0
    assert json.loads(result.stdout)["matches"] == []
    assert json.loads(result.stdout)["uncovered"] == {"division": 1.0}


def test_what_waits_is_4(project: Path) -> None:
    """A send that could not arrive and can be repeated is neither done nor lost."""
    run("plan", project / "alert.toml", "--as", "m.roy", project=project)
    run("approve", "S1", "--as", "t.singh", project=project)
    (project / "posts").write_text("in the way", encoding="utf-8")

    result = run("send", "S1", project=project)

    assert result.exit_code == 4
    assert "2 queued" in result.output


def test_locate_names_each_row_and_counts_the_rest(project: Path) -> None:
    """Ids in a new column; unknown places stay blank and are counted."""
    (project / "points.csv").write_text("lon;lat;n\n-79.40;43.65;1\n-79.38;43.65;2\n-70;40;3\n;;4\n-85.4887;0.0;5\n", encoding="utf-8")

    result = run("locate", project / "points.csv", project=project)

    assert result.exit_code == 0
    assert [line.split(",")[-1] for line in result.stdout.splitlines()] == ["division", "D14", "D52", "", "", ""]
    assert "2 points in a boundary, 1 in none, 2 without coordinates" in result.stderr


@pytest.mark.parametrize(("cell", "code"), [("x", "invalid_coordinate"), ("143.65", "out_of_range")])
def test_locate_names_the_bad_row(project: Path, cell: str, code: str) -> None:
    """File, row and value."""
    (project / "points.csv").write_text(f"lon,lat\n-79.40,43.65\n-179.40,{cell}\n", encoding="utf-8")

    told = json.loads(run("locate", project / "points.csv", "--json", project=project).stderr)

    assert (told["code"], told["row"]) == (code, 3)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("43.65,-79.40", "swapped_axes", "y"),
        ("79.40,43.65", "sign_lost", "x"),
        ("-279.40,43.65", "out_of_range", "x"),
        ("-79.40,43,65", "cell_count", None),
        ("-79.40,", "invalid_coordinate", "y"),
    ],
)
def test_locate_counts_rows_as_a_spreadsheet_shows_them(project: Path, row: str, code: str, field: str | None) -> None:
    """The layers tell what is swapped or lacks its sign; blank lines count; the field is the file's own column."""
    (project / "points.csv").write_text(f"x,y\n\n-79.40,43.65\n\n\n{row}\n", encoding="utf-8")

    result = run("locate", project / "points.csv", "--lon", "x", "--lat", "y", "--json", project=project)

    told = json.loads(result.stderr)
    assert (result.exit_code, told["code"], told["row"], told["field"]) == (1, code, 6, field)
    assert told["file"] == str(project / "points.csv")


@pytest.mark.parametrize(("header", "field"), [("lon,lat,division", "division"), ("lon,lat,lon", "lon")])
def test_locate_refuses_columns_that_would_hide_each_other(project: Path, header: str, field: str) -> None:
    """A column named like a layer, or twice, would lose one of the two."""
    (project / "points.csv").write_text(f"{header}\n-79.40,43.65,D9\n", encoding="utf-8")

    told = json.loads(run("locate", project / "points.csv", "--json", project=project).stderr)

    assert (told["code"], told["field"]) == ("duplicate_column", field)


def test_boundaries_check_prints_no_block_for_what_would_be_refused(tmp_path: Path) -> None:
    """The finding with its code, status 1, and with --json the whole report on standard output."""
    path = tmp_path / "beats.csv"
    path.write_text('CODE,geom\n1,"POLYGON ((500000 4830000, 502000 4830000, 502000 4832000, 500000 4830000))"\n', encoding="utf-8")

    text, told = run("boundaries", "check", path), run("boundaries", "check", path, "--json")
    mended = run("boundaries", "check", path, "--crs", "EPSG:26917")

    assert (text.exit_code, told.exit_code, mended.exit_code) == (1, 1, 0)
    assert "refuse [missing_crs]: " in text.stdout
    assert "[layers." not in text.stdout
    assert "[layers.beats]" in mended.stdout
    document = json.loads(told.stdout)
    assert (document["toml"], document["repairs"][-1]["code"]) == (None, "missing_crs")


def test_the_block_names_the_file_as_the_project_reads_it(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative to geoalert.toml from wherever the command is run; absolute where the file lies outside."""
    (project / "gis" / "new").mkdir(parents=True)
    ring = [[-79.4, 43.6], [-79.3, 43.6], [-79.3, 43.7], [-79.4, 43.6]]
    one = {"type": "Feature", "properties": {"DIV": "D1"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    written = json.dumps({"type": "FeatureCollection", "features": [one]})
    outside = tmp_path_factory.mktemp("elsewhere") / "b.geojson"
    for path in (project / "gis" / "new" / "a.geojson", outside):
        path.write_text(written, encoding="utf-8")
    monkeypatch.chdir(project / "gis" / "new")

    inside = json.loads(run("boundaries", "check", "a.geojson", "--json").stdout)
    beyond = json.loads(run("boundaries", "check", outside, "--json").stdout)

    assert tomllib.loads(inside["toml"])["layers"]["a"]["file"] == "gis/new/a.geojson"
    assert f"file = {json.dumps(str(outside))}" in beyond["toml"]


def test_init_makes_a_project_that_reads_and_touches_nothing_there(tmp_path: Path) -> None:
    """A second init refuses."""
    first = run("init", tmp_path / "leeds", "--profile", "plain", "--language", "en-GB", "--time-zone", "Europe/London")
    second = run("init", tmp_path / "leeds")

    assert first.exit_code == 0
    assert second.exit_code == 1
    assert "[file_exists]" in second.stderr
    assert run("check", project=tmp_path / "leeds").exit_code == 0


def test_check_names_what_would_refuse(tmp_path: Path) -> None:
    """A bad row of the directory is one line of the table, and the status is 1."""
    write_project(tmp_path, channels="id,name\nx,y\n")

    result = run("check", project=tmp_path)

    assert result.exit_code == 1
    assert "missing column" in result.output


def test_help_lists_every_command_and_loads_none() -> None:
    """The day's commands come first; --help imports click and nothing heavier."""
    heavy = ("numpy", "shapely", "rich", "pydantic", "geoalert.app")
    code = f"""
import sys
from geoalert.cli import main
try:
    main(["--help"])
except SystemExit:
    print([name for name in {heavy} if name in sys.modules])
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip().endswith("[]")
    for name in (name for section in SECTIONS.values() for name in section):
        assert f"\n  {name} " in done.stdout
        assert run(name, "--help").exit_code == 0
    assert done.stdout.index("  plan") < done.stdout.index("  match") < done.stdout.index("  demo")


def test_publishers_are_listed_as_objects() -> None:
    """`publishers`, a list of objects with `name`."""
    told = json.loads(run("publishers", "--json").stdout)

    assert {"console", "folder"} <= {each["name"] for each in told["publishers"]}


def test_an_alert_that_is_no_text_is_one_error(project: Path) -> None:
    """A picture instead of an alert file."""
    result = run("plan", project / "sketch.png", "--as", "m.roy", project=project)

    assert result.exit_code == 1
    assert "error: " in result.stderr
    assert ALERT not in result.stderr


def test_schemas_are_printed_for_editors() -> None:
    """Every kind of file has one, and it knows the fields people write."""
    kinds = json.loads(run("schema", "--json").stdout)["kinds"]

    assert {"alert", "catalogue", "profile", "project"} <= set(kinds)
    assert "expires" in json.loads(run("schema", "alert").stdout)["properties"]
    assert run("schema", "allert").exit_code == 1


PLACES = "street,cross_street,lon,lat\nFirst St W,Second Ave,-79.3966,43.64867\nFirst St W,Third Ave,-79.41,43.647\n"


def test_a_corner_is_found_by_its_streets(project: Path) -> None:
    """From the project's gazetteer in an alert file and by --near, and from a file of its own."""
    (project / "corners.csv").write_text(PLACES, encoding="utf-8")
    assert run("places", "build", project / "corners.csv", "-o", project / "places.sqlite").exit_code == 0
    (project / "alert.toml").write_text(
        ALERT.replace("lon = -79.39660, lat = 43.64867", 'near = "Second Ave & First St W"'), encoding="utf-8"
    )

    planned = json.loads(run("plan", project / "alert.toml", "--as", "m.roy", "--json", project=project).stdout)
    matched = json.loads(run("match", "--near", "First St W at Second Ave", "--radius", "600", "--json", project=project).stdout)
    alone = run("match", "--near", "First St W at Second Ave", "--places", project / "corners.csv", "--radius", "600", project=project)

    assert planned["area"]["rule"]["lon"] == -79.3966
    assert {match["id"]: round(match["share_of_area"], 2) for match in matched["matches"]} == {"D14": 0.5, "D52": 0.5}
    assert alone.exit_code == 0


@pytest.mark.parametrize(("near", "code"), [("First St W & Fourth Ave", "unknown_place"), ("12 First St W", "not_an_intersection")])
def test_a_corner_that_is_not_one_point_is_refused(project: Path, near: str, code: str) -> None:
    """Nothing is guessed."""
    (project / "places.csv").write_text(PLACES, encoding="utf-8")

    told = json.loads(run("match", "--near", near, "--places", project / "places.csv", "--json", project=project).stderr)

    assert told["code"] == code


def test_a_plan_is_exported_for_a_gis(project: Path) -> None:
    """Area, boundaries and places in one GeoPackage; an existing file is not overwritten."""
    run("plan", project / "alert.toml", "--as", "m.roy", project=project)

    first = run("show", "S1", "--export", project / "S1.gpkg", project=project)
    second = run("show", "S1", "--export", project / "S1.gpkg", project=project)

    assert (first.exit_code, second.exit_code) == (0, 1)
    assert "[file_exists]" in second.stderr
    assert (project / "S1.gpkg").read_bytes().startswith(b"SQLite format 3")


def test_a_crosswalk_says_what_became_of_each_boundary(project: Path) -> None:
    """Two editions from files, as a table and as JSON."""
    layer = f"a={project / 'divisions.geojson'},id=id"

    told = json.loads(run("boundaries", "crosswalk", layer, layer.replace("a=", "b=", 1), "--json").stdout)
    shown = run("boundaries", "crosswalk", layer, layer.replace("a=", "b=", 1), "-o", project / "crosswalk.csv")

    assert [(row["old_id"], row["new_id"], row["share_of_old"]) for row in told["rows"]] == [("D14", "D14", 1.0), ("D52", "D52", 1.0)]
    assert shown.exit_code == 0
    assert (project / "crosswalk.csv").read_text("utf-8").count("\n") == 3


@pytest.mark.parametrize("command", [["show", "S1"], ["show", "S1", "--json"], ["status"], ["check"]])
def test_a_reader_who_has_had_enough_is_no_refusal(project: Path, command: list[str]) -> None:
    """`geoalert show S1 | head -1` ends quietly with 0."""
    run("plan", project / "alert.toml", "--as", "m.roy", project=project)
    typed = [sys.executable, "-m", "geoalert", *command, "--project", str(project)]

    with subprocess.Popen(typed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    assert (process.returncode, told) == (0, "")
