"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from geoalert.errors import GeoAlertError

_CODES = {
    errno.ENOSPC: ("disk_full", "Free some space"),
    errno.EDQUOT: ("disk_full", "Free some space"),
    errno.EROFS: ("disk_read_only", "Choose a folder that can be written"),
    errno.EACCES: ("file_unwritable", "Choose a folder that can be written"),
    errno.EPERM: ("file_unwritable", "Choose a folder that can be written"),
}


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Writes a file beside its place, syncs it, and renames it into place.

    Raises:
        GeoAlertError: disk_full, disk_read_only or file_unwritable; nothing is left half written.
    """
    scratch: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).chmod(mode)
        Path(scratch).replace(path)
    except OSError as err:
        if scratch is not None:
            Path(scratch).unlink(missing_ok=True)
        raise unwritable(path, err) from err


def sync_folder(path: Path) -> None:
    """Syncs a folder, so that a file renamed into it is there after a power cut.

    Raises:
        GeoAlertError: as `write_whole`.
    """
    try:
        opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as err:
        raise unwritable(path, err) from err


def private_folder(path: Path) -> None:
    """Makes a folder, and those above it that are missing, with mode 0700 whatever the umask.

    Raises:
        GeoAlertError: as `write_whole`.
    """
    try:
        for folder in reversed((path, *path.parents)):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as err:
        raise unwritable(path, err) from err


def unwritable(path: Path, err: OSError) -> GeoAlertError:
    """Returns the one error for a file that cannot be written."""
    code, do = _CODES.get(err.errno or 0, ("file_unwritable", "Check the path"))
    return GeoAlertError(f"a file cannot be written: {err.strerror or err}", code=code, file=path, do=do)
