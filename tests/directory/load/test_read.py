"""CSV as spreadsheets write it, read exactly or refused with the place and what to do."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from geoalert.boundaries.model import Layer
from geoalert.directory.columns import CHANNEL_COLUMNS
from geoalert.directory.load import read_channels, read_directory, read_units, read_venues
from geoalert.errors import DirectoryError

Write = Callable[..., Path]


def refused(read: Callable[[], object]) -> DirectoryError:
    """The error that reading raises."""
    with pytest.raises(DirectoryError) as caught:
        read()
    return caught.value


def test_every_column_of_a_channel_arrives(write: Write) -> None:
    """Lists are parted, dates and pairs parsed, the rest kept as written."""
    path = write(
        "channels",
        {
            "speaks_for": "neighbourhood:164; neighbourhood:165",
            "kinds": "suspect_appeal",
            "languages": "en;fr",
            "steward": "A. Roy",
            "valid_to": "2027-12-31",
        },
    )

    (one,) = read_channels(path)

    assert one.speaks_for == (("neighbourhood", "164"), ("neighbourhood", "165"))
    assert (one.kinds, one.languages, one.steward) == (("suspect_appeal",), ("en", "fr"), "A. Roy")
    assert (one.consented, one.valid_from, one.valid_to) == (date(2026, 11, 2), None, date(2027, 12, 31))
    assert (one.account, one.address, one.scope, one.consent) == ("posts", "desk@bia.example", "restricted", "letter-0117")


def test_every_column_of_a_venue_arrives(write: Write) -> None:
    """Longitude and latitude go to their own fields, whatever the column order says."""
    path = write("venues", {"sms": "+1 416-555-0142", "languages": "en", "member_of": "pubwatch;night-watch", "closed_on": "2030-01-01"})

    (one,) = read_venues(path)

    assert (one.lon, one.lat) == (-79.39511, 43.64702)
    assert (one.category, one.opening_hours) == ("nightlife.nightclub", "Th-Sa 22:00-02:30")
    assert (one.email, one.sms, one.member_of) == ("door@club.example", "+1 416-555-0142", ("pubwatch", "night-watch"))
    assert (one.consented, one.closed_on) == (date(2026, 10, 2), date(2030, 1, 1))


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheets_write_reads_alike(write: Write, mark: str, encoding: str, end: str) -> None:
    """Byte order marks, old code pages, `;`, tabs and line ends change nothing."""
    path = write(
        "channels", {"name": "Café des Lumières", "speaks_for": "division:D14;division:D52"}, mark=mark, encoding=encoding, end=end
    )

    (one,) = read_channels(path)

    assert one.name == "Café des Lumières"
    assert one.speaks_for == (("division", "D14"), ("division", "D52"))


def test_gzip_blank_rows_sep_line_and_empty_cells_at_the_end_are_taken(write: Write) -> None:
    """What people's tools leave behind around the rows is not an error."""
    path = write("channels", {}, {"id": "second"}, mark=";")
    text = path.read_text().replace("\nsecond", "\n;;;\n\nsecond")
    path.write_bytes(gzip.compress(("sep=;\n" + text.replace("\n", ";;\n")).encode()))

    assert [one.id for one in read_channels(path)] == ["ed-bia", "second"]


