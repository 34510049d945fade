"""A plan as one zip: plan.json, index.html, media/DIGEST, restricted/NAME.json; once purged, purged.json for page and images.

The same plan always packs to the same bytes (stored, not deflated, for deflate differs between libraries), so that any
other byte in a file is a change.
"""

from __future__ import annotations

import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from geoalert.errors import PlanChanged, PlanError
from geoalert.plan.digest import canonical
from geoalert.plan.model import PARTS, Plan

FORMAT = 1
MOST_BYTES = 256 * 2**20
MOST_FILES = 10_000

_ALLOWED = re.compile(r"plan\.json|index\.html|purged\.json|media/[0-9a-f]{64}|restricted/[a-z_]+\.json")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, struct.error)
_END = struct.Struct("<4s4H2LH")
_FAR_BYTES = 20
_ENTRY_BYTES = 256
_KEYS = {"format", "digest", "manifest", *PARTS}


def pack(plan: Plan) -> bytes:
    """Returns the plan's zip, byte for byte the same for the same plan."""
    files = {"plan.json": canonical(dict(plan.document))}
    files |= {"purged.json": canonical({"parts": list(plan.purged)})} if plan.purged else {"index.html": plan.page}
    files |= {f"media/{digest}": content for digest, content in plan.media.items()}
    files |= {f"restricted/{name}.json": canonical(dict(held)) for name, held in plan.restricted.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o600 << 16
            entry.compress_type = zipfile.ZIP_STORED
            archive.writestr(entry, files[name])
    return packed.getvalue()


def unpack(content: bytes, *, file: str) -> Plan:
    """Reads a plan's zip and proves its digests on the stored bytes.

    Args:
        content: the zip.
        file: its name, for errors.

    Raises:
        PlanError: it is no plan, or of a later format.
        PlanChanged: something in it is not what its digest was made of.
    """
    files = _files(content, file)
    document = _document(files.pop("plan.json"), file)
    page = files.pop("index.html", b"")
    purged = _purged(files.pop("purged.json"), file) if "purged.json" in files else ()
    media = {name.removeprefix("media/"): held for name, held in files.items() if name.startswith("media/")}
    restricted = {
        name.removeprefix("restricted/").removesuffix(".json"): _json(held, file)
        for name, held in files.items()
        if name.startswith("restricted/")
    }
    plan = Plan(document=document, media=media, page=page, restricted=restricted, purged=purged)
    try:
        plan.verify(whole=False)
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise PlanChanged("the plan's parts are not those of a plan", file=file, do="Make the plan again") from err
    for name in media:
        if plan.document["manifest"].get(f"media/{name}") != name:
            raise PlanChanged("an image is not what its name says", file=file, value=name, do="Make the plan again")
    if pack(plan) != content:
        raise PlanChanged("the file has bytes that no plan has", file=file, do="Make the plan again")
    return plan


def _files(content: bytes, file: str) -> dict[str, bytes]:
    """Returns the zip's files; what no plan has is refused from the directory alone, before anything is read or expanded."""
    _check_end(content, file)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, len(content), file)
            files = {entry.filename: archive.read(entry) for entry in entries}
    except _UNREADABLE as err:
        raise PlanError(
            "this is no plan, or it is damaged", code="not_a_plan", file=file, do="Give a file that `geoalert plan` wrote"
        ) from err
    missing = {"plan.json"} - files.keys() if "purged.json" in files else {"plan.json", "index.html"} - files.keys()
    if missing:
        raise PlanError("this is no plan", code="not_a_plan", file=file, value=f"without {', '.join(sorted(missing))}")
    return files


def _check_end(content: bytes, file: str) -> None:
    """Refuses a directory that is too long to look at, or that lies elsewhere than at the very end (APPNOTE 4.3.14 to 4.3.16)."""
    found = _END.unpack(content[-_END.size :]) if len(content) >= _END.size else (b"",) * 8
    mark, disk, first_disk, here, count, size, start, comment = found
    whole = disk == first_disk == comment == 0 and here == count and start + size + _END.size == len(content)
    far = content[-_END.size - _FAR_BYTES : -_END.size].startswith(b"PK\x06\x07")
    if mark != b"PK\x05\x06" or not whole or far:
        raise PlanError("this is no plan, or it is damaged", code="not_a_plan", file=file, do="Give a file that `geoalert plan` wrote")
    if count > MOST_FILES or size > MOST_FILES * _ENTRY_BYTES:
        raise PlanError("the file holds more files than a plan may", code="plan_too_large", file=file, value=count)


def _check_entries(entries: list[zipfile.ZipInfo], length: int, file: str) -> None:
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise PlanError("the file unpacks to more than a plan may hold", code="plan_too_large", file=file)
    seen: set[str] = set()
    for entry in entries:
        odd = next((told for told, is_odd in _oddities(entry, seen) if is_odd), None)
        if odd is not None:
            name = ascii(entry.orig_filename)[1:-1]
            raise PlanError("the file holds what no plan has", code="not_a_plan", file=file, value=f"{name}: {odd}")
        seen.add(entry.filename)
    if sum(entry.compress_size for entry in entries) > length:
        raise PlanError("the file holds what no plan has", code="not_a_plan", file=file, value="files that lie over each other")


def _oddities(entry: zipfile.ZipInfo, seen: set[str]) -> Iterator[tuple[str, bool]]:
    """Yields what can be wrong with an entry, and whether it is; a plan's files are stored as they are, so nothing ever grows."""
    yield "no name that a plan has", entry.orig_filename != entry.filename or not _ALLOWED.fullmatch(entry.filename)
    yield "twice", entry.filename in seen
    yield "compressed", entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size
    yield "encrypted", bool(entry.flag_bits & 1)
    yield "a link, or no ordinary file", stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG)


def _document(content: bytes, file: str) -> dict[str, Any]:
    document = _json(content, file)
    if document.get("format") != FORMAT:
        raise PlanError("the plan has a format this program does not know", code="unknown_format", file=file, value=document.get("format"))
    odd = sorted(document.keys() ^ _KEYS)
    if odd or canonical(document) != content:
        raise PlanChanged("plan.json was changed after it was made", file=file, field=odd[0] if odd else None, do="Make the plan again")
    return document


def _purged(content: bytes, file: str) -> tuple[str, ...]:
    """Returns the parts that a plan says it has no more: its page, and images only."""
    told = _json(content, file).get("parts")
    if not isinstance(told, list) or "page" not in told or not all(str(part) == "page" or str(part).startswith("media/") for part in told):
        raise PlanChanged("the file does not say what was purged", file=file, field="purged.json", do="Restore it from a backup")
    return tuple(map(str, told))


def _json(content: bytes, file: str) -> dict[str, Any]:
    try:
        read = json.loads(content)
        canonical(read)
    except (ValueError, RecursionError) as err:
        raise PlanChanged("a file in the plan is not JSON", file=file, do="Make the plan again") from err
    if not isinstance(read, dict):
        raise PlanChanged("a file in the plan is not an object", file=file, do="Make the plan again")
    return read
