"""`webhook`: one signed JSON event a post, to a receiver of your own (docs/reference/webhook.md)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, ClassVar

from geoalert.clock import Clock, system_clock
from geoalert.errors import ConfigurationError, OutcomeUnknown
from geoalert.publishing import Account, Capabilities, HttpRoom, Post, Publisher, Receipt

PUBLISHED, UPDATED, RECALLED, CHECKED = "post.published", "post.updated", "post.recalled", "account.checked"
_LEAST_SECRET_BYTES = 24
_TIMEOUT_S = 20.0
_LONGEST_URL = 1000


class WebhookPublisher(Publisher):
    """Posts events signed as Standard Webhooks 1.0 says; the key is webhook-id and Idempotency-Key, so a repeat can be recognised."""

    name = "webhook"
    capabilities = Capabilities(
        media_types=("image/png", "image/jpeg", "image/webp"),
        media_count=10,
        media_bytes=5_000_000,
        alt_limit=10_000,
        title=True,
        geo=True,
        edit=True,
        delete=True,
        idempotent=True,
        threads=True,
        in_flight=64,
    )
    options: ClassVar[Mapping[str, str]] = {
        "url": "https address that events are posted to, http only with internal = true; a secret where it holds one",
        "secret": "signing secret, whsec_ and base64 of 24 bytes or more; several, with a space between, while one is being changed",
        "token": "sent as Authorization: Bearer, where the receiver wants one",
        "internal": "true where the address is inside your own network",
    }

    def __init__(self, account: Account, *, http: HttpRoom | None = None, clock: Clock = system_clock) -> None:
        super().__init__(account, http=http, clock=clock)
        self._internal = account.option("internal", bool, False)
        if "url" not in account.secrets:
            self._url()
        if "secret" not in account.secrets:
            account.reveal("secret")

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Sends `post.published`; the post is called by its key ever after."""
        self.capabilities.check(post)
        return self._send(PUBLISHED, key, key, post)

    def replace(self, receipt: Receipt, post: Post, *, key: str) -> Receipt:
        """Sends `post.updated` with the whole new post."""
        self.capabilities.check(post)
        return self._send(UPDATED, receipt.id, key, post)

    def recall(self, receipt: Receipt, *, key: str) -> Receipt:
        """Sends `post.recalled`; the receiver answers a second one as it did the first."""
        return self._send(RECALLED, receipt.id, key)

    def check(self) -> Capabilities | None:
        """Proves address, certificate and credentials by `account.checked`, which asks the receiver to do nothing."""
        self._send(CHECKED, "account", f"check-{int(self.clock().timestamp())}")
        return None

    def _send(self, kind: str, post_id: str, key: str, post: Post | None = None) -> Receipt:
        if self.http is None:
            raise ConfigurationError("a webhook needs the room for HTTP", code="invalid_account", field=f"accounts.{self.account.name}")
        body = event_body(kind, post_id, key, post)
        at = self.clock()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": sign(self._keys(), key, int(at.timestamp()), body),
        }
        if "token" in self.account.secrets:
            headers["Authorization"] = f"Bearer {self.account.reveal('token')}"
        answer = self.http.request("POST", self._url(), headers=headers, body=body, timeout_s=_TIMEOUT_S, internal=self._internal)
        answer.require()
        said = _said(answer)
        url = said.get("url")
        return Receipt(
            publisher=self.name,
            account=self.account.name,
            id=post_id,
            at=at,
            url=url if isinstance(url, str) and self._may_keep(url) else None,
            raw={"status": answer.status},
        )

    def _url(self) -> str:
        url = self.account.reveal("url") if "url" in self.account.secrets else self.account.option("url", str)
        if not self._internal and url[:8].lower() != "https://":
            raise ConfigurationError(
                "a webhook in the clear",
                code="invalid_account",
                field=f"accounts.{self.account.name}.url",
                do="Give an https address, or say internal = true where the way there is yours",
            )
        return url

    def _keys(self) -> list[bytes]:
        keys = []
        for written in self.account.reveal("secret").split():
            try:
                key = base64.b64decode(written.removeprefix("whsec_"), validate=True)
            except (binascii.Error, ValueError):
                key = b""
            keys.append(key)
        if not keys or min(map(len, keys)) < _LEAST_SECRET_BYTES:
            raise ConfigurationError(
                "the signing secret of a webhook cannot be used",
                code="invalid_account",
                field=f"accounts.{self.account.name}.secret",
                do=f"Make one of {_LEAST_SECRET_BYTES} bytes or more, in base64, after whsec_",
            )
        return keys

    def _may_keep(self, url: str) -> bool:
        """Tells whether a receiver's own link may be kept: a web address of fair length that holds no secret of the account."""
        fair = len(url) <= _LONGEST_URL and re.fullmatch(r"https?://[!-~]+", url) is not None
        return fair and not any(secret() in url for secret in self.account.secrets.values())


def event_body(kind: str, post_id: str, key: str, post: Post | None = None) -> bytes:
    """Returns an event as it is signed and sent; the same for every try of one delivery."""
    content: dict[str, Any] = {"id": post_id, "key": key}
    if post is not None:
        content |= {
            "channel": post.channel,
            "address": post.address,
            "title": post.title,
            "text": post.text,
            "language": post.language,
            "link": post.link,
            "lon": post.lon,
            "lat": post.lat,
            "in_reply_to": None if post.reply_to is None else post.reply_to.id,
            "media": [
                {
                    "media_type": item.media_type,
                    "width_px": item.width_px,
                    "height_px": item.height_px,
                    "alt": item.alt,
                    "sha256": item.digest,
                    "base64": base64.b64encode(item.content).decode("ascii"),
                }
                for item in post.media
            ],
        }
    return json.dumps({"type": kind, "data": content}, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def sign(keys: list[bytes], event_id: str, timestamp: int, body: bytes) -> str:
    """Returns the webhook-signature header: one `v1,` a key, HMAC-SHA256 over id, timestamp and body with dots between."""
    signed = b".".join((event_id.encode("ascii"), str(timestamp).encode("ascii"), body))
    return " ".join("v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii") for key in keys)


def _said(answer: Any) -> Mapping[str, Any]:
    """Returns what the receiver answered: nothing, plain text, or JSON; a web page comes from something that stands in front of it."""
    kind = answer.media_type
    if not answer.body or kind == "text/plain":
        return {}
    if kind != "application/json" and not kind.endswith("+json"):
        raise OutcomeUnknown(
            f"the receiver answered {answer.status} with {kind or 'no media type'}",
            code="broken_reply",
            do="A receiver answers 2xx with nothing, text/plain or JSON",
        )
    found = answer.json()
    return found if isinstance(found, Mapping) else {}
