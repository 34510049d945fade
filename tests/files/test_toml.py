"""Every way a file can be no document: one error with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoalert.errors import AlertError
from geoalert.files.model import FileModel, Formatted
from geoalert.files.positions import line_of
from geoalert.files.toml import LIMIT_BYTES, read_document, validate


class Inner(FileModel):
    """A table within."""

    radius_m: float
    kind: str = "circle"


class Sample(Formatted):
    """A small file."""

    name: str
    rows: list[Inner] = []
    choice: Inner | str | None = None


def written(tmp_path: Path, text: str | bytes, name: str = "sample.toml") -> Path:
    """Writes a file and returns its path."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ('name = "x"', "missing_format", None),
        ('name = "x"\nformat = 2', "unknown_format", 2),
        ("format = true", "unknown_format", 1),
        ('format = "1"', "unknown_format", 1),
        ("format = 1\nname = ", "invalid_toml", 2),
        ("format = 1\nname = 3 4\n", "invalid_toml", 2),
        ("format = 1\nname = " + "[" * 100_000, "invalid_toml", None),
        (b"format = 1\nname = '\xff'", "not_utf8", None),
        ('format = 1\n\nname = "x\\u202Ey"', "control_characters", 3),
        ('format = 1\nname = "x"\n[choice]\n"a\u200e" = 1', "control_characters", 4),
        (b"#" * (LIMIT_BYTES + 1), "file_too_large", None),
    ],
)
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, text: str | bytes, code: str, row: int | None) -> None:
    """Broken TOML, encoding, size and format each have a code, the file and, where there is one, the line."""
    path = written(tmp_path, text)

    with pytest.raises(AlertError) as refused:
        read_document(path, refusal=AlertError, what="sample")

    assert (refused.value.code, refused.value.row, refused.value.file) == (code, row, str(path))


@pytest.mark.parametrize("text", ["[1]", '{"format": 1, "format": 1}', "{", "[" * 100_000])
def test_json_that_is_no_document_is_refused(tmp_path: Path, text: str) -> None:
    """A list, a name given twice, a cut-off text and one too deep are one code."""
    with pytest.raises(AlertError) as refused:
        read_document(written(tmp_path, text, "a.json"), refusal=AlertError, what="sample")

    assert refused.value.code == "invalid_json"


@pytest.mark.parametrize(("name", "code"), [("absent.toml", "file_not_found"), (".", "not_a_file")])
def test_a_path_that_is_no_file_is_refused(tmp_path: Path, name: str, code: str) -> None:
    """An absent file and a folder are told apart."""
    with pytest.raises(AlertError) as refused:
        read_document(tmp_path / name, refusal=AlertError, what="sample")

    assert refused.value.code == code


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    """Windows editors write one."""
    path = written(tmp_path, b"\xef\xbb\xbfformat = 1\nname = 'x'\r\n")

    assert validate(read_document(path, refusal=AlertError, what="sample"), Sample, refusal=AlertError).name == "x"


@pytest.mark.parametrize(
    ("body", "code", "row", "field", "said"),
    [
        ("nmae = 'x'", "unknown_field", 2, "nmae", "Did you mean name"),
        ("name = 'x'\nzzzz = 1", "unknown_field", 3, "zzzz", "Known here"),
        ("rows = []", "missing_field", None, "name", "Add name"),
        ("name = 3", "wrong_type", 2, "name", "must be text"),
        ("name = 'x'\n[[rows]]\nradius_m = 1\n[[rows]]\nradius_m = 'far'", "wrong_type", 6, "rows.2.radius_m", "number"),
        ("name = 'x'\n[[rows]]\nradius_m = nan", "invalid_value", 4, "rows.1.radius_m", "finite"),
        ("name = 'x'\n[[rows]]\nradius_m = 1\nknid = 'y'", "unknown_field", 5, "rows.1.knid", "Did you mean kind"),
        ("name = 'x'\nchoice = {radius_m = 1, kid = 'y'}", "unknown_field", 3, "choice.kid", "kind"),
        ("name = 'x'\nrows = {}", "wrong_type", 3, "rows", "list"),
    ],
)
def test_a_field_that_does_not_fit_is_named(tmp_path: Path, body: str, code: str, row: int | None, field: str, said: str) -> None:
    """File, line, dotted field counted from 1, value and what to do."""
    document = read_document(written(tmp_path, f"format = 1\n{body}"), refusal=AlertError, what="sample")

    with pytest.raises(AlertError) as refused:
        validate(document, Sample, refusal=AlertError)

    assert (refused.value.code, refused.value.row, refused.value.field) == (code, row, field)
    assert said in str(refused.value)


def test_a_hidden_value_is_in_no_part_of_the_error(tmp_path: Path) -> None:
    """Neither our words nor the schema library's cause shows what was written."""
    document = read_document(written(tmp_path, "format = 1\nname = 271828"), refusal=AlertError, what="sample")

    with pytest.raises(AlertError) as refused:
        validate(document, Sample, refusal=AlertError, hide=("name",))

    assert "271828" not in f"{refused.value} {refused.value.__cause__} {refused.value.to_dict()}"


@pytest.mark.parametrize(
    ("path", "row"),
    [
        (["a"], 2),
        (["text", "en", "place"], 4),
        (["text", "en", "absent"], 3),
        (["people", 1, "age"], 8),
        (["people", 0], 5),
        (["media", 0, "alt", "en"], 10),
        (["nowhere"], None),
    ],
)
def test_a_line_is_found_by_path(path: list[str | int], row: int | None) -> None:
    """Tables, arrays of tables and dotted keys; what is absent falls back to the table around it."""
    text = "# note\na = 1\n[text.en]\nplace = 'x'\n[[people]]\nage = '1'\n[[people]]\nage = '2'\n[[media]]\nalt.en = 'x'\n"

    assert line_of(text, path) == row


def test_a_line_of_json_is_found_by_path() -> None:
    """Names are looked for in order."""
    assert line_of('{\n "a": 1,\n "text": {\n  "en": 2}}', ["text", "en"]) == 4


def test_a_hidden_character_is_named_with_its_field(tmp_path: Path) -> None:
    """Deep in a list, by code point and name, without the text around it."""
    path = written(tmp_path, 'format = 1\nname = "x"\n[[rows]]\nkind = "a"\n[[rows]]\nkind = "b\\u2066c"\n')

    with pytest.raises(AlertError) as refused:
        read_document(path, refusal=AlertError, what="sample")

    assert (refused.value.field, refused.value.row, refused.value.value) == ("rows.2.kind", 6, "U+2066 LEFT-TO-RIGHT ISOLATE")
