"""Changes an evidence file as somebody would who knows its format."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from geoalert.evidence.packed import dumps, pack, sha256, unpack
from geoalert.evidence.standalone import Verifier


def changed(content: bytes, members: dict[str, bytes | None]) -> bytes:
    """The file with members replaced, added or, for None, left out."""
    files = unpack(content)
    return pack({name: held for name, held in (files | members).items() if held is not None})


def resealed(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The file with members changed and every digest of the manifest made anew."""
    files = unpack(content)
    change(files)
    told: dict[str, Any] = json.loads(files.pop("manifest.json"))
    told["members"] = {name: sha256(held) for name, held in files.items()}
    for name, rows in told["rows"].items():
        lines = files[name].decode().splitlines()
        told["rows"][name] = [[key, sha256(line)] for (key, _), line in zip(rows, lines, strict=False)]
    del told["digest"]
    files["manifest.json"] = dumps(told | {"digest": sha256(dumps(told))}).encode()
    return pack(files)


def lines(content: bytes, name: str) -> list[bytes]:
    """A member's lines."""
    return unpack(content)[name].splitlines(keepends=True)


def problems(content: bytes, **options: Any) -> dict[str, str]:
    """What is wrong: code by where."""
    return {problem.where: problem.code for problem in Verifier(content, **options).problems}
