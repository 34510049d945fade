"""A plan as one zip: plan.json, index.html, media/DIGEST, restricted/NAME.json.

The same plan always packs to the same bytes (stored, not deflated, for deflate differs between libraries), so that any
other byte in a file is a change.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from typing import Any

from geoalert.errors import PlanChanged, PlanError
from geoalert.plan.digest import canonical
from geoalert.plan.model import PARTS, Plan

FORMAT = 1
MOST_BYTES = 256 * 2**20
MOST_FILES = 10_000

_ALLOWED = re.compile(r"plan\.json|index\.html|media/[0-9a-f]{64}|restricted/[a-z_]+\.json")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, struct.error)
_KEYS = {"format", "digest", "manifest", *PARTS}


def pack(plan: Plan) -> bytes:
    """Returns the plan's zip, byte for byte the same for the same plan."""
    files = {"plan.json": canonical(dict(plan.document)), "index.html": plan.page}
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
    page = files.pop("index.html")
    media = {name.removeprefix("media/"): held for name, held in files.items() if name.startswith("media/")}
    restricted = {
        name.removeprefix("restricted/").removesuffix(".json"): _json(held, file)
        for name, held in files.items()
        if name.startswith("restricted/")
    }
    plan = Plan(document=document, media=media, page=page, restricted=restricted)
    try:
        plan.verify()
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise PlanChanged("the plan's parts are not those of a plan", file=file, do="Make the plan again") from err
    for name in media:
        if plan.document["manifest"].get(f"media/{name}") != name:
            raise PlanChanged("an image is not what its name says", file=file, value=name, do="Make the plan again")
    if pack(plan) != content:
        raise PlanChanged("the file has bytes that no plan has", file=file, do="Make the plan again")
    return plan


def _files(content: bytes, file: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if sum(entry.file_size for entry in entries) > MOST_BYTES or len(entries) > MOST_FILES:
                raise PlanError("the file unpacks to more than a plan may hold", code="plan_too_large", file=file)
            odd = next((name for name in names if not _ALLOWED.fullmatch(name)), None)
            if odd is not None or len(set(names)) != len(names):
                raise PlanError("the file holds what no plan has", code="not_a_plan", file=file, value=odd or "a name twice")
            files = {name: archive.read(name) for name in names}
    except _UNREADABLE as err:
        raise PlanError(
            "this is no plan, or it is damaged", code="not_a_plan", file=file, do="Give a file that `geoalert plan` wrote"
        ) from err
    missing = {"plan.json", "index.html"} - files.keys()
    if missing:
        raise PlanError("this is no plan", code="not_a_plan", file=file, value=f"without {', '.join(sorted(missing))}")
    return files


def _document(content: bytes, file: str) -> dict[str, Any]:
    document = _json(content, file)
    if document.get("format") != FORMAT:
        raise PlanError("the plan has a format this program does not know", code="unknown_format", file=file, value=document.get("format"))
    odd = sorted(document.keys() ^ _KEYS)
    if odd or canonical(document) != content:
        raise PlanChanged("plan.json was changed after it was made", file=file, field=odd[0] if odd else None, do="Make the plan again")
    return document


def _json(content: bytes, file: str) -> dict[str, Any]:
    try:
        read = json.loads(content)
        canonical(read)
    except (ValueError, RecursionError) as err:
        raise PlanChanged("a file in the plan is not JSON", file=file, do="Make the plan again") from err
    if not isinstance(read, dict):
        raise PlanChanged("a file in the plan is not an object", file=file, do="Make the plan again")
    return read
