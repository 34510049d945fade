"""`console`: prints each post on standard output; for a first try and for rehearsals."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping

from geoalert.errors import NotSent, OutcomeUnknown
from geoalert.publishing import Capabilities, Post, Publisher, Receipt


class ConsolePublisher(Publisher):
    """Prints text, and for each image its kind, size and alternative text."""

    name = "console"
    capabilities = Capabilities(media_types=("image/png", "image/jpeg", "image/webp"), media_count=10, alt_limit=10_000, title=True)

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Prints one post between two rules that name the channel.

        Raises:
            OutcomeUnknown: `output_broken`, a part may have been printed.
        """
        self.capabilities.check(post)
        lines = [f"--- {post.channel} -> {post.address or 'screen'}", *([post.title] if post.title else []), post.text]
        lines += [f"[{item.media_type} {item.width_px} x {item.height_px} px: {item.alt}]" for item in post.media]
        try:
            sys.stdout.write("\n".join([*lines, "---", ""]))
            sys.stdout.flush()
        except (OSError, ValueError) as err:
            raise OutcomeUnknown("standard output broke off", code="output_broken", do="Look at what was printed") from err
        return Receipt(publisher=self.name, account=self.account.name, id=key, at=self.clock())

    def check(self) -> Capabilities | None:
        """Proves that there is a standard output.

        Raises:
            NotSent: `no_output`.
        """
        if sys.stdout is None or getattr(sys.stdout, "closed", False):
            raise NotSent("this process has no standard output", code="no_output", account=self.account.name)
        return None
