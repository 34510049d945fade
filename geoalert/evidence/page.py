"""index.html of an evidence file: what happened, read with no network and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from geoalert.findings import WITHHELD
from geoalert.outbox.chain import canonical

if TYPE_CHECKING:
    from jinja2 import Template

    from geoalert.evidence.build import Source


def page_html(source: Source, chain: Mapping[str, Any] | None) -> bytes:
    """Returns the page of a full file."""
    record = [
        {"seq": each.seq, "at": each.at, "by": each.actor, "role": each.role, "kind": each.kind, "revision": each.revision}
        | {"told": "purged" if each.body is None else canonical(each.body)}
        for each in source.entries
    ]
    rows = [_row(source, row) for row in source.deliveries]
    plans = [_plan(revision, plan) for revision, plan in sorted(source.plans.items())]
    return _rendered(source, chain, record=record, plans=plans, rows=rows, public=False)


def public_html(
    source: Source, chain: Mapping[str, Any] | None, *, record: Sequence[Mapping[str, Any]], plans: Sequence[Mapping[str, Any]]
) -> bytes:
    """Returns the page of a public file."""
    told = [{**each, "role": None, "told": each["told"] if each["told"] == "purged" else canonical(each["told"])} for each in record]
    return _rendered(source, chain, record=told, plans=plans, rows=[], public=True)


def _rendered(source: Source, chain: Mapping[str, Any] | None, **told: Any) -> bytes:
    text = _template().render(
        sender=source.sender, alert=source.alert, chain=chain, zone=source.zone, missing=source.missing, takedowns=source.takedowns, **told
    )
    return text.encode("utf-8")


def _row(source: Source, row: Any) -> dict[str, Any]:
    tries = source.attempts.get(row.key, ())
    last = tries[-1] if tries else None
    receipt = next((each.receipt for each in reversed(tries) if each.receipt), None)
    return {
        "row": row,
        "at": (last.ended_at or last.started_at).isoformat() if last else None,
        "where": receipt and (receipt.url or receipt.id),
        "told": row.confirmed_note or (last.error_text if last else None) or row.held_reason,
    }


def _plan(revision: int, plan: Any) -> dict[str, Any]:
    document = plan.document
    skipped = [each for each in document["selections"] if not each["chosen"]]
    listed = [each for each in skipped if each["reason"] != WITHHELD]
    return {
        "revision": revision,
        "digest": plan.digest,
        "status": plan.status,
        "by": plan.by,
        "expires": plan.alert["expires"],
        "area": document["area"],
        "layers": document["layers"],
        "matches": plan.matches,
        "chosen": [each for each in document["selections"] if each["chosen"]],
        "skipped": listed,
        "at_secret_place": len(skipped) - len(listed),
        "posts": [told["post"] | {"publisher": told["publisher"], "reason": told["reason"]} for told in document["posts"]],
        "closing": document["closing"],
        "has_page": bool(plan.page),
        "restricted": {name: digest for name, digest in document["manifest"].items() if name.startswith("restricted/")},
    }


@cache
def _template() -> Template:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    house = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    house.filters["local"] = lambda text, zone: f"{datetime.fromisoformat(text).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %z}"
    return house.from_string(resources.files("geoalert.evidence").joinpath("page.html.j2").read_text("utf-8"))
