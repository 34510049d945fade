"""The reference is current and leaves nothing out."""

from __future__ import annotations

import importlib.metadata
import json
import re
from pathlib import Path

import click
import pytest
import yaml

import geoalert
from geoalert import errors
from geoalert.cli import main
from geoalert.directory.columns import CHANNEL_COLUMNS, UNIT_COLUMNS, VENUE_COLUMNS
from geoalert.directory.load import read_directory
from geoalert.files.profile import shipped_profiles
from geoalert.files.schema import SCHEMAS
from geoalert.targeting.rule import area_from_rule
from scripts.build_docs import SHIPPED_PUBLISHERS, pages, signature, table
from scripts.error_codes import IN_WORDS, Source

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def _page(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


def _commands(command: click.Command, path: str, above: click.Context | None = None) -> list[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        return [(path, command)]
    context = click.Context(command, parent=above)
    inner = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [found for name, each in inner if each is not None for found in _commands(each, f"{path} {name}", context)]


def test_generated_parts_are_current() -> None:
    """What `python -m scripts.build_docs` would write is what is there."""
    stale = [path.relative_to(ROOT).as_posix() for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]

    assert not stale, f"run: python -m scripts.build_docs   ({', '.join(stale)})"


def test_an_unknown_part_is_no_empty_table(tmp_path: Path) -> None:
    """A marker with a wrong name fails instead of leaving a hole."""
    (tmp_path / "page.md").write_text("<!-- generated: comands -->\n<!-- end: comands -->\n", "utf-8")

    with pytest.raises(KeyError):
        pages(tmp_path)


@pytest.mark.parametrize("name", geoalert.__all__)
def test_every_public_name_has_its_heading_and_example(name: str) -> None:
    """python.md has a section for each name, with code that uses it."""
    text = _page("python.md")
    heading = name.replace("__", r"\_\_")
    section = re.search(rf"^### {re.escape(heading)}$(.*?)(?=^##+ |\Z)", text, re.MULTILINE | re.DOTALL)

    assert section is not None
    assert "```python" in section[1]


@pytest.mark.parametrize(("path", "command"), _commands(main, "geoalert"), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_and_option_is_in_the_reference(path: str, command: click.Command) -> None:
    """Each command has a heading, each option a row."""
    section = re.search(rf"^###+ `{re.escape(path)}`$(.*?)(?=^##+ |\Z)", _page("command-line.md"), re.MULTILINE | re.DOTALL)

    assert section is not None
    missing = [name for option in command.params for name in option.opts if name.startswith("-") and f"`{name}`" not in section[1]]
    assert not missing


def test_every_code_written_in_the_source_is_in_the_reference() -> None:
    """A plain search for code= and for findings, which knows nothing of the scanner, finds no code that is left out."""
    text = _page("errors.md")
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "geoalert").rglob("*.py"))
    written = set(re.findall(r"""\bcode(?: = |=)"([a-z_]+)\"""", source)) - {"error"}
    written |= set(re.findall(r"""Finding\(\s*"(?:refuse|withhold|warn|note)",\s*"([a-z_]+)\"""", source))

    assert len(written) > 150
    assert not sorted(code for code in written if f"`{code}`" not in text)


def test_no_code_is_lost_on_its_way_to_an_error() -> None:
    """Every `code=` is followed to the words it may be, through tuples, tables, loops and returns; one that leads nowhere fails here."""
    assert Source.read().lost() == []


@pytest.mark.parametrize("code", ["sign_lost", "tls_failed", "unknown_status", "no_expiry", "disk_read_only", "no_consent", "image_bomb"])
def test_a_code_that_stands_far_from_its_error_is_in_the_reference(code: str) -> None:
    """Returned in a tuple, kept in a table, handed on by two functions."""
    assert f"| `{code}` |" in _page("errors.md")


@pytest.mark.parametrize(
    ("body", "codes", "lost"),
    [
        ('raise E("x", code="plain")', ["plain"], 0),
        ("code, what = found()\n    raise E(what, code=code)", ["from_return"], 0),
        ('for name, (known, code) in {"a": (1, "in_a_table")}.items():\n        raise E(name, code=code)', ["in_a_table"], 0),
        ('code = TABLE.get(a, ("absent", "x"))[0]\n    raise E("x", code=code)', None, 0),
        ('raise E("x", code=given_by_nobody)', [], 1),
        ('raise E("x", code=a.upper())', [], 1),
        ('code = "one" if a else "two"\n    raise E("x", code=code)', ["one", "two"], 0),
        ('code = "past"\n    code = "present"\n    raise E("x", code=code)', ["present"], 0),
    ],
)
def test_the_scanner_follows_a_code_or_says_that_it_cannot(body: str, codes: list[str] | None, lost: int, tmp_path: Path) -> None:
    """On modules of one function each."""
    (tmp_path / "errors.py").write_text("class E(Exception):\n    pass\n", "utf-8")
    text = f'TABLE = {{1: ("at_one", "x")}}\n\n\ndef found():\n    return "from_return", "some words"\n\n\ndef check(a):\n    {body}\n'
    (tmp_path / "room.py").write_text(text, "utf-8")

    source = Source.read(tmp_path)

    found = {use.code for use in source.uses()[0]}
    assert len(source.lost()) == lost
    assert found >= {"at_one", "absent"} if codes is None else found == {*codes}


def test_every_code_says_something() -> None:
    """No row of the two tables is without words; scripts/error_codes.py has those that are put together elsewhere."""
    rows = [row for row in _page("errors.md").splitlines() if row.startswith("| `")]

    assert len(rows) > 250
    assert not [row for row in rows if row.rstrip("| ").endswith("`") or row.endswith("|  |")]


def test_words_are_kept_only_for_codes_that_exist() -> None:
    """A word for a code that went away is removed with it."""
    errors_found, findings_found = Source.read().uses()

    assert not set(IN_WORDS) - {use.code for use in (*errors_found, *findings_found, *Source.read().defaults())}


def test_every_error_class_is_in_the_reference() -> None:
    """The tree at the top of errors.md names every class."""
    text = _page("errors.md")
    classes = [name for name, thing in vars(errors).items() if isinstance(thing, type) and issubclass(thing, Exception)]

    assert not [name for name in classes if name != "ExplainedError" and name not in text]


def test_codes_are_snake_case_and_have_one_class_of_default() -> None:
    """No two error classes share their own code."""
    defaults = [use.code for use in Source.read().defaults()]

    assert len(defaults) == len(set(defaults)) > 20
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in defaults)