@pytest.mark.parametrize(
    ("row", "code", "field", "part"),
    [
        ({"id": "4.16E+09"}, "excel_number", "id", "lost digits"),
        ({"id": "1-Mar"}, "excel_date", "id", "into a date"),
        ({"id": "Mar-01"}, "excel_date", "id", "into a date"),
        ({"id": "03/04/2026"}, "excel_date", "id", "into a date"),
        ({"address": "4,16E+09"}, "excel_number", "address", "lost digits"),
        ({"address": "4165550142.0"}, "excel_number", "address", "lost digits"),
        ({"consented": "11/02/2026"}, "ambiguous_date", "consented", "YYYY-MM-DD"),
        ({"consented": "02.11.26"}, "ambiguous_date", "consented", "YYYY-MM-DD"),
        ({"consented": "46054"}, "excel_date", "consented", "perhaps 2026-02-01"),
        ({"valid_to": "2-Nov-26"}, "excel_date", "valid_to", "YYYY-MM-DD"),
        ({"valid_to": "2026-02-30"}, "invalid_date", "valid_to", "YYYY-MM-DD"),
        ({"valid_to": "soon"}, "invalid_date", "valid_to", "YYYY-MM-DD"),
        ({"name": "#NAME?"}, "excel_error", "name", "spreadsheet"),
        ({"name": "#######"}, "excel_error", "name", "spreadsheet"),
        ({"name": '=HYPERLINK("x")'}, "excel_formula", "name", "values"),
        ({"speaks_for": "D52"}, "invalid_speaks_for", "speaks_for", "LAYER:ID"),
        ({"kinds": "suspect_apeal"}, "unknown_kind", "kinds", "suspect_appeal"),
        ({"scope": ""}, "unknown_scope", "scope", "public"),
        ({"id": ""}, "invalid_id", "id", "letters"),
    ],
)
def test_a_bad_cell_is_named_with_place_and_remedy(write: Write, row: dict[str, str], code: str, field: str, part: str) -> None:
    """File, row as the spreadsheet counts it, column, code and what to do."""
    path = write("channels", {"id": "good"}, row)

    err = refused(lambda: read_channels(path))

    assert (err.code, err.row, err.field, err.file) == (code, 3, field, str(path))
    assert part in str(err)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ({"lat": "-79.39511", "lon": "43.64702"}, "swapped_axes", "lat"),
        ({"lat": "0", "lon": "0"}, "null_island", "lat"),
        ({"lat": "436470.2"}, "out_of_range", "lat"),
        ({"lat": "", "lon": ""}, "missing_position", "lon"),
        ({"lat": "43,64702"}, "decimal_comma", "lat"),
        ({"lon": "79 W"}, "not_a_number", "lon"),
        ({"lon": "nan"}, "not_finite", "lon"),
        ({"lon": "-279.4"}, "out_of_range", "lon"),
        ({"lon": "-85.4887", "lat": "0.0"}, "unknown_marker", "lat"),
        ({"sms": "4.16E+09"}, "excel_number", "sms"),
        ({"opening_hours": "9-5"}, "invalid_hours", "opening_hours"),
    ],
)
def test_a_bad_venue_cell_is_named(write: Write, row: dict[str, str], code: str, field: str) -> None:
    """A position that cannot be right is refused in its row."""
    err = refused(lambda: read_venues(write("venues", row)))

    assert (err.code, err.row, err.field) == (code, 2, field)


def test_swapped_axes_are_seen_from_the_layers_where_both_look_possible(write: Write) -> None:
    """Near the equator only the project's own layers tell lat from lon."""
    from shapely import box

    layer = Layer(name="ward", ids=["1"], geometries=[box(36.6, -1.5, 37.1, -1.1)])
    path = write("venues", {"lat": "36.82", "lon": "-1.29"})

    assert len(read_venues(path)) == 1
    assert refused(lambda: read_venues(path, layers=[layer])).code == "swapped_axes"


def test_a_lost_sign_is_seen_from_the_layers(write: Write, layers: dict[str, Layer]) -> None:
    """A longitude typed without its minus is a place in Asia, and refused by row and column."""
    path = write("venues", {"lon": "79.39511"})

    err = refused(lambda: read_venues(path, layers=layers))

    assert len(read_venues(path)) == 1
    assert (err.code, err.row, err.field) == ("sign_lost", 2, "lon")


def test_all_rows_on_one_point_are_refused(write: Write) -> None:
    """A file whose every place is the same place lost its positions."""
    err = refused(lambda: read_venues(write("venues", *({"id": f"v-{n}"} for n in range(3)))))

    assert err.code == "same_point"
    assert err.row is None


def test_the_first_error_says_which_other_rows_fail(write: Write) -> None:
    """One reading shows how much is left to mend."""
    rows = [{"id": f"c-{n}", "scope": "x" if n in (1, 3, 4) else "public"} for n in range(5)]

    err = refused(lambda: read_channels(write("channels", *rows)))

    assert (err.row, err.code) == (3, "unknown_scope")
    assert "2 more rows fail, 5, 6" in str(err)


def test_a_repeated_id_names_both_rows(write: Write) -> None:
    """The second row is the error; the first is named in it."""
    err = refused(lambda: read_channels(write("channels", {}, {"id": "other"}, {})))

    assert (err.code, err.row, err.value) == ("duplicate_id", 4, "ed-bia")
    assert "row 2" in err.what


