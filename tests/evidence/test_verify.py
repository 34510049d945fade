"""Tampering with an evidence file is found, and what was changed is named."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from geoalert.evidence.packed import dumps, pack, sha256, unpack
from geoalert.evidence.standalone import Verifier
from tests.evidence.tampering import changed, lines, problems, resealed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_the_programs_own_json_is_rfc_8785(value: object) -> None:
    """What Python alone writes is what the library writes."""
    assert dumps(value).encode() == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", [1e21, 1e-7, 123456789012345680000.0, 5e-324, 1.7976931348623157e308, -0.0, 0.000001, 1e20, 333333333.33333329]
)
def test_numbers_are_written_as_rfc_8785_asks(value: float) -> None:
    """Where a fraction turns into an exponent."""
    assert dumps(value).encode() == rfc8785.dumps(value)


def test_an_untouched_file_verifies(full: bytes) -> None:
    """Nothing is wrong, nothing is left unproved, and the one signature is among it."""
    found = Verifier(full)

    assert (found.problems, found.notes, found.signatures) == ([], [], 1)


def with_line(name: str, number: int, change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    """Changes one row of a member of lines."""

    def apply(files: dict[str, bytes]) -> None:
        held = files[name].decode().splitlines()
        row = json.loads(held[number])
        change(row)
        held[number] = dumps(row)
        files[name] = "".join(f"{line}\n" for line in held).encode()

    return apply


def test_one_byte_of_an_image_is_named(full: bytes) -> None:
    """The member whose bytes are others, and the plan's part."""
    name = next(name for name in unpack(full) if "/media/" in name)
    content = bytearray(unpack(full)[name])
    content[1000] ^= 1

    found = problems(changed(full, {name: bytes(content)}))

    assert found == {name: "member_changed", "plans/r1/plan.json": "plan_changed"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("actor", "somebody"), ("at", "2027-03-13T02:00:01.000000Z"), ("kind", "planned"), ("revision", 2), ("role", "operator"),
     ("body", "{}"), ("salt", "00"), ("body_digest", "0" * 64), ("entry_digest", "0" * 64), ("hash", "0" * 64), ("alert", "S9")],
)  # fmt: skip
def test_one_changed_entry_is_named_though_the_manifest_was_made_anew(full: bytes, field: str, value: object) -> None:
    """A field of the second entry: the chain says which entry it is."""
    found = problems(resealed(full, with_line("chain.jsonl", 1, lambda row: row.update({field: value}))))

    assert found["entry 2"] == "entry_changed"


def test_a_missing_entry_is_named(full: bytes) -> None:
    """The fourth of nine is taken out."""
    held = lines(full, "chain.jsonl")

    assert (
        problems(resealed(full, lambda files: files.update({"chain.jsonl": b"".join(held[:3] + held[4:])})))["entry 4"] == "entry_missing"
    )


def test_a_missing_end_is_named(full: bytes) -> None:
    """The last entry is taken off."""
    held = lines(full, "chain.jsonl")

    found = problems(resealed(full, lambda files: files.update({"chain.jsonl": b"".join(held[:-1])})))

    assert found[f"entry {len(held)}"] == "entry_missing"


def test_entries_in_another_order_are_named(full: bytes) -> None:
    """Two neighbours change places."""
    held = lines(full, "chain.jsonl")
    held[4], held[5] = held[5], held[4]

    assert "entry 5" in problems(resealed(full, lambda files: files.update({"chain.jsonl": b"".join(held)})))


def test_one_changed_row_is_named(full: bytes) -> None:
    """A delivery's state: the row's key and its line are told."""
    key = json.loads(lines(full, "deliveries.jsonl")[1])["key"]
    files = unpack(full)
    with_line("deliveries.jsonl", 1, lambda row: row.update(state="rejected"))(files)

    found = problems(pack(files))

    assert found["deliveries.jsonl"] == "member_changed"
    assert found[f"deliveries.jsonl, {key}"] == "row_missing"
    assert found["deliveries.jsonl, line 2"] == "row_changed"