@pytest.mark.parametrize(
    ("heading", "columns"),
    [("channels.csv", CHANNEL_COLUMNS), ("venues.csv", VENUE_COLUMNS), ("units.csv", UNIT_COLUMNS)],
)
def test_every_column_is_described_in_order(heading: str, columns: tuple[str, ...]) -> None:
    """The tables of the CSV files have the reader's columns."""
    section = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", _page("files.md"), re.MULTILINE | re.DOTALL)

    assert section is not None
    assert tuple(re.findall(r"^\| `(\w+)` \|", section[1], re.MULTILINE)) == columns


FILLED = {
    "channels.csv": "c,Name,posts,page,public,*,public_safety,en,A. Roy,letter-1,2026-01-01,2026-01-01,2098-01-01",
    "venues.csv": "v,Name,food.cafe,43.6,-79.4,Mo-Su 07:00-19:00,a@b.example,416-555-0140,en,public,watch,letter-2,2026-01-02,2098-01-01",
    "units.csv": "u,416-555-0100,a@b.example,2026-01-01,2098-01-01",
}


@pytest.mark.parametrize(
    ("file", "column"),
    [
        (file, column)
        for file, columns in (("channels.csv", CHANNEL_COLUMNS), ("venues.csv", VENUE_COLUMNS), ("units.csv", UNIT_COLUMNS))
        for column in columns
    ],
)
def test_a_cell_may_be_blank_where_the_table_says_so(file: str, column: str, tmp_path: Path) -> None:
    """The column "blank" says no exactly where the reader refuses a blank cell."""
    columns = {"channels.csv": CHANNEL_COLUMNS, "venues.csv": VENUE_COLUMNS, "units.csv": UNIT_COLUMNS}[file]
    cells = ["" if name == column else cell for name, cell in zip(columns, FILLED[file].split(","), strict=True)]
    (tmp_path / file).write_text(f"{','.join(columns)}\n{','.join(cells)}\n", "utf-8")
    section = re.search(rf"^## {re.escape(file)}$(.*?)(?=^## |\Z)", _page("files.md"), re.MULTILINE | re.DOTALL)
    assert section is not None
    told = re.search(rf"^\| `{column}` \| ([^|]*) \|", section[1], re.MULTILINE)
    assert told is not None

    try:
        read_directory(
            channels=[tmp_path / file] if file == "channels.csv" else [],
            venues=[tmp_path / file] if file == "venues.csv" else [],
            units=tmp_path / file if file == "units.csv" else None,
            layers={},
            accounts=("posts",),
            kinds=("public_safety",),
            venue_accounts={},
        )
        refused = False
    except geoalert.GeoAlertError:
        refused = True

    assert refused is (told[1] == "no")


