"""A plan's file from a stranger: nothing in it is expanded, and no path in it leads anywhere."""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoalert.errors import GeoAlertError, PlanChanged, PlanError
from geoalert.plan import pack, unpack
from geoalert.plan.digest import bytes_digest
from tests.plan.drafts import plan

EXAMPLES = 2000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 80
PACKED = pack(plan())
FILES = zipfile.ZipFile(io.BytesIO(PACKED)).namelist()
Edit = Callable[[zipfile.ZipFile], None]


def _appended(edit: Edit) -> bytes:
    out = io.BytesIO(PACKED)
    with zipfile.ZipFile(out, "a") as archive:
        edit(archive)
    return out.getvalue()


def _refusal(content: bytes) -> PlanError:
    """The error of a file, raised without taking memory for what it says it holds."""
    tracemalloc.start()
    try:
        with pytest.raises(PlanError) as caught:
            unpack(content, file="S1.plan")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20 * 2**20
    return caught.value


def _put(name: str, content: bytes = b"x", *, mode: int = 0o600, compress: int = zipfile.ZIP_STORED) -> Edit:
    def edit(archive: zipfile.ZipFile) -> None:
        entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        entry.external_attr = mode << 16
        archive.writestr(entry, content, compress_type=compress)

    return edit


@pytest.mark.parametrize(
    "name",
    [
        "../plan.json", "/etc/passwd", "media/../../x", "media\\..\\x", "C:\\x", "c:/x", "//host/share", "media/short",
        "restricted/../x.json", "extra.txt", "media/", "", "plan.json\0.txt", "PLAN.JSON", "\u202egnp.x", "media/" + "0" * 63 + "\uff10",
    ],
)  # fmt: skip
def test_a_name_that_no_plan_has_is_refused(name: str) -> None:
    """No path leads outside, and nothing rides along."""
    written = name.replace("\0", "_")
    content = _appended(_put(written)).replace(written.encode(), name.encode()) if written != name else _appended(_put(name))

    assert _refusal(content).code == "not_a_plan"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["plan.json", "index.html"])
def test_a_name_twice_is_refused(name: str) -> None:
    """Two readers would not read the same plan."""
    told = _refusal(_appended(_put(name)))

    assert (told.code, told.value) == ("not_a_plan", f"{name}: twice")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_device_is_refused(kind: int) -> None:
    """Only ordinary files are in a plan."""
    told = _refusal(_appended(_put("media/" + "0" * 64, b"/etc/passwd", mode=kind | 0o777)))

    assert told.code == "not_a_plan"
    assert "link" in str(told.value)


