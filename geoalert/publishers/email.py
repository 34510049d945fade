"""`email`: one mail a post, over SMTP; text, HTML and images in it, threaded by Message-ID."""

from __future__ import annotations

import importlib.util
import weakref
from collections.abc import Mapping, MutableMapping
from typing import Any, ClassVar

from geoalert.clock import Clock, system_clock
from geoalert.errors import ConfigurationError
from geoalert.http.reach import is_this_machine
from geoalert.publishers.letter import Dkim, Sender, message_id, missing_dkim, read_sender, recipient, references, write_letter
from geoalert.publishers.smtp import PORTS, TLS, Line, Login, Server
from geoalert.publishing import Account, Capabilities, HttpRoom, Post, Publisher, Receipt


class EmailPublisher(Publisher):
    """Sends each post as one mail to one recipient; a mail cannot be taken back, so a correction is a reply to it."""

    name = "email"
    capabilities = Capabilities(
        media_types=("image/png", "image/jpeg"),
        media_count=10,
        media_bytes=5_000_000,
        alt_limit=2_000,
        title=True,
        threads=True,
    )
    options: ClassVar[Mapping[str, str]] = {
        "host": "mail server",
        "port": "587, 465 with tls = implicit, 25 with tls = none, unless said",
        "tls": "starttls (unless said), implicit or none; none only on this machine or with internal = true",
        "user": "name to log in with; the address in from, unless said",
        "password": "secret to log in with; no login without it",
        "from": "address of the sender, also as Name <address>",
        "unsubscribe_url": "https address to leave by, {channel} stands for the channel's id",
        "unsubscribe_mail": "address to leave by",
        "dkim_key": "RSA private key as PEM, a secret; mails are signed where it is given",
        "dkim_selector": "name under which the public key is published",
        "dkim_domain": "domain that signs; that of from, unless said",
        "ca_path": "file of certificates to trust, for a mail server with one of your own",
        "timeout_s": "longest wait for each answer, seconds; 30 unless said",
        "internal": "true where the mail server is inside your own network",
    }

    def __init__(self, account: Account, *, http: HttpRoom | None = None, clock: Clock = system_clock) -> None:
        super().__init__(account, http=http, clock=clock)
        self._sender = self._read_sender()
        self._server = self._read_server()
        if "dkim_key" in account.secrets:
            account.option("dkim_selector", str)
            if importlib.util.find_spec("dkim") is None:
                raise missing_dkim()
        self._line = Line(self._server)
        weakref.finalize(self, self._line.close)

    def publish(self, post: Post, *, key: str, steps: MutableMapping[str, str]) -> Receipt:
        """Sends one mail; its Message-ID is the same for every try of a key.

        Raises:
            NotSent: refused for now, or broken off before the mail was whole.
            Rejected: refused for good, or a title, link or address that no header may hold.
            OutcomeUnknown: the whole mail left and no answer came.
        """
        self.capabilities.check(post)
        at = self.clock()
        letter = write_letter(post, key=key, sender=self._sender, at=at, dkim=self._dkim())
        said = self._line.hand_in(letter, sender=self._sender.address.addr_spec, recipient=recipient(post).addr_spec, login=self._login())
        return Receipt(
            publisher=self.name,
            account=self.account.name,
            id=message_id(key, self._sender),
            at=at,
            raw={"status": said, "references": list(references(post.reply_to))},
        )

    def check(self) -> Capabilities | None:
        """Proves connection, certificate and login; sends nothing."""
        self._dkim()
        self._line.prove(self._login())
        return None

    def _login(self) -> Login | None:
        if "password" not in self.account.secrets:
            return None
        user = (
            self.account.reveal("user")
            if "user" in self.account.secrets
            else self.account.option("user", str, self._sender.address.addr_spec)
        )
        return Login(user, self.account.reveal("password"))

    def _dkim(self) -> Dkim | None:
        if "dkim_key" not in self.account.secrets:
            return None
        return Dkim(
            selector=self.account.option("dkim_selector", str),
            domain=self.account.option("dkim_domain", str, self._sender.address.domain),
            key=self.account.reveal("dkim_key").encode("utf-8"),
        )

    def _read_sender(self) -> Sender:
        url, mail = self._said("unsubscribe_url"), self._said("unsubscribe_mail")
        if url is not None and (not url.startswith("https://") or not url.isascii() or any(sign in url for sign in " <>\r\n\t")):
            raise self._invalid("unsubscribe_url", "not an https address", url, "RFC 8058 wants https; percent-encode what else is in it")
        if mail is not None:
            mail = read_sender(mail, field=self._field("unsubscribe_mail")).addr_spec
        return Sender(read_sender(self.account.option("from", str), field=self._field("from")), url, mail)

    def _read_server(self) -> Server:
        account = self.account
        tls = account.option("tls", str, "starttls")
        if tls not in TLS:
            raise self._invalid("tls", "unknown way to be secure", tls, f"Use {', '.join(TLS)}")
        host, internal = account.option("host", str), account.option("internal", bool, False)
        if tls == "none" and not internal and not is_this_machine(host):
            raise self._invalid("tls", "mail in the clear", tls, 'Use tls = "starttls", or internal = true where the way is yours')
        port, timeout_s = account.option("port", int, PORTS[tls]), account.options.get("timeout_s", 30)
        if isinstance(port, bool) or not 0 < port < 65_536:
            raise self._invalid("port", "not a port", port, "Give a number from 1 to 65535")
        if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float) or not 0 < timeout_s <= 600:
            raise self._invalid("timeout_s", "not a wait", timeout_s, "Give seconds, above 0 and at most 600")
        return Server(
            host=host,
            port=port,
            tls=tls,
            greeting=self._sender.address.domain,
            internal=internal,
            trusted=self._said("ca_path"),
            timeout_s=float(timeout_s),
        )

    def _said(self, name: str) -> str | None:
        return self.account.option(name, str) if name in self.account.options else None

    def _field(self, name: str) -> str:
        return f"accounts.{self.account.name}.{name}"

    def _invalid(self, name: str, what: str, value: Any, do: str) -> ConfigurationError:
        return ConfigurationError(what, code="invalid_account", field=self._field(name), value=value, do=do)
