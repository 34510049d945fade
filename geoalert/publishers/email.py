"""`email`: one mail a post, over SMTP."""

from __future__ import annotations

from collections.abc import MutableMapping

from geoalert.publishing import Capabilities, Post, Publisher, Receipt


class EmailPublisher(Publisher):
    """Sends text with an HTML alternative and its images inline, to one recipient."""

    name = "email"
    capabilities = Capabilities(media_types=("image/png", "image/jpeg"), media_count=10, title=True, threads=True)

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Sends one mail."""
        raise NotImplementedError
