"""Builds the evidence file of one alert: the same record gives the same bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib import resources
from typing import Any

from geoalert.errors import PlanError
from geoalert.evidence.packed import FORMAT, KIND, MOST_BYTES, MOST_FILES, ZEROS, dumps, pack, sha256
from geoalert.evidence.page import page_html
from geoalert.outbox import Attempt, Delivery, Entry
from geoalert.outbox.chain import canonical
from geoalert.plan import Approval, Plan, PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Everything known of one alert.

    Attributes:
        entries: the alert's part of the record, in order.
        skeleton: number, digest and hash of every entry of the ledger, from the one before the alert's first to the head.
        attempts: by the delivery's key.
        plans: by revision; those still stored.
        notices: texts of notices to approvers, by revision and digest.
        keys: public keys of those who approved, as the record has them, and as geoalert.toml lists them.
        takedowns: what is still to be taken down, JSON-ready.
        missing: what should be here and is not, and why.
        zone: IANA name that the page's times are told in.
    """

    sender: str
    alert: str
    zone: str
    entries: Sequence[Entry] = field(repr=False)
    skeleton: Iterable[tuple[int, str, str]] = field(repr=False)
    deliveries: Sequence[Delivery] = field(default=(), repr=False)
    attempts: Mapping[str, Sequence[Attempt]] = field(default_factory=dict, repr=False)
    plans: Mapping[int, Plan] = field(default_factory=dict, repr=False)
    approvals: Mapping[int, Sequence[Approval]] = field(default_factory=dict, repr=False)
    notices: Mapping[int, Mapping[str, bytes]] = field(default_factory=dict, repr=False)
    keys: Sequence[tuple[str, PublicKey]] = field(default=(), repr=False)
    takedowns: Sequence[Mapping[str, Any]] = ()
    missing: Mapping[str, str] = field(default_factory=dict)


def build_evidence(source: Source) -> bytes:
    """Returns the file, with everything but what is restricted: of that, only the salted digests.

    Raises:
        PlanError: it would be larger than evidence may be (evidence_too_large).
    """
    lines, chain = chain_of(source, whole=True)
    rows = {"deliveries.jsonl": list(_deliveries(source)), "attempts.jsonl": list(_attempts(source))}
    files = {name: "".join(f"{dumps(row)}\n" for _, row in found).encode() for name, found in rows.items()}
    files |= {"chain.jsonl": lines, "keys.json": _json([_key(*each) for each in source.keys])}
    files |= {"takedowns.json": _json(list(source.takedowns)), "index.html": page_html(source, chain)}
    for revision, plan in source.plans.items():
        files |= _plan(revision, plan)
    for revision, given in source.approvals.items():
        files |= {f"plans/r{revision}/approvals/{number}.json": one.to_json().encode() for number, one in enumerate(given, 1)}
    for revision, notices in source.notices.items():
        files |= {f"plans/r{revision}/notices/{digest}.json": content for digest, content in notices.items()}
    digests = {name: [[key, sha256(dumps(row))] for key, row in found] for name, found in rows.items()}
    return sealed(source, files, variant="full", chain=chain, rows=digests)


def sealed(
    source: Source, files: Mapping[str, bytes], *, variant: str, chain: Mapping[str, Any] | None, rows: Mapping[str, list[list[str]]]
) -> bytes:
    """Returns the zip of members, with the verifying program and a manifest over all of it.

    Raises:
        PlanError: evidence_too_large.
    """
    members = {**files, "verify.py": program()}
    told = {
        "format": FORMAT,
        "kind": KIND,
        "variant": variant,
        "sender": source.sender,
        "alert": source.alert,
        "chain": chain,
        "rows": dict(rows),
        "missing": dict(source.missing),
        "members": {name: sha256(content) for name, content in members.items()},
    }
    members["manifest.json"] = _json(told | {"digest": sha256(dumps(told))})
    if len(members) > MOST_FILES or sum(map(len, members.values())) > MOST_BYTES // 2:
        raise PlanError("the evidence would be larger than evidence may be", code="evidence_too_large", value=source.alert)
    return pack(members)


def chain_of(source: Source, *, whole: bool) -> tuple[bytes, dict[str, Any] | None]:
    """Returns the chain's lines, and its ends for the manifest; the alert's own entries in full where `whole`."""
    own = {entry.seq: entry for entry in source.entries}
    if not own:
        return b"", None
    first, prev, lines, seq, head = min(own), ZEROS, [], 0, ZEROS
    for seq, digest, head in source.skeleton:
        if seq < first:
            prev = head
            continue
        entry = own[seq] if whole and seq in own else None
        lines.append(dumps({"seq": seq, "entry_digest": digest, "hash": head}) if entry is None else dumps(_entry(entry)))
    return "".join(f"{line}\n" for line in lines).encode(), {"first": first, "last": seq, "prev": prev, "head": head}


def program() -> bytes:
    """Returns verify.py: the two modules that need nothing but Python, in one."""
    here = resources.files("geoalert.evidence")
    packed, standalone = (here.joinpath(name).read_text("utf-8").splitlines(keepends=True) for name in ("packed.py", "standalone.py"))
    ends = standalone.index('"""\n') + 1
    body = packed[packed.index("from __future__ import annotations\n") :]
    after = [line for line in standalone[ends:] if not line.startswith(("from __future__", "from geoalert"))]
    return "".join([*standalone[:ends], "\n", *body, "\n", *after]).encode("utf-8")


def _json(value: Any) -> bytes:
    return dumps(value).encode("utf-8")


def _entry(entry: Entry) -> dict[str, Any]:
    told = asdict(entry)
    return told | {"body": None if entry.body is None else canonical(entry.body)}


def _plain(row: Any) -> dict[str, Any]:
    return {name: _text(value) for name, value in asdict(row).items()}


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _deliveries(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    keys = {row.id: row.key for row in source.deliveries}
    for row in source.deliveries:
        told = _plain(row)
        del told["id"]
        yield row.key, told | {"of_delivery": keys.get(row.of_delivery or 0)}


def _attempts(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields tries without their steps, which are a publisher's own and no evidence."""
    for row in source.deliveries:
        for tried in source.attempts.get(row.key, ()):
            names = ("number", "started_at", "ended_at", "outcome", "error_code", "error_text", "worker")
            told = {name: _text(getattr(tried, name)) for name in names}
            receipt = None if tried.receipt is None else json.loads(tried.receipt.to_json())
            yield f"{row.key}#{tried.number}", told | {"key": row.key, "receipt": receipt}


def _key(person: str, key: PublicKey) -> dict[str, str]:
    return {"person": person, "key": base64.b64encode(key.content).decode(), "fingerprint": key.fingerprint}


def _plan(revision: int, plan: Plan) -> dict[str, bytes]:
    folder = f"plans/r{revision}"
    files = {f"{folder}/plan.json": _json(dict(plan.document))}
    if plan.page:
        files[f"{folder}/index.html"] = plan.page
    return files | {f"{folder}/media/{digest}": content for digest, content in plan.media.items()}