def test_every_setting_has_a_description() -> None:
    """Each field of each written file says what it is, in schema and page alike."""
    bare = []
    for kind in SCHEMAS:
        schema = json.loads((REFERENCE / "schemas" / f"{kind}.json").read_text("utf-8"))
        for name, model in {kind: schema, **schema.get("$defs", {})}.items():
            fields = model.get("properties", {})
            bare += [f"{name}.{field}" for field, about in fields.items() if "description" not in about]

    assert not bare


@pytest.mark.parametrize("model", [model for kind in SCHEMAS for model in (kind,)])
def test_every_schema_is_linked(model: str) -> None:
    """files.md links each published schema."""
    assert f"(schemas/{model}.json)" in _page("files.md")


def test_every_area_rule_is_in_the_reference() -> None:
    """The types that an unknown one is answered with are the ones described."""
    with pytest.raises(geoalert.GeoAlertError) as caught:
        area_from_rule({"type": "blob"}, layers={})

    names = re.findall(r"[a-z]+", (caught.value.do or "").removeprefix("Give one of"))
    assert len(names) > 5
    assert not [name for name in names if f"`{name}`" not in _page("files.md")]


def test_every_shipped_publisher_is_in_the_reference() -> None:
    """The entry points of this package are the ones that the contract's table and the options' table describe."""
    points = importlib.metadata.entry_points(group="geoalert.publishers")
    shipped = {point.name for point in points if point.value.startswith("geoalert.")}

    assert shipped == set(SHIPPED_PUBLISHERS)
    for name in shipped:
        assert f"| `{name}` |" in _page("publisher-contract.md")
        assert f"| `{name}` |" in _page("files.md")


def test_every_shipped_profile_is_in_the_reference() -> None:
    """files.md names the profiles that `profile = ...` may name."""
    assert not [name for name in shipped_profiles() if f"`{name}`" not in _page("files.md")]


def test_every_page_is_in_the_navigation() -> None:
    """mkdocs.yml lists each page once."""
    listed = re.findall(r"[\w/-]+\.md", yaml.safe_dump(yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]))
    there = sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))

    assert sorted(listed) == there


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_of_the_front_pages_lead_somewhere(name: str) -> None:
    """Pages outside docs/ are not checked by mkdocs; their relative links and pictures exist."""
    targets = re.findall(r"\]\(([^)#\s]+)", (ROOT / name).read_text("utf-8"))

    assert not [target for target in targets if "://" not in target and not (ROOT / target).exists()]


def test_tables_keep_bars_and_line_breaks_inside_their_cells() -> None:
    """A cell cannot break its row."""
    assert table(("a", "b"), [("x|y", "1\n2")]).splitlines()[-1] == "| x\\|y | 1 2 |"


def test_a_signature_shows_keywords_and_result() -> None:
    """Signatures are the code's, without annotations of arguments."""
    assert "match(area, layers, rule='overlap', as_of=None, *, tolerance_m=30.0) -> list[Match]" in signature("match")
