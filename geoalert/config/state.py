"""The project's state folder: private, writable, on a local disk.

SQLite's locks and write-ahead log need shared memory and honest syncs; network filesystems give neither, and a post could be sent twice.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from geoalert.errors import ConfigurationError

_MOUNTS = Path("/proc/self/mountinfo")
# fmt: off
NETWORK_TYPES = frozenset((
    "nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "fuse.ceph", "glusterfs",
    "fuse.glusterfs", "lustre", "beegfs", "gpfs", "orangefs", "pvfs2", "ocfs2", "gfs2", "9p", "davfs", "fuse.davfs2",
    "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.goofys", "fuse.moosefs", "fuse.juicefs", "vboxsf",
    "prl_fs",
))
# fmt: on
"""Filesystems whose locks SQLite cannot trust."""


def state_folder(path: Path, *, mountinfo: str | None = None) -> Path:
    """Returns the state folder, made with mode 0700 where it is missing.

    Args:
        path: from the project.
        mountinfo: text of /proc/self/mountinfo; read where it is None.

    Raises:
        ConfigurationError: `network_filesystem`, `state_not_private`, `state_unwritable`.
    """
    kind = filesystem_type(path, mountinfo=mountinfo)
    if kind in NETWORK_TYPES:
        raise ConfigurationError(
            f"the state folder is on a network filesystem ({kind}), where a crash or a second machine could double posts",
            code="network_filesystem",
            field="state",
            value=str(path),
            do='Put it on a local disk: state = "/var/lib/geoalert/PROJECT" in geoalert.toml',
        )
    try:
        for folder in reversed((path, *path.parents)):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        status = path.stat()
        if stat.S_IMODE(status.st_mode) & 0o077:
            if status.st_uid != os.geteuid():
                raise ConfigurationError(
                    "others may read the state folder",
                    code="state_not_private",
                    field="state",
                    value=str(path),
                    do="chmod 700, as its owner",
                )
            path.chmod(0o700)
    except OSError as err:
        raise ConfigurationError(
            f"the state folder cannot be made: {err.strerror}",
            code="state_unwritable",
            field="state",
            value=str(path),
            do="Free the disk or mend the permissions, or name another folder by state = ... in geoalert.toml",
        ) from err
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError(
            "the state folder cannot be written", code="state_unwritable", field="state", value=str(path), do="Mend its permissions"
        )
    return path


def filesystem_type(path: Path, *, mountinfo: str | None = None) -> str | None:
    """Returns the type of the filesystem that holds a path, made or not; None where the system does not say.

    The deepest mount point above the path counts, links followed, and of two mounts on one point the later.
    """
    text = mountinfo
    if text is None:
        try:
            text = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return None
    resolved = path.resolve()
    best: tuple[int, str] | None = None
    for row in text.splitlines():
        front, _, back = row.partition(" - ")
        columns, after = front.split(" "), back.split(" ")
        if len(columns) < 5 or not after[0]:
            continue
        mount = Path(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), columns[4]))
        # Of two mounts on one point the later hides the earlier.
        if resolved.is_relative_to(mount) and (best is None or len(mount.parts) >= best[0]):
            best = (len(mount.parts), after[0])
    if best == (1, "9p"):
        # A sandboxed container's own root disk is 9p too; only shares are mounted deeper.
        return "9p-root"
    return best[1] if best else None
