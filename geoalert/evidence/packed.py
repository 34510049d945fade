"""What an evidence file is made of: canonical JSON, digests, and a zip whose bytes are the same on every machine.

Needs Python alone: the program inside every evidence file is this module and `standalone` in one.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import struct
import zipfile
from decimal import Decimal
from typing import Any

FORMAT = 1
KIND = "geoalert evidence"
ZEROS = "0" * 64
MOST_BYTES = 1 << 30
MOST_FILES = 20_000

_NAME = re.compile(
    r"(?:manifest|keys|takedowns|record|posts)\.json|(?:chain|deliveries|attempts)\.jsonl|index\.html|verify\.py"
    r"|plans/r[0-9]{1,9}/(?:plan\.json|index\.html|media/[0-9a-f]{64}|approvals/[0-9]{1,4}\.json|notices/[0-9a-f]{64}\.json)"
)
_END = struct.Struct("<4s4H2LH")
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError)
_BAD_ZIP = (*UNREADABLE, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, struct.error)


def dumps(value: Any) -> str:
    """Returns RFC 8785 JSON text."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{dumps(value[name])}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    return _number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not a number of JSON")
    if value == 0:
        return "0"
    sign, found, exponent = Decimal(repr(value)).as_tuple()
    digits = "".join(map(str, found)).rstrip("0")
    point = len(found) + int(exponent)
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + (f".{digits[1:]}" if digits[1:] else "") + f"e{point - 1:+d}"
    return "-" * sign + text


def sha256(content: bytes | str) -> str:
    """Returns SHA-256 as hex."""
    return hashlib.sha256(content.encode("utf-8") if isinstance(content, str) else content).hexdigest()


def pack(files: dict[str, bytes]) -> bytes:
    """Returns the zip of an evidence file: the same members give the same bytes on every machine."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            archive.writestr(entry, files[name])
    return packed.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """Returns the members; what no evidence file has is refused from the zip's directory alone, before anything is expanded.

    Raises:
        ValueError: saying what is wrong.
    """
    mark, disk, first, here, count, size, start, comment = _END.unpack(content[-_END.size :]) if len(content) >= _END.size else (b"",) * 8
    far = content[-_END.size - 20 : -_END.size].startswith(b"PK\x06\x07")
    if mark != b"PK\x05\x06" or disk or first or comment or far or here != count or start + size + _END.size != len(content):
        raise ValueError("this is no evidence file, or its end is damaged or followed by something")
    if count > MOST_FILES or size > MOST_FILES * 256:
        raise ValueError(f"it holds more members than evidence may: {count}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, len(content))
            files = {entry.filename: archive.read(entry) for entry in entries}
    except _BAD_ZIP as err:
        raise ValueError(str(err) or "the zip is damaged") from err
    return files


def _check_entries(entries: list[zipfile.ZipInfo], length: int) -> None:
    seen: set[str] = set()
    for entry in entries:
        odd = {
            "no name that evidence has": entry.orig_filename != entry.filename or not _NAME.fullmatch(entry.filename),
            "there twice": entry.filename in seen,
            "compressed, which evidence never is": bool(entry.compress_type) or entry.compress_size != entry.file_size,
            "encrypted": bool(entry.flag_bits & 1),
            "a link, or no ordinary file": stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG),
        }
        for told in (told for told, is_odd in odd.items() if is_odd):
            raise ValueError(f"a member is {told}: {entry.orig_filename!a}")
        seen.add(entry.filename)
    if sum(entry.compress_size for entry in entries) > length or length > MOST_BYTES:
        raise ValueError("its members lie over each other, or it is larger than evidence may be")
