"""The state folder is private and on a disk whose locks hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoalert.config import filesystem_type, state_folder
from geoalert.errors import ConfigurationError

MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 21 0:50 / /home rw shared:9 - nfs4 server.example:/home rw,vers=4.2
41 40 8:2 / /home/local rw - xfs /dev/sdb1 rw
42 21 0:51 / /mnt/two\\040words rw - cifs //server.example/share rw
43 21 0:52 / /srv rw - fuse.sshfs server.example:/srv rw
44 21 0:53 / /auto rw - autofs systemd-1 rw
45 44 0:54 / /auto rw master:3 propagate_from:1 - lustre 10.0.0.1@tcp:/fs rw
46 21 0:55 / /wsl rw - 9p drvfs rw
garbage
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/geoalert", "ext4"),
        ("/home/roy/project/.geoalert", "nfs4"),
        ("/home/local/project", "xfs"),
        ("/homely", "ext4"),
        ("/mnt/two words/x", "cifs"),
        ("/srv/x", "fuse.sshfs"),
        ("/auto/x", "lustre"),
        ("/wsl/x", "9p"),
    ],
)
def test_the_filesystem_of_a_path_is_the_deepest_latest_mount(path: str, kind: str) -> None:
    """Escaped names, mounts over mounts and paths that do not exist yet."""
    assert filesystem_type(Path(path), mountinfo=MOUNTS) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "ceph", "9p", "lustre", "fuse.glusterfs", "afs"])
def test_a_network_filesystem_is_refused_with_the_way_out(tmp_path: Path, kind: str) -> None:
    """Nothing is made there, and the error names a local folder to write into the project."""
    mounts = f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / {tmp_path} rw - {kind} server.example:/x rw\n"

    with pytest.raises(ConfigurationError) as refused:
        state_folder(tmp_path / ".geoalert", mountinfo=mounts)

    assert refused.value.code == "network_filesystem"
    assert 'state = "/var/lib/' in str(refused.value)
    assert not (tmp_path / ".geoalert").exists()


def test_a_root_of_9p_is_a_containers_own_disk() -> None:
    """A sandboxed container has one; only shares mounted deeper are refused."""
    assert filesystem_type(Path("/x"), mountinfo="1 0 0:1 / / rw - 9p none rw") == "9p-root"


def test_the_folder_is_made_private(tmp_path: Path) -> None:
    """Mode 0700, also where it was looser before."""
    loose = tmp_path / "loose"
    loose.mkdir(mode=0o755)

    modes = [state_folder(path).stat().st_mode & 0o777 for path in (tmp_path / "a" / ".geoalert", loose)]

    assert modes == [0o700, 0o700]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "taken").write_text("x")

    with pytest.raises(ConfigurationError) as refused:
        state_folder(tmp_path / "taken" / ".geoalert")

    assert refused.value.code == "state_unwritable"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody may write, root included")
def test_a_folder_that_nobody_may_write_is_an_error() -> None:
    """Found before anything is sent."""
    with pytest.raises(ConfigurationError) as refused:
        state_folder(Path("/proc/geoalert"))

    assert refused.value.code == "state_unwritable"
