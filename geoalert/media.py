"""An image of the alert, and the bytes made from it for one kind of account."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from geoalert.errors import AlertError

MediaClass = Literal["composite_sketch", "security_camera_still", "family_photo", "custody_photo", "vehicle", "map", "other"]
MEDIA_CLASSES: tuple[str, ...] = ("composite_sketch", "security_camera_still", "family_photo", "custody_photo", "vehicle", "map", "other")


@dataclass(frozen=True, slots=True)
class Media:
    """One image as the author handed it in; its bytes go nowhere before rendering has re-encoded them."""

    content: bytes = field(repr=False)
    media_class: str
    alt: dict[str, str]
    """Alternative text by BCP 47 language tag; required."""
    name: str = "image"
    """The author's file name, for errors and the plan; never sent."""
    person: int | None = None
    """Number of the person shown."""
    basis: str | None = None
    """Lawful basis of publishing it."""
    remove_by: datetime | None = None

    def __post_init__(self) -> None:
        if self.media_class not in MEDIA_CLASSES:
            raise AlertError(
                "unknown media class",
                code="unknown_media_class",
                file=self.name,
                field="class",
                value=self.media_class,
                do=f"Use one of {', '.join(MEDIA_CLASSES)}",
            )
        if not self.alt or not all(text.strip() for text in self.alt.values()):
            raise AlertError(
                "an image has no alternative text",
                code="missing_alt",
                file=self.name,
                field="alt",
                do="Describe the image in alt.LANGUAGE for every language of the alert",
            )
        if self.remove_by is not None and self.remove_by.tzinfo is None:
            raise AlertError("a take-down time has no time zone", code="naive_time", file=self.name, field="remove_by")

    @property
    def digest(self) -> str:
        """SHA-256 of the author's bytes, hex: kept for the audit only."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Rendition:
    """Clean bytes made from one Media: re-encoded, without metadata, within one account's limits."""

    content: bytes = field(repr=False)
    media_type: str
    width_px: int
    height_px: int
    alt: str
    media_class: str
    source_digest: str
    """Digest of the Media it was made from."""

    @property
    def digest(self) -> str:
        """SHA-256 of these bytes, hex: the file's name in a plan."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def suffix(self) -> str:
        """File name ending for the media type, with the dot."""
        return {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif"}.get(self.media_type, ".bin")
