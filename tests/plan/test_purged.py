"""A plan without its images proves what it was, and nothing else can be left out so."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest

from geoalert.errors import PlanChanged, PlanError
from geoalert.plan import approve, check_approved, pack, unpack
from tests.app.project import START
from tests.plan.drafts import plan


def test_a_plan_without_images_packs_and_reads_back() -> None:
    """The digest is the same; what is missing is named."""
    whole = plan()
    less = whole.without(restricted=True, images=True)

    read = unpack(pack(less), file="S1.plan")

    assert (read.digest, dict(read.media), read.page, dict(read.restricted)) == (whole.digest, {}, b"", {})
    assert set(read.purged) == {part for part in whole.document["manifest"] if part == "page" or part.startswith("media/")}
    read.verify(whole=False)


def test_a_purged_plan_is_neither_approved_nor_sent() -> None:
    """Nobody could read what they approve."""
    less = plan().without(images=True)
    given = approve(plan(), by="t.singh", at=START)

    for refused in (lambda: approve(less, by="t.singh", at=START), lambda: check_approved(less, [given])):
        with pytest.raises(PlanError) as caught:
            refused()
        assert caught.value.code == "plan_purged"


@pytest.mark.parametrize("parts", [["page", "posts/d14-page"], ["page", "restricted/people"], [], None, "page", ["alert"], [1, "page"]])
def test_nothing_but_images_and_page_can_be_said_to_be_purged(parts: object) -> None:
    """Whatever else a file says is refused."""
    held = dict(zip(*_files(pack(plan().without(images=True))), strict=True)) | {"purged.json": json.dumps({"parts": parts}).encode()}

    with pytest.raises(PlanChanged):
        unpack(_zip(held), file="S1.plan")


def test_an_image_left_out_without_saying_so_is_a_change() -> None:
    """Only what purged.json names may be missing."""
    whole = plan()

    with pytest.raises(PlanChanged):
        unpack(pack(replace(whole, media={})), file="S1.plan")


def _files(content: bytes) -> tuple[list[str], list[bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.namelist(), [archive.read(name) for name in archive.namelist()]


def _zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, files[name])
    return made.getvalue()