def _bomb(*sizes: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, size in enumerate(sizes):
            with archive.open(f"media/{number:064x}" if number else "plan.json", "w") as entry:
                for _ in range(size >> 20):
                    entry.write(bytes(2**20))
    return out.getvalue()


@pytest.mark.parametrize(
    ("sizes", "code"), [((300 * 2**20,), "plan_too_large"), ((90 * 2**20,) * 3, "plan_too_large"), ((40 * 2**20,), "not_a_plan")]
)
def test_a_bomb_is_refused_unopened(sizes: tuple[int, ...], code: str) -> None:
    """By the size of one, of all, or because anything is compressed at all, which no plan is."""
    assert _refusal(_bomb(*sizes)).code == code


def test_a_bomb_within_a_plan_is_never_opened() -> None:
    """A zip that stands where an image should is bytes of another digest."""
    inner = _bomb(64 * 2**20)

    with pytest.raises(PlanChanged):
        unpack(_appended(_put(f"media/{bytes_digest(inner)}", inner)), file="S1.plan")


def test_more_entries_than_a_plan_has_are_refused_uncounted() -> None:
    """The directory's own count is enough."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"media/{number:064x}", b"")

    assert _refusal(out.getvalue()).code == "plan_too_large"


def test_a_directory_of_huge_entries_is_refused() -> None:
    """Few entries with long comments are as heavy as many."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(60):
            entry = zipfile.ZipInfo(f"media/{number:064x}")
            entry.comment = bytes(65_000)
            archive.writestr(entry, b"")

    assert _refusal(out.getvalue()).code == "plan_too_large"


def test_files_that_lie_over_each_other_are_refused() -> None:
    """Each entry of the directory leads to the same bytes, so that a small file would unpack to a large one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("plan.json", bytes(2**20))
    content = out.getvalue()
    start = content.index(b"PK\x01\x02")
    entry, end = content[start:-22], content[-22:]
    many = b"".join(_renamed(entry, number) for number in range(200))
    fields = struct.unpack("<4s4H2LH", end)
    told = _refusal(content[:start] + many + struct.pack("<4s4H2LH", *fields[:3], 200, 200, len(many), start, 0))

    assert (told.code, told.value) == ("not_a_plan", "files that lie over each other")


def test_a_second_longer_directory_is_not_followed() -> None:
    """A locator of zip64 would lead a reader past the count that was checked, to a directory of 100,000 entries."""
    start = PACKED.index(b"PK\x01\x02")
    entry = PACKED[start : PACKED.index(b"PK\x01\x02", start + 4)]
    many = b"".join(_renamed(entry, number) for number in range(100_000))
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 100_000, 100_000, len(many), start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(many), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 100, start + len(many) + len(record) + len(locator) - 100, 0)

    assert _refusal(PACKED[:start] + many + record + locator + end).code == "not_a_plan"


def _renamed(entry: bytes, number: int) -> bytes:
    """One directory entry under another name; the local header's name is not looked at first."""
    name = f"media/{number:064x}".encode()
    return entry[:28] + struct.pack("<H", len(name)) + entry[30:46] + name


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-22] + b"PK\x06\x07" + bytes(16) + content[-22:],
        lambda content: content[:-18] + b"\x01" + content[-17:],
        lambda content: content[:-22],
        lambda content: b"",
        lambda content: b"PK\x05\x06" + bytes(18),
        lambda content: content[:-4] + b"\xff\xff" + content[-2:],
    ],
    ids=["zip64", "disk", "no end", "nothing", "empty zip", "offset"],
)
def test_a_directory_elsewhere_is_refused(change: Callable[[bytes], bytes]) -> None:
    """It is the last thing in the file, whole, and of one disk."""
    assert _refusal(change(PACKED)).code == "not_a_plan"


def test_an_encrypted_file_is_refused() -> None:
    """Nobody is asked for a password."""
    content = bytearray(PACKED)
    content[content.index(b"PK\x01\x02") + 8] |= 1

    told = _refusal(bytes(content))

    assert "encrypted" in str(told.value)


@pytest.mark.parametrize(
    "held", [b"[" * 200_000, b'{"a":' * 100_000, b"1" * 6000, b'{"a":1e999}', b'{"a":NaN}', b'"\xff"', b'{"format":1}']
)
def test_a_document_made_to_overload_a_reader_is_refused(held: bytes) -> None:
    """Depth, digits and values that JSON has no form for."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("plan.json", held)
        archive.writestr("index.html", b"")

    assert _refusal(out.getvalue()).code in ("plan_changed", "unknown_format", "not_a_plan")


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_a_damaged_file_is_one_clear_error(data: st.DataObject) -> None:
    """Cut or garbled bytes never raise anything but our errors, and never give another plan."""
    cut = data.draw(st.integers(0, len(PACKED)))
    garbage = data.draw(st.binary(max_size=40))
    damaged = PACKED[:cut] + garbage + PACKED[cut + len(garbage) :] if data.draw(st.booleans()) else PACKED[:cut]

    with suppress(GeoAlertError):
        assert unpack(damaged, file="S1.plan") == plan()


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda kids: st.lists(kids, max_size=3))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_a_rewritten_file_is_one_clear_error(name: str, data: st.DataObject) -> None:
    """A zip with sound checksums whose inside is any JSON or bytes at any place."""
    held = zipfile.ZipFile(io.BytesIO(PACKED))
    content = {each: held.read(each) for each in FILES}
    if name.endswith(".json") and data.draw(st.booleans()):
        document = json.loads(content[name])
        document[data.draw(st.sampled_from(sorted(document)))] = data.draw(_JSON)
        content[name] = json.dumps(document).encode("utf-8", "surrogatepass")
    else:
        content[name] = data.draw(st.binary(max_size=60))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each in sorted(content):
            archive.writestr(each, content[each])

    with suppress(GeoAlertError):
        unpack(out.getvalue(), file="S1.plan")
        pytest.fail("a rewritten plan was read")
