"""What one kind of place can do, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from geoalert.errors import ConfigurationError, Rejected
from geoalert.media import Rendition
from geoalert.publishing.post import Post
from geoalert.text import COUNTINGS, count

Mentions = Literal["none", "flag", "text"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one kind of place can do, as data: rendering, plan, docs and tests all read the same object.

    `None` means no limit for a limit, and the account's own business for nothing else.
    """

    text_limit: int | None = None
    text_unit: str = "characters"
    """How that platform counts: a name in `geoalert.text.COUNTINGS`."""
    media_types: tuple[str, ...] = ()
    media_count: int = 0
    media_bytes: int | None = None
    media_pixels: int | None = None
    """Longest side, px."""
    alt_limit: int | None = None
    """None: alternative text has no field of its own; rendering puts it into the text."""
    links: bool = True
    title: bool = False
    """A place with a title of its own beside the text; elsewhere only the text can say it."""
    geo: bool = False
    mentions: Mentions = "none"
    edit: bool = False
    edit_within_s: int | None = None
    delete: bool = False
    delete_within_s: int | None = None
    idempotent: bool = False
    find: bool = False
    threads: bool = False
    reply_controls: bool = False
    rate_per_s: float | None = None
    in_flight: int = 4
    """Posts on their way at once, each through a publisher of its own; at least 1."""
    identical_text_banned: bool = False
    fetches_media: bool = False
    """Images are fetched by the platform from a public URL."""

    def __post_init__(self) -> None:
        if self.text_unit not in COUNTINGS:
            raise self._impossible("unknown text unit", "text_unit", f"Use one of {', '.join(sorted(COUNTINGS))}")
        if self.media_count and not self.media_types:
            raise self._impossible("a count of images without their kinds", "media_count", "Name media_types, or set media_count to 0")
        if isinstance(self.in_flight, bool) or not isinstance(self.in_flight, int) or self.in_flight < 1:
            raise self._impossible("a place that takes no post at a time", "in_flight", "Give a number from 1")

    def _impossible(self, what: str, field: str, do: str) -> ConfigurationError:
        return ConfigurationError(what, code="invalid_capabilities", field=field, value=getattr(self, field), do=do)

    def to_dict(self) -> dict[str, Any]:
        """Returns every capability by name, JSON-ready."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def narrowed(self, limits: Mapping[str, Any]) -> Capabilities:
        """Returns these capabilities cut down by `limits`: a smaller number, fewer media types, or False; never more.

        No media types at all means no images.

        Raises:
            ConfigurationError: `unknown_limit`, `invalid_limit` (not a value of that limit), `limit_widens`.
        """
        if not isinstance(limits, Mapping):
            raise ConfigurationError("limits are not a table", code="invalid_limit", field="limits", do="Write limits = {text_limit = 300}")
        known = {field.name for field in fields(self)} - {"text_unit", "mentions"}
        changes: dict[str, Any] = {}
        for name, limit in limits.items():
            if name not in known:
                raise ConfigurationError(
                    "no such limit", code="unknown_limit", field=f"limits.{name}", do=f"Known limits: {', '.join(sorted(known))}"
                )
            own: Any = getattr(self, name)
            if not _is_limit(name, own, limit):
                raise ConfigurationError(
                    "not a value of that limit",
                    code="invalid_limit",
                    field=f"limits.{name}",
                    value=limit,
                    do=f"Give it as the place's own: {own}" if own is not None else "Give a number from 0",
                )
            if isinstance(own, tuple):
                limit = tuple(limit)
                wider = any(kind not in own for kind in limit)
            else:
                wider = name == "alt_limit" if own is None else limit > own
            if wider:
                raise ConfigurationError(
                    "a limit can only narrow", code="limit_widens", field=f"limits.{name}", value=limit, do=f"The place allows {own}"
                )
            changes[name] = limit
        if changes.get("media_types") == ():
            changes["media_count"] = 0
        return replace(self, **changes)

    def check(self, post: Post) -> None:
        """Refuses a post that this place could not carry whole, before any request.

        Raises:
            Rejected: naming the channel and the feature; nothing is dropped quietly.
        """
        length = count(post.text, self.text_unit)
        if self.text_limit is not None and length > self.text_limit:
            raise Rejected(
                f"the text is {length} {self.text_unit}, the limit is {self.text_limit}",
                code="text_too_long",
                channel=post.channel,
                field="text",
                do="Shorten the alert's texts",
            )
        for name, allowed in (("title", self.title), ("link", self.links)):
            if getattr(post, name) is not None and not allowed:
                raise Rejected(
                    f"the place has no room for a {name} beside the text",
                    code="title_unsupported" if name == "title" else "link_unsupported",
                    channel=post.channel,
                    field=name,
                    do="Say it in the text, or leave it out",
                )
        if len(post.media) > self.media_count:
            raise Rejected(
                f"the post has {len(post.media)} images, the place takes {self.media_count}",
                code="too_many_media",
                channel=post.channel,
                field="media",
            )
        for item in post.media:
            self._check_media(post, item)

    def _check_media(self, post: Post, item: Rendition) -> None:
        if item.media_type not in self.media_types:
            raise Rejected(
                "the place does not take this kind of image",
                code="media_type_refused",
                channel=post.channel,
                field="media",
                value=item.media_type,
                do=f"It takes {', '.join(self.media_types)}",
            )
        if self.media_bytes is not None and len(item.content) > self.media_bytes:
            raise Rejected(
                f"an image has {len(item.content)} bytes, the limit is {self.media_bytes}",
                code="media_too_large",
                channel=post.channel,
                field="media",
            )
        if self.media_pixels is not None and max(item.width_px, item.height_px) > self.media_pixels:
            raise Rejected(
                f"an image is {item.width_px} x {item.height_px} px, the limit is {self.media_pixels}",
                code="media_too_large",
                channel=post.channel,
                field="media",
            )
        if self.alt_limit is not None and len(item.alt) > self.alt_limit:
            raise Rejected(
                f"alternative text has {len(item.alt)} characters, the limit is {self.alt_limit}",
                code="alt_too_long",
                channel=post.channel,
                field="alt",
            )


def _is_limit(name: str, own: object, limit: object) -> bool:
    if isinstance(own, bool) or isinstance(limit, bool):
        return isinstance(own, bool) and isinstance(limit, bool)
    if isinstance(own, tuple):
        return isinstance(limit, list | tuple) and all(isinstance(kind, str) for kind in limit)
    if not isinstance(limit, int | float) or limit < (1 if name == "in_flight" else 0):
        return False
    return isinstance(limit, int) or (name == "rate_per_s" and math.isfinite(limit))
