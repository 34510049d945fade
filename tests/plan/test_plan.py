"""A plan is one value with one digest: any change is named, and the same content has the same digest."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from geoalert.errors import FourEyes, GeoAlertError, NotApproved, NotLive, PlanChanged, PlanError
from geoalert.plan import Approval, approve, build_plan, check_approved, pack, unpack
from geoalert.plan.digest import canonical, manifest_digest
from geoalert.plan.model import manifest
from geoalert.publishing import Account
from tests.plan.drafts import draft, plan


def test_the_same_content_has_the_same_digest() -> None:
    """Nothing of the moment or the machine is in a plan."""
    assert pack(plan()) == pack(plan())


def test_zip_reads_back_equal_and_packs_to_the_same_bytes() -> None:
    """Packing loses nothing and adds nothing."""
    made = plan()

    read = unpack(pack(made), file="S1.plan")

    assert read == made
    assert pack(read) == pack(made)
    assert [each.post for each in read.posts] == [each.post for each in made.posts]


def _edited(content: bytes, name: str, edit: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            held = old.read(entry)
            new.writestr(entry, edit(held) if entry.filename == name else held)
    return out.getvalue()


def _with(document: bytes, path: list[str | int], value: object) -> bytes:
    whole = json.loads(document)
    place = whole
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return canonical(whole)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["posts", 0, "post", "text"], "Something else"),
        (["posts", 0, "post", "address"], "elsewhere"),
        (["alert", "expires"], "2099-01-01T00:00:00+00:00"),
        (["by"], "somebody"),
        (["selections", 0, "reason"], "because"),
        (["closing", "d14-page", "error", "text"], "Sorry"),
        (["area", "label"], "The whole city"),
        (["capabilities", "posts", "media_count"], 99),
        (["accounts", "posts", "mode"], "live"),
        (["survey", "uncovered", "division"], 0.5),
        (["findings"], []),
        (["visit_list"], []),
        (["digest"], "0" * 64),
        (["manifest", "by"], "0" * 64),
    ],
)
def test_any_edit_of_the_document_is_named(path: list[str | int], value: object) -> None:
    """A plan edited by hand is refused, whatever was edited."""
    content = _edited(pack(plan()), "plan.json", lambda held: _with(held, path, value))

    with pytest.raises(PlanChanged) as caught:
        unpack(content, file="S1.plan")

    assert caught.value.do


def test_swapping_two_posts_is_a_change() -> None:
    """Order is approved too."""

    def swapped(held: bytes) -> bytes:
        whole = json.loads(held)
        whole["posts"] = whole["posts"][::-1]
        return canonical(whole)

    with pytest.raises(PlanChanged):
        unpack(_edited(pack(plan()), "plan.json", swapped), file="S1.plan")


@pytest.mark.parametrize("name", ["index.html", "restricted/people.json"])
def test_an_edited_page_or_restricted_part_is_named(name: str) -> None:
    """What the approver reads, and what nobody else may, are under the digest as well."""

    def edit(held: bytes) -> bytes:
        return held + b" " if name == "index.html" else held.replace(b"Quill", b"Goose")

    with pytest.raises(PlanChanged):
        unpack(_edited(pack(plan()), name, edit), file="S1.plan")


def test_an_exchanged_image_is_named() -> None:
    """One byte of one image."""
    made = plan()
    name = f"media/{made.posts[0].post.media[0].digest}"

    with pytest.raises(PlanChanged):
        unpack(_edited(pack(made), name, lambda held: held[:-1] + bytes([held[-1] ^ 1])), file="S1.plan")


def test_a_purged_restricted_part_leaves_the_digest_whole() -> None:
    """Salt and part can go; everything else still proves."""
    made = plan()

    replace(made, restricted={}).verify()

    assert "Quillfeather" not in json.dumps(dict(made.document)) + made.page.decode()


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content + b"trailing",
        lambda content: b"leading" + content,
        lambda content: content[:-2] + b"\x05\x00" + b"words",
        lambda content: content.replace(b"PK\x03\x04\x14", b"PK\x03\x04\x15", 1),
    ],
    ids=["behind", "before", "comment", "version"],
)
def test_bytes_that_no_plan_has_are_a_change(change: Callable[[bytes], bytes]) -> None:
    """A zip reader would not mind them; we do."""
    with pytest.raises(PlanError):
        unpack(change(pack(plan())), file="S1.plan")


def test_every_flipped_bit_is_noticed() -> None:
    """One bit anywhere in the file: refused, whatever it was of."""
    content = pack(plan())
    step = max(1, len(content) * 8 // 400)

    for bit in range(0, len(content) * 8, step):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(PlanError):
            unpack(bytes(flipped), file="S1.plan")


def test_a_page_of_other_posts_cannot_be_approved(now: datetime) -> None:
    """A plan put together by hand, with sound digests and another page, is refused when it is approved."""
    made = plan()
    page = made.page.replace(b"Do not approach", b"Do approach")
    parts = manifest(made.document, media=made.media, page=page, restricted=made.restricted)
    forged = replace(made, page=page, document={**made.document, "manifest": parts, "digest": manifest_digest(parts)})
    forged.verify()

    with pytest.raises(PlanChanged) as caught:
        approve(forged, by="t.singh", at=now)

    assert caught.value.code == "page_differs"


def test_a_post_changed_in_memory_is_not_handed_out() -> None:
    """What is sent is proved against its digest once more."""
    made = plan()
    planned = made.posts[0]
    document = json.loads(json.dumps(dict(made.document)))
    document["posts"][0]["post"]["text"] = "UNAPPROVED"

    with pytest.raises(PlanChanged):
        replace(made, document=document).post(planned.post.channel, planned.digest)
    broken = {digest: content + b"x" for digest, content in made.media.items()}
    with pytest.raises(PlanChanged):
        replace(made, media=broken).post(planned.post.channel, planned.digest)

    assert made.post(planned.post.channel, planned.digest) == planned.post


def test_a_restricted_alert_is_not_planned_to_a_public_channel() -> None:
    """Whoever selected it: the plan refuses."""
    public = draft()

    with pytest.raises(GeoAlertError) as caught:
        plan(replace(public, alert=replace(public.alert, scope="restricted")))

    assert caught.value.code == "restricted_to_public"
    assert "d14-page" in str(caught.value)


def test_diff_names_the_changed_post() -> None:
    """Two revisions are compared part by part."""
    before = plan()
    after = plan(draft(guidance="Call 9-1-1. Do not follow."))

    changed = {change.part for change in after.diff(before)}

    assert {"alert", "posts/d14-page", "posts/d52-page"} <= changed
    assert plan().diff(before) == ()


def test_the_submitter_cannot_approve(now: datetime) -> None:
    """Not even under another spelling of the name."""
    with pytest.raises(FourEyes):
        approve(plan(), by=" M.Roy ", at=now)


def test_an_approval_is_bound_to_one_digest(now: datetime) -> None:
    """Another plan of the same revision is not approved by it."""
    given_ = approve(plan(), by="t.singh", at=now)

    assert check_approved(plan(), [given_]) == (given_,)
    with pytest.raises(PlanChanged):
        check_approved(plan(draft(guidance="Call.")), [given_])
    with pytest.raises(NotApproved):
        check_approved(plan(), [])


def test_a_forged_own_approval_is_refused(now: datetime) -> None:
    """A file that says the submitter approved counts for nothing."""
    made = plan()

    with pytest.raises(FourEyes):
        check_approved(made, [Approval("S1", 1, made.digest, "M.ROY", now)])


def test_an_exercise_is_not_planned_onto_a_live_account() -> None:
    """The first of the three places that refuse."""
    live = draft()
    accounts = {name: replace(held, account=replace(held.account, mode="live")) for name, held in live.accounts.items()}

    with pytest.raises(NotLive):
        plan(replace(live, accounts=accounts))


def test_a_recipient_without_an_account_is_refused() -> None:
    """The missing account is named."""
    with pytest.raises(PlanError) as caught:
        plan(replace(draft(), accounts={}))

    assert (caught.value.code, caught.value.value) == ("unknown_account", "posts")


def test_a_post_that_cannot_fit_names_its_channel() -> None:
    """Guidance and contact are never cut to fit."""
    tight = draft()
    accounts = {name: replace(held, capabilities=replace(held.capabilities, text_limit=60)) for name, held in tight.accounts.items()}

    with pytest.raises(GeoAlertError) as caught:
        plan(replace(tight, accounts=accounts))

    assert caught.value.code == "cannot_fit"
    assert "d14-page" in str(caught.value)


def test_each_distinct_rendition_is_made_once() -> None:
    """Two posts of one account share their image's bytes."""
    made = plan()

    assert len(made.media) == 2
    assert {item.digest for each in made.posts for item in each.post.media} < set(made.media)


def test_the_page_needs_nothing_from_outside_and_escapes_what_people_wrote() -> None:
    """No script, no link to load, no markup from a text."""
    made = plan(draft(guidance="<script>alert(1)</script> & call 9-1-1"))

    page = made.page.decode()

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'src="http' not in page
    assert all(planned.post.channel in page for planned in made.posts)


def test_a_plan_needs_a_submitter() -> None:
    """Nobody is not a name."""
    with pytest.raises(PlanError) as caught:
        build_plan(draft(), by="  ")

    assert caught.value.code == "missing_name"


def test_account_repr_shows_no_secret() -> None:
    """What is logged about an account holds no secret."""
    account = Account("x", "folder", secrets={"token": lambda: "s3cret-value"})

    assert "s3cret" not in repr(account)