@pytest.mark.parametrize(
    ("change", "code", "part"),
    [
        (lambda text: text.replace("steward", "Stewart"), "unknown_column", "Did you mean steward?"),
        (lambda text: text.replace("languages", "Languages"), "unknown_column", "Did you mean languages?"),
        (lambda text: text.replace(",steward", "", 1), "missing_column", "steward"),
        (lambda text: text.replace("steward", "kinds", 1), "duplicate_column", "kinds"),
        (lambda text: text.replace("Example Merchants", "Example, Merchants"), "cell_count", "14 cells where the header has 13"),
        (lambda text: text.replace(",posts", ""), "cell_count", "12 cells"),
        (lambda text: text.replace("Example Merchants", '"Example'), "unreadable_file", "quotation mark"),
        (lambda text: "", "empty_file", "header"),
        (lambda text: "PK\x03\x04rest", "unreadable_file", "workbook"),
        (lambda text: "id,\x00name", "unreadable_file", "not a text file"),
    ],
)
def test_a_broken_table_is_refused(write: Write, change: Callable[[str], str], code: str, part: str) -> None:
    """Headers are exact, cells are counted, other files are recognised."""
    path = write("channels")
    path.write_text(change(path.read_text()), encoding="utf-8")

    err = refused(lambda: read_channels(path))

    assert err.code == code
    assert part in str(err)


def test_bytes_of_no_known_encoding_are_refused_with_their_row(write: Write) -> None:
    """A byte that neither UTF-8 nor Windows-1252 knows is a damaged file."""
    path = write("channels")
    path.write_bytes(path.read_bytes().replace(b"Merchants", b"Merch\x81nts"))

    err = refused(lambda: read_channels(path))

    assert (err.code, err.row) == ("unknown_encoding", 2)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """Both name the path."""
    assert refused(lambda: read_channels(tmp_path / "none.csv")).code == "file_not_found"
    assert refused(lambda: read_venues(tmp_path)).code == "unreadable_file"


def test_ids_are_kept_as_the_layer_writes_them(write: Write, layers: dict[str, Layer]) -> None:
    """97 for "097" is a spreadsheet's habit that the layer's rule forgives."""
    path = write("channels", {"speaks_for": "neighbourhood:78;division:52 Division;division:*;*"})

    (one,) = read_channels(path, layers=layers)

    assert one.speaks_for == (("neighbourhood", "078"), ("division", "D52"), ("division", "*"), ("*", "*"))


@pytest.mark.parametrize(
    ("row", "code", "part"),
    [
        ({"speaks_for": "division:D99"}, "unknown_boundary", "D"),
        ({"speaks_for": "divison:D52"}, "unknown_layer", "Did you mean division"),
        ({"account": "post"}, "unknown_account", "Did you mean posts"),
    ],
)
def test_unknown_boundaries_layers_and_accounts_are_refused_with_the_nearest(
    write: Write, layers: dict[str, Layer], row: dict[str, str], code: str, part: str
) -> None:
    """Where the project is known, the file is checked against it."""
    path = write("channels", row)

    assert read_channels(path)
    err = refused(lambda: read_channels(path, layers=layers.values(), accounts=("posts", "screen")))

    assert (err.code, err.row) == (code, 2)
    assert part in str(err)


def test_units_change_their_contact_but_never_have_two_on_one_day(tmp_path: Path) -> None:
    """Rows of one unit follow each other in time."""
    path = tmp_path / "units.csv"
    path.write_text("unit,phone,email,valid_from,valid_to\nhold-up,416-555-0170,,,2026-12-31\nhold-up,416-555-0171,,2027-01-01,\n")

    assert [unit.phone for unit in read_units(path)] == ["416-555-0170", "416-555-0171"]

    path.write_text(path.read_text().replace("2026-12-31", "2027-01-01"))
    err = refused(lambda: read_units(path))
    assert (err.code, err.row) == ("overlapping_validity", 3)
    assert "row 2" in err.what


def test_a_directory_of_several_files_has_each_id_once(write: Write, tmp_path: Path) -> None:
    """Files are read together; the same id in two of them is refused."""
    first = write("channels")
    second = tmp_path / "more.csv"
    second.write_text(first.read_text().replace("ed-bia", "other"))

    found = read_directory(channels=[first, second], venues=[write("venues")], venue_accounts={"email": "posts"})

    assert [one.id for one in found.channels] == ["ed-bia", "other"]
    assert found.venue_accounts == {"email": "posts"}
    second.write_text(first.read_text())
    err = refused(lambda: read_directory(channels=[first, second]))
    assert (err.code, err.file, err.value) == ("duplicate_id", str(second), "ed-bia")
    assert str(first) in err.what


def test_the_header_is_that_of_the_documented_format(write: Write) -> None:
    """The columns are the public format, in its order."""
    assert write("channels").read_text().splitlines()[0] == ",".join(CHANNEL_COLUMNS)
    assert (
        ",".join(CHANNEL_COLUMNS)
        == "id,name,account,address,scope,speaks_for,kinds,languages,steward,consent,consented,valid_from,valid_to"
    )
