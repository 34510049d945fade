"""The variant for a freedom-of-information request: no name of staff, no address, nothing restricted, no image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from geoalert.evidence.build import Source, chain_of, sealed
from geoalert.evidence.packed import dumps
from geoalert.evidence.page import public_html
from geoalert.outbox import Entry
from geoalert.plan import Plan

# fmt: off
PLAIN = frozenset((
    "account", "act", "attempt", "because", "before", "bodies", "channel", "classes", "code", "deadline_minutes", "deliveries",
    "digest", "due", "held", "how", "key", "needed", "plans", "posts", "rows", "sent", "sha256", "state", "stopped", "through", "variant",
))
# fmt: on
"""Fields of an entry's body that programs wrote: never what people typed, what places answered, or whom a notice went to."""
STAFF = "person:"


def plain_body(entry: Entry) -> dict[str, Any]:
    """Returns what of an entry's body may leave the ledger."""
    return {name: value for name, value in (entry.body or {}).items() if name in PLAIN and not isinstance(value, dict)}


def build_public(source: Source) -> bytes:
    """Returns the public file: the chain as numbers and hashes, the record with roles for names, and the texts of public posts.

    Images are named by digest and alternative text alone. A plan's manifest is left out: short parts, such as the
    submitter's name, could be guessed from their digests.

    Raises:
        PlanError: evidence_too_large.
    """
    lines, chain = chain_of(source, whole=False)
    record = [told for entry in source.entries if not _of_staff(entry) for told in [_redacted(entry)]]
    plans = [_plan(revision, plan) for revision, plan in sorted(source.plans.items())]
    files = {"chain.jsonl": lines, "record.json": dumps(record).encode(), "posts.json": dumps(plans).encode()}
    files["index.html"] = public_html(source, chain, record=record, plans=plans)
    return sealed(source, files, variant="public", chain=chain, rows={})


def _of_staff(entry: Entry) -> bool:
    return str((entry.body or {}).get("channel", "")).startswith(STAFF)


def _redacted(entry: Entry) -> dict[str, Any]:
    by = "system" if entry.actor == "system" else entry.role or "staff"
    told = {"seq": entry.seq, "at": entry.at, "kind": entry.kind, "revision": entry.revision, "by": by}
    # A fingerprint is as good as a name.
    said = {name: value for name, value in plain_body(entry).items() if (entry.kind, name) != ("approved", "key")}
    return told | {"told": said if entry.body is not None else "purged"}


def _plan(revision: int, plan: Plan) -> dict[str, Any]:
    document = plan.document
    match = ("layer", "id", "label", "targeted", "reason")
    layer = ("name", "version", "valid_from", "valid_to", "source", "licence", "digest")
    public = [told for told in document["posts"] if told["scope"] == "public"]
    is_public = plan.alert["scope"] == "public"
    return {
        "revision": revision,
        "digest": plan.digest,
        "status": plan.status,
        "kind": plan.alert["kind"],
        "expires": plan.alert["expires"],
        "area": {"label": document["area"]["label"] if is_public else None, "digest": document["area"]["digest"]},
        "layers": [{name: each[name] for name in layer} for each in document["layers"]],
        "matches": [{name: each[name] for name in match} for each in plan.matches if is_public],
        "posts": list(_posts(public)),
        "closing": {told["post"]["channel"]: document["closing"][told["post"]["channel"]] for told in public},
        "posts_not_public": len(document["posts"]) - len(public),
    }


def _posts(public: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for told in public:
        post = told["post"]
        images = [{name: item[name] for name in ("digest", "alt", "media_class")} for item in post["media"]]
        plain = {name: post[name] for name in ("channel", "text", "title", "language", "link")}
        yield plain | {"publisher": told["publisher"], "reason": told["reason"], "images": images}