def test_one_missing_row_is_named(full: bytes) -> None:
    """A try is left out; the record tells of it even where the manifest was made anew without it."""
    held = lines(full, "attempts.jsonl")
    row = json.loads(held[0])
    name = f"attempts.jsonl, {row['key']}#{row['number']}"

    plain = problems(changed(full, {"attempts.jsonl": b"".join(held[1:])}))
    told = json.loads(unpack(full)["manifest.json"])["rows"]["attempts.jsonl"][1:]

    def cut(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        manifest["rows"]["attempts.jsonl"] = told
        files |= {"attempts.jsonl": b"".join(held[1:]), "manifest.json": dumps(manifest).encode()}

    assert plain[name] == "row_missing"
    assert problems(resealed(full, cut))[name] == "row_missing"


@pytest.mark.parametrize(
    "change",
    [lambda row: row.update(error_code="rejected"), lambda row: row["receipt"].update(id="another"), lambda row: row.update(receipt=None)],
)
def test_a_changed_try_is_named_by_the_record(full: bytes, change: Callable[[dict[str, Any]], None]) -> None:
    """What the place answered stands in the chained record too."""
    found = problems(resealed(full, with_line("attempts.jsonl", 0, change)))

    assert [code for where, code in found.items() if where.startswith("attempts.jsonl, ")] == ["row_changed"]


def test_rows_in_another_order_are_named(full: bytes) -> None:
    """Deliveries stand as they were queued."""
    held = lines(full, "deliveries.jsonl")

    assert "row_order" in [problem.code for problem in Verifier(changed(full, {"deliveries.jsonl": b"".join(reversed(held))})).problems]


@pytest.mark.parametrize(
    ("name", "content", "code"), [("plans/r1/media/" + "0" * 64, b"x", "member_added"), ("index.html", None, "member_missing")]
)
def test_an_added_or_missing_member_is_named(full: bytes, name: str, content: bytes | None, code: str) -> None:
    """A member that was not written, and one that was."""
    assert problems(changed(full, {name: content}))[name] == code


@pytest.mark.parametrize(
    ("change", "part"),
    [(lambda plan: plan["posts"][0]["post"].update(text="Another text"), "posts/d14-page: "),
     (lambda plan: plan["selections"][0].update(reason="another"), "selections/"),
     (lambda plan: plan["layers"][0].update(digest="0" * 64), "layers: "),
     (lambda plan: plan["posts"].reverse(), "order: "),
     (lambda plan: plan.update(by="somebody"), "by: "),
     (lambda plan: plan.update(digest="0" * 64), "digest: ")],
)  # fmt: skip
def test_a_changed_part_of_the_plan_is_named(full: bytes, change: Callable[[dict[str, Any]], None], part: str) -> None:
    """The plan's own digests hold whatever the file's manifest says."""

    def apply(files: dict[str, bytes]) -> None:
        plan = json.loads(files["plans/r1/plan.json"])
        change(plan)
        files["plans/r1/plan.json"] = dumps(plan).encode()

    found = [problem for problem in Verifier(resealed(full, apply)).problems if problem.code == "plan_changed"]

    assert [problem for problem in found if problem.text.startswith(part)]


def test_a_broken_signature_is_named(full: bytes) -> None:
    """An approval whose record was chained anew with another reason is not what the key signed."""

    def apply(files: dict[str, bytes]) -> None:
        entries = [json.loads(line) for line in files["chain.jsonl"].splitlines()]
        body = json.loads(entries[1]["body"]) | {"reason": "another"}
        entries[1] |= {"body": dumps(body), "body_digest": sha256(bytes.fromhex(entries[1]["salt"]) + dumps(body).encode())}
        header = ("actor", "alert", "at", "body_digest", "kind", "revision", "role", "sender", "seq")
        entries[1]["entry_digest"] = sha256(dumps({name: entries[1][name] for name in header}))
        prev = entries[0]["hash"]
        for entry in entries[1:]:
            entry["hash"] = prev = sha256(prev + entry["entry_digest"])
        manifest = json.loads(files["manifest.json"])
        manifest["chain"]["head"] = prev
        files |= {"chain.jsonl": "".join(f"{dumps(entry)}\n" for entry in entries).encode(), "manifest.json": dumps(manifest).encode()}

    kept = json.loads(unpack(full)["manifest.json"])["chain"]["head"]
    found = problems(resealed(full, apply))

    assert found["entry 2"] == "signature_invalid"
    assert found["plans/r1/approvals/1.json"] == "approval_changed"
    assert problems(resealed(full, apply), head=kept)["chain.jsonl"] == "head_differs"


def test_a_key_put_in_its_place_is_named(full: bytes) -> None:
    """A key's fingerprint is of its bytes."""

    def apply(files: dict[str, bytes]) -> None:
        keys = json.loads(files["keys.json"])
        keys[0]["key"] = "A" * 43 + "="
        files["keys.json"] = dumps(keys).encode()

    assert problems(resealed(full, apply))["keys.json"] == "key_changed"


def zipped(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_STORED, mode: int = 0o600) -> bytes:
    """A zip of anything."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr, entry.compress_type = mode << 16, compression
            archive.writestr(entry, content)
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"no zip at all" * 9, zipped(), zipped(("../../etc/passwd", b"x")), zipped(("/etc/passwd", b"x")), zipped(("a\\b", b"x")),
     zipped(("index.html", b"0" * 10_000_000), compression=zipfile.ZIP_DEFLATED), zipped(("index.html", b"a"), ("index.html", b"b")),
     zipped(("index.html", b"/etc/passwd"), mode=0o120777), zipped(("plans/r1/media/../../x", b"x")), zipped(("index.html", b"x")) + b"x",
     zipped(*((f"plans/r{number}/plan.json", b"") for number in range(20_001)))],
    ids=["nothing", "start", "text", "empty", "up", "absolute", "backslash", "bomb", "twice", "link", "inside", "followed", "many"],
)  # fmt: skip
def test_what_no_evidence_file_is_is_refused_before_it_is_expanded(content: bytes) -> None:
    """Bombs, paths, links and doubles."""
    assert set(problems(content)) & {"the file", "manifest.json"}
    assert "the file" not in problems(content) or Verifier(content).files == {}


def test_every_flipped_byte_is_an_error_and_never_a_traceback(full: bytes) -> None:
    """One bit at a time, spread over the file and dense where its structure is."""
    head, tail = range(0, len(full), 1499), range(len(full) - 2500, len(full), 7)
    small = [full.index(name) + at for name in (b"chain.jsonl", b"manifest.json", b"keys.json") for at in range(-30, 300, 11)]

    for at in (*head, *tail, *small):
        damaged = bytearray(full)
        damaged[at] ^= 1 << (at % 8)
        assert Verifier(bytes(damaged)).problems, f"byte {at} was changed and nobody noticed"


def test_any_value_put_into_any_member_is_never_a_traceback(full: bytes) -> None:
    """Every digest of the manifest is made anew; what is chained or approved is named all the same."""
    files, chance = unpack(full), random.Random(4)
    odd: list[Any] = [None, [], {}, "", "x", 0, -1, 1.5, True, [None], {"a": 1}, "\ud800", 10**30]
    names = [name for name in files if name.endswith((".json", ".jsonl")) and name != "manifest.json"]

    for number in range(180):
        name = names[number % len(names)]
        held = files[name].decode().splitlines() if name.endswith("l") else [files[name].decode()]
        row = chance.randrange(len(held))
        held[row] = json.dumps(_with(json.loads(held[row]), chance, chance.choice(odd)))
        text = "\n".join(held) + ("\n" if name.endswith("l") else "")
        found = Verifier(resealed(full, partial(_put, name, text)))
        assert found.problems or name not in ("chain.jsonl", "plans/r1/plan.json", "plans/r1/approvals/1.json")


def _put(name: str, text: str, files: dict[str, bytes]) -> None:
    files[name] = text.encode()


def _with(value: Any, chance: random.Random, odd: Any) -> Any:
    """The value with one of its parts replaced."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(sorted(value))
        return value | {name: _with(value[name], chance, odd)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        number = chance.randrange(len(value))
        return [*value[:number], _with(value[number], chance, odd), *value[number + 1 :]]
    return odd if odd != value else "other"


def test_the_program_inside_verifies_with_python_alone(full: bytes, tmp_path: Path) -> None:
    """Run with no packages at all: it says that the signature was not proved, and names what is wrong."""
    (tmp_path / "verify.py").write_bytes(unpack(full)["verify.py"])
    (tmp_path / "good.zip").write_bytes(full)
    (tmp_path / "bad.zip").write_bytes(resealed(full, with_line("chain.jsonl", 1, lambda row: row.update(actor="somebody"))))
    run = [sys.executable, "-I", "-S", "verify.py"]

    good = subprocess.run([*run, "good.zip"], cwd=tmp_path, capture_output=True, text=True)
    bad = subprocess.run([*run, "bad.zip"], cwd=tmp_path, capture_output=True, text=True)
    none = subprocess.run([*run, "none.zip"], cwd=tmp_path, capture_output=True, text=True)

    assert (good.returncode, good.stderr) == (0, "")
    assert "good.zip verifies" in good.stdout
    assert "the signature of t.singh was not proved; install the package cryptography" in good.stdout
    assert (bad.returncode, none.returncode) == (1, 1)
    assert "WRONG  entry 2: " in bad.stdout
    assert "none.zip cannot be read" in none.stderr
