"""Read a file that another file names, and never one outside its folder."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from geoalert.errors import AlertError

MOST_ENTRIES = 10_000


def path_beside(folder: Path, name: str, *, field: str) -> Path:
    """Returns the path of `name` in `folder` or below, links followed.

    The parts of a shapefile go with it, and a folder with all that is in it: a link among them that leads out is refused too.

    Raises:
        AlertError: `path_outside` for anything that leaves the folder: absolute paths, `..`, drives, back slashes, links out, null bytes;
            `not_a_file` for a pipe, socket or device; `too_many_files` for a folder that is too full to look through.
    """
    path = _within(folder, name, field)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise AlertError("not an ordinary file", code="not_a_file", field=field, value=name, do="Name an ordinary file")
    return path


def _within(folder: Path, name: str, field: str) -> Path:
    root = folder.resolve()
    windows = PureWindowsPath(name)
    if not name or "\0" in name or "\\" in name or Path(name).is_absolute() or windows.drive or ".." in Path(name).parts:
        raise _outside(name, field)
    try:
        path = (root / name).resolve()
    except (OSError, RuntimeError) as err:
        raise _outside(name, field) from err
    if not path.is_relative_to(root) or any(not _resolved(part).is_relative_to(root) for part in _parts(path, name, field)):
        raise _outside(name, field)
    return path


def _parts(path: Path, name: str, field: str) -> Iterator[Path]:
    """Yields what is read along with a path: every entry of a folder, or the links that share a file's stem."""
    if path.is_dir():
        for number, entry in enumerate(path.rglob("*")):
            if number >= MOST_ENTRIES:
                raise AlertError("the folder is too full to look through", code="too_many_files", field=field, value=name, do="Name a file")
            yield entry
    elif path.suffix and path.parent.is_dir():
        stem = path.name.partition(".")[0].lower()
        yield from (each for each in path.parent.iterdir() if each.is_symlink() and each.name.lower().startswith(f"{stem}."))


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return Path(path.anchor)


def read_beside(folder: Path, name: str, *, field: str, limit_bytes: int) -> bytes:
    """Returns the bytes of an ordinary file in `folder` or below.

    Raises:
        AlertError: `path_outside`, `media_not_found`, `media_unreadable`, `media_too_large`, `media_empty`.
    """
    path = _within(folder, name, field)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise AlertError("not an ordinary file", code="media_unreadable", field=field, value=name)
        with path.open("rb") as opened:
            content = opened.read(limit_bytes + 1)
    except FileNotFoundError as err:
        raise AlertError("no such file beside the alert", code="media_not_found", field=field, value=name, do="Check the name") from err
    except OSError as err:
        raise AlertError("the file cannot be read", code="media_unreadable", field=field, value=name, do="Check its permissions") from err
    if len(content) > limit_bytes:
        raise AlertError(
            f"the file is larger than {limit_bytes:,} bytes", code="media_too_large", field=field, value=name, do="Make it smaller"
        )
    if not content:
        raise AlertError("the file is empty", code="media_empty", field=field, value=name)
    return content


def _outside(name: str, field: str) -> AlertError:
    return AlertError(
        "a file may name only files in its own folder",
        code="path_outside",
        field=field,
        value=ascii(name)[1:-1],
        do="Copy the file beside the alert and give its name alone",
    )
