"""Http.download: whole files, and files in two sittings."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoalert.errors import NotSent, OutcomeUnknown, Rejected
from geoalert.http import Http
from tests.portal import Asked, Portal, Reply, too_many

CONTENT = bytes(range(256)) * 2000


def cut(reply: Reply) -> Reply:
    """The right reply, but the connection breaks on the way."""
    reply.cut_at = 200_000
    return reply


def ranges(asked: list[Asked]) -> list[str | None]:
    """The Range header of each request."""
    return [one.headers.get("range") for one in asked]


def test_file_is_written_whole(http: Http, portal: Portal, tmp_path: Path) -> None:
    """Nothing but the file is left, and progress ends at its size."""
    portal.files["a.bin"] = CONTENT
    seen: list[tuple[int, int | None]] = []

    answer = http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True, progress=lambda *step: seen.append(step))

    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert answer.status == 200


def test_interrupted_download_goes_on_where_it_stopped(http: Http, portal: Portal, tmp_path: Path) -> None:
    """The second call asks for the rest only, and the bytes are the file's."""
    portal.files["a.bin"] = CONTENT
    portal.fault("/files", cut)
    with pytest.raises(OutcomeUnknown):
        http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)

    answer = http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)

    assert (answer.status, ranges(portal.asked)) == (206, [None, "bytes=200000-"])
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_changed_file_starts_again(http: Http, portal: Portal, tmp_path: Path) -> None:
    """Half of the old file is never joined to half of the new one."""
    portal.files["a.bin"] = CONTENT
    portal.fault("/files", cut)
    with pytest.raises(OutcomeUnknown):
        http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)
    portal.files["a.bin"] = CONTENT[::-1]

    http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)

    assert (tmp_path / "a.bin").read_bytes() == CONTENT[::-1]


def test_part_of_another_address_is_not_joined(http: Http, portal: Portal, tmp_path: Path) -> None:
    """Two files of one name and one ETag, from two addresses, stay two files."""
    portal.files["a.bin"] = portal.files["b.bin"] = CONTENT
    portal.fault("/files", cut)
    with pytest.raises(OutcomeUnknown):
        http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)

    http.download(f"{portal.url}/files/b.bin", tmp_path / "a.bin", internal=True)

    assert ranges(portal.asked) == [None, None]


def test_server_without_etag_starts_again(http: Http, portal: Portal, tmp_path: Path) -> None:
    """Without a proof that the file is the same, nothing is joined."""
    portal.etags = False
    portal.files["a.bin"] = CONTENT
    portal.fault("/files", cut)
    with pytest.raises(OutcomeUnknown):
        http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)

    http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)

    assert ranges(portal.asked) == [None, None]
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_part_longer_than_the_file_starts_again(http: Http, portal: Portal, tmp_path: Path) -> None:
    """A server that says 416 gets one whole request."""
    portal.files["a.bin"] = CONTENT
    portal.fault("/files", cut)
    with pytest.raises(OutcomeUnknown):
        http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)
    with (tmp_path / "a.bin.part").open("ab") as part:
        part.write(CONTENT)

    http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)

    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_server_that_sends_another_part_is_not_believed(http: Http, portal: Portal, tmp_path: Path) -> None:
    """A range that starts elsewhere is refused and forgotten."""
    portal.files["a.bin"] = CONTENT
    portal.fault("/files", cut)
    with pytest.raises(OutcomeUnknown):
        http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)
    portal.fault("/files", Reply(CONTENT, 206, headers={"Content-Range": f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}"}))

    with pytest.raises(OutcomeUnknown) as caught:
        http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)

    assert caught.value.code == "broken_reply"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("reply", "kind"), [(too_many(), NotSent), (Reply(status=404), Rejected), (Reply(status=500), OutcomeUnknown)])
def test_error_leaves_no_file(http: Http, portal: Portal, tmp_path: Path, reply: Reply, kind: type[Exception]) -> None:
    """An error's body is never taken for the file."""
    portal.fault("/files", reply)

    with pytest.raises(kind):
        http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True)

    assert list(tmp_path.iterdir()) == []


def test_too_large_a_file_is_stopped(http: Http, portal: Portal, tmp_path: Path) -> None:
    """The limit holds while bytes arrive, and no file of that name appears."""
    portal.files["a.bin"] = CONTENT

    with pytest.raises(OutcomeUnknown) as caught:
        http.download(f"{portal.url}/files/a.bin", tmp_path / "a.bin", internal=True, limit_bytes=100_000)

    assert caught.value.code == "answer_too_large"
    assert not (tmp_path / "a.bin").exists()
