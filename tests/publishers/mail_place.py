"""A mail server in this process, with TLS, a login and scripted faults, and a mail read as a reader shows it."""

from __future__ import annotations

import asyncio
import email
import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from geoalert.errors import NotSent, OutcomeUnknown, Rejected
from geoalert.testing import Arrived, Expected

PASSWORD = "planted-m4il-p4ssword"
USER = "alerts"
FAULTS: Mapping[str, Expected] = MappingProxyType(
    {
        "refused": Expected((NotSent,)),
        "no STARTTLS": Expected((NotSent,)),
        "another certificate": Expected((NotSent,)),
        "login refused": Expected((Rejected,)),
        "login later": Expected((NotSent,)),
        "MAIL 451": Expected((NotSent,), 300.0),
        "MAIL 421": Expected((NotSent,)),
        "MAIL 530": Expected((Rejected,)),
        "MAIL hang": Expected((NotSent,)),
        "MAIL garbage": Expected((NotSent,)),
        "RCPT 450": Expected((NotSent,), 300.0),
        "RCPT 550": Expected((Rejected,)),
        "RCPT cut off": Expected((NotSent,)),
        "DATA 451": Expected((NotSent,), 300.0),
        "DATA 554": Expected((Rejected,)),
        "DATA 552": Expected((Rejected,)),
        "DATA hang": Expected((OutcomeUnknown,)),
        "DATA garbage": Expected((OutcomeUnknown,)),
        "DATA cut off": Expected((OutcomeUnknown,)),
        "DATA endless": Expected((OutcomeUnknown,)),
    }
)
"""Up to the line with the dot nothing has been taken; after it only an answer tells (RFC 5321 section 6.1)."""


class MailPlace:
    """Runs the server and keeps what it took."""

    faults = FAULTS

    def __init__(self, folder: Path) -> None:
        # What the server itself writes down is not what this side tells.
        logging.getLogger("mail.log").disabled = True
        self._own, self.trusted = certificate(folder / "own")
        self._other, _ = certificate(folder / "other")
        self._fault = ""
        self.mails: list[bytes] = []
        self.commands = 0
        self._controller = self._start(0)
        self.port: int = self._controller.port

    def standing(self) -> Sequence[Arrived]:
        """Returns the mails taken, read."""
        return [read_mail(mail) for mail in self.mails]

    def touched(self) -> int:
        """Returns how many commands arrived."""
        return self.commands

    @contextmanager
    def fault(self, name: str) -> Iterator[Self]:
        """Lets every mail go wrong in this way."""
        self._fault = name
        # Who is logged in already notices no fault of the login.
        outside = name in ("refused", "no STARTTLS", "another certificate") or name.startswith("login")
        if outside:
            self._controller.stop()
            if name != "refused":
                self._controller = self._start(self.port)
        try:
            yield self
        finally:
            self._fault = ""
            if outside:
                if name != "refused":
                    self._controller.stop()
                self._controller = self._start(self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._fault = ""
        self._controller.stop()

    def _start(self, port: int) -> Controller:
        context = None if self._fault == "no STARTTLS" else self._other if self._fault == "another certificate" else self._own
        made = _Controller(
            self,
            hostname="127.0.0.1",
            port=port,
            tls_context=context,
            require_starttls=context is not None,
            authenticator=self._authenticate,
            data_size_limit=60_000_000,
        )
        made.start()
        return made

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, auth: Any) -> AuthResult:
        if self._fault == "login later":
            return AuthResult(success=False, handled=False, message="454 4.7.0 Temporary authentication failure")
        good = (auth.login, auth.password) == (USER.encode(), PASSWORD.encode()) and self._fault != "login refused"
        return AuthResult(success=good, handled=False, message=None if good else f"535 5.7.8 no, not {auth.password!r}")

    async def _act(self, server: Any, step: str) -> str | None:
        self.commands += 1
        name, _, how = self._fault.partition(" ")
        if name != step:
            return None
        if how == "hang":
            while self._fault:
                await asyncio.sleep(0.01)
            return "451 4.4.2 too late"
        if how == "cut off":
            server.transport.abort()
            return "451 gone"
        if how == "endless":
            return "250-again and again\r\n" * 5000 + "250 done"
        return "hello there" if how == "garbage" else f"{how} {how[0]}.7.1 no: {PASSWORD}"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = await self._act(server, "MAIL")
        envelope.mail_from = None if answer else address
        return answer or "250 2.1.0 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = await self._act(server, "RCPT")
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await self._act(server, "DATA")
        if answer is None:
            assert len(envelope.rcpt_tos) == 1
            self.mails.append(envelope.content)
        return answer or "250 2.0.0 queued"


class _Controller(Controller):
    """aiosmtpd's, which would leave open connections behind when it stops."""

    def factory(self) -> SMTP:
        """Returns what serves one connection, and remembers it."""
        made = super().factory()
        self.__dict__.setdefault("served", []).append(made)
        return made

    def _trigger_server(self) -> None:
        """Asks at the port that the system gave."""
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()

    def stop(self, no_assert: bool = False) -> None:
        """Hangs up on everyone, then stops."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(5)
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        for each in self.__dict__["served"]:
            for transport in (each.transport, each._original_transport):
                if transport is not None:
                    transport.abort()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def read_mail(content: bytes) -> Arrived:
    """Returns a mail as a reader shows it: the text part, and the images where the HTML part has them."""
    mail = email.message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    shown = _Page()
    shown.feed(page.get_content())
    parts = {part["Content-ID"]: part.get_content() for part in mail.walk() if part["Content-ID"]}
    images = tuple((parts[f"<{cid}>"], alt) for cid, alt in shown.images)
    assert len(parts) == len(images)
    reply_to = mail["In-Reply-To"]
    return Arrived(
        text=plain.get_content().replace("\r\n", "\n").removesuffix("\n"),
        id=mail["Message-ID"].strip("<>"),
        title=mail["Subject"],
        link=shown.link,
        images=images,
        reply_to=reply_to.strip("<>") if reply_to else None,
    )


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.images: list[tuple[str, str]] = []
        self.link: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes pictures and the link."""
        found = dict(attrs)
        if tag == "img":
            self.images.append(((found["src"] or "").removeprefix("cid:"), found["alt"] or ""))
        self.link = found["href"] if tag == "a" else self.link


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Returns a server's context for 127.0.0.1 with a certificate of its own, and the file that a client trusts it by."""
    folder.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"
