"""index.html of a plan: everything the approver has to read, in one file that needs no network and no script."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from geoalert.findings import WITHHELD
from geoalert.plan.digest import bytes_digest

if TYPE_CHECKING:
    from jinja2 import Template

LEVELS = {"refuse": 0, "withhold": 1, "warn": 2, "note": 3}


def page_html(document: Mapping[str, Any], *, media: Mapping[str, bytes], picture: bytes) -> bytes:
    """Returns the approver's page; the same document gives the same bytes.

    Args:
        document: the plan's parts, before its digest (the page is under the digest and so cannot show it).
        media: image bytes by digest; each is embedded once, however many posts show it.
        picture: the map, PNG.
    """
    # The page is printed and handed round: a name skipped for a secret place would say where that is.
    skipped = [each for each in document["selections"] if not each["chosen"]]
    listed = [each for each in skipped if each["reason"] != WITHHELD]
    images = {item["digest"]: item for told in document["posts"] for item in told["post"]["media"]}
    text = _template().render(
        **{name: document[name] for name in ("alert", "by", "area", "layers", "survey", "posts", "closing", "accounts", "visit_list")},
        chosen=[each for each in document["selections"] if each["chosen"]],
        skipped=listed,
        at_secret_place=len(skipped) - len(listed),
        findings=sorted(document["findings"], key=lambda found: LEVELS[found["level"]]),
        images=[item | {"uri": _uri(media[digest], item["media_type"])} for digest, item in sorted(images.items())],
        picture=_uri(picture, "image/png"),
        picture_digest=bytes_digest(picture),
    )
    return text.encode("utf-8")


def _uri(content: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


@cache
def _template() -> Template:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    house = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    house.filters["percent"] = lambda share: "" if share is None else f"{share:.1%}"
    house.filters["local"] = lambda text, zone: f"{datetime.fromisoformat(text).astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %z}"
    return house.from_string(resources.files("geoalert.plan").joinpath("page.html.j2").read_text("utf-8"))
