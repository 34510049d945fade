"""One connection to a mail server, and which of our errors each of its failures is.

Source: RFC 5321 sections 4.2 (codes), 4.5.3.2 (timeouts) and 6.1: until the line with the single dot has been sent, the server has taken
nothing; from then until its answer, nobody knows.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import Any, NoReturn

from geoalert.errors import NotSent, OutcomeUnknown, PublishError, Rejected
from geoalert.http.reach import TimedTls, by_then, open_socket

TLS = ("starttls", "implicit", "none")
PORTS = {"starttls": 587, "implicit": 465, "none": 25}
GREYLISTED_S = 300.0
_IDLE_S = 60.0
_REPLY_LIMIT_BYTES = 64_000
_BROKEN = (OSError, smtplib.SMTPException, ValueError)
"""What a connection may end with; ValueError for a reply that nobody can parse."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, and how."""

    host: str
    port: int
    tls: str
    greeting: str
    """The name this side gives itself."""
    internal: bool = False
    trusted: str | None = None
    """A file of certificates to trust, for a server with one of the house's own."""
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Login:
    """Name and password of the account at the server."""

    user: str = field(repr=False)
    password: str = field(repr=False)


class _Session(smtplib.SMTP):
    def __init__(self, server: Server, context: ssl.SSLContext) -> None:
        self._server = server
        self._context = context
        super().__init__(timeout=server.timeout_s, local_hostname=server.greeting)
        self._host = server.host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        server = self._server
        opened = open_socket(host, port, timeout_s=timeout, internal=server.internal, loopback=True)
        if server.tls != "implicit":
            return opened
        try:
            return self._context.wrap_socket(opened, server_hostname=server.host)
        except BaseException:
            opened.close()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Returns the next reply, bounded in size and in time."""
        if self.file is None and self.sock is not None:
            self.file = _Bounded(self.sock.makefile("rb"))
        if isinstance(self.file, _Bounded):
            self.file.begin(self._server.timeout_s)
        with by_then(self.sock, self._server.timeout_s):
            return super().getreply()


class _Bounded:
    """What a server says, refused where one reply is endless."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.begin(0)

    def begin(self, timeout_s: float) -> None:
        self._left = _REPLY_LIMIT_BYTES
        self._until = time.monotonic() + timeout_s

    def readline(self, limit: int) -> bytes:
        line: bytes = self._file.readline(limit)
        self._left -= len(line)
        if self._left < 0 or time.monotonic() > self._until:
            raise TimeoutError("an endless reply")
        return line

    def close(self) -> None:
        self._file.close()


class Line:
    """A connection that several mails go over, one after another; given up on any doubt."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session: _Session | None = None
        self._used_at = 0.0

    def close(self) -> None:
        """Hangs up."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def prove(self, login: Login | None) -> None:
        """Connects and logs in, and sends nothing."""
        self.close()
        self._open(login)
        self.close()

    def hand_in(self, letter: bytes, *, sender: str, recipient: str, login: Login | None) -> str:
        """Hands one mail in and returns the server's last answer.

        Raises:
            NotSent: it was certainly not taken; with the wait of a server that says later.
            Rejected: the server said no.
            OutcomeUnknown: no answer came after the last line had been sent.
        """
        session, fresh = self._ready(login)
        try:
            try:
                self._envelope(session, letter, sender, recipient)
            except NotSent as err:
                # A kept connection may have been closed meanwhile, which shows only now; nothing has left yet.
                if fresh or err.code not in ("connection_broken", "unavailable"):
                    raise
                self.close()
                session = self._open(login)
                self._envelope(session, letter, sender, recipient)
            answer = self._content(session)
        except PublishError:
            self.close()
            raise
        self._used_at = time.monotonic()
        return answer

    def _ready(self, login: Login | None) -> tuple[_Session, bool]:
        if self._session is not None and time.monotonic() - self._used_at < _IDLE_S:
            return self._session, False
        self.close()
        return self._open(login), True

    def _open(self, login: Login | None) -> _Session:
        session = _Session(self._server, _context(self._server))
        self._session = session
        problem: PublishError
        try:
            self._greet(session)
            self._log_in(session, login)
        except PublishError as err:
            problem = err
        except (ssl.SSLError, ssl.CertificateError) as err:
            problem = NotSent(f"{self._at}: no secure connection", code="tls_failed", do=_advice(err))
        except _BROKEN:
            problem = NotSent(f"{self._at}: no connection", code="connection_failed")
        else:
            return session
        self.close()
        # Raised outside the handler: a reply may repeat what was sent to it.
        raise problem

    def _greet(self, session: _Session) -> None:
        code, _ = session.connect(self._server.host, self._server.port)
        if code != 220:
            self._refuse(code, b"", "greeting")
        session.ehlo_or_helo_if_needed()
        if self._server.tls == "starttls":
            if not session.has_extn("starttls"):
                raise NotSent(
                    f"{self._at} offers no STARTTLS", code="tls_failed", do='Use tls = "implicit" where the server speaks TLS only'
                )
            code, _ = session.starttls(context=_context(self._server))
            if code != 220:
                raise NotSent(f"{self._at} does not begin TLS", code="tls_failed")
            session.ehlo_or_helo_if_needed()

    def _log_in(self, session: _Session, login: Login | None) -> None:
        if login is None:
            return
        try:
            session.login(login.user, login.password)
        except smtplib.SMTPAuthenticationError as err:
            if 400 <= err.smtp_code < 500:
                raise NotSent(f"{self._at} cannot log anyone in now ({err.smtp_code})", code="unavailable") from None
        except smtplib.SMTPNotSupportedError:
            pass
        else:
            return
        finally:
            # smtplib keeps them for as long as the connection lives.
            session.user = session.password = ""
        raise Rejected(f"{self._at} refused the login", code="credentials_refused", do="Check the account's user and password")

    def _envelope(self, session: _Session, letter: bytes, sender: str, recipient: str) -> None:
        size = session.esmtp_features.get("size", "")
        if size.isdigit() and 0 < int(size) < len(letter):
            raise Rejected(f"the mail has {len(letter)} bytes, {self._at} takes {size}", code="media_too_large", field="media")
        broken = False
        try:
            announced = f" SIZE={len(letter)}" if size else ""
            for step, good, command in (
                ("sender", (250,), f"MAIL FROM:<{sender}>{announced}"),
                ("recipient", (250, 251), f"RCPT TO:<{recipient}>"),
                ("content", (354,), "DATA"),
            ):
                code, said = session.docmd(command)
                if code not in good:
                    self._refuse(code, said, step)
            session.send(_dotted(letter))
        except _BROKEN:
            broken = True
        if broken:
            raise NotSent(f"{self._at}: the connection broke before the mail was whole", code="connection_broken")

    def _content(self, session: _Session) -> str:
        code, said = -1, b""
        try:
            session.send(b".\r\n")
            code, said = session.getreply()
        except _BROKEN:
            code = -1
        if 400 <= code < 600:
            self._refuse(code, said, "content")
        if code != 250:
            raise OutcomeUnknown(f"{self._at}: the mail was sent whole and no answer came", code="connection_broken")
        return _enhanced(said)

    def _refuse(self, code: int, said: bytes, step: str) -> NoReturn:
        told = f"{self._at} answered {' '.join(filter(None, (str(code), _enhanced(said))))} to the {step}"
        if code == 421 or (step == "greeting" and 400 <= code < 500):
            raise NotSent(told, code="unavailable")
        if 400 <= code < 500:
            raise NotSent(told, code="deferred", retry_after_s=GREYLISTED_S, whole_account=step == "sender")
        if code in (530, 534, 535):
            raise Rejected(told, code="credentials_refused", do="Check the account's user and password")
        if 500 <= code < 600:
            raise Rejected(told, code="refused_by_server", do=_meaning(_enhanced(said)))
        raise NotSent(f"{self._at} answered something that is not SMTP", code="connection_broken")

    @property
    def _at(self) -> str:
        return f"{self._server.host}:{self._server.port}"


def _context(server: Server) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=server.trusted)
    context.sslsocket_class = TimedTls
    return context


def _dotted(letter: bytes) -> bytes:
    ended = letter if letter.endswith(b"\r\n") else letter + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended)


def _enhanced(said: bytes) -> str:
    """Returns the enhanced status code alone (RFC 3463): the words beside it may repeat what was sent."""
    found = re.match(rb"[245]\.\d{1,3}\.\d{1,3}\b", said)
    return found[0].decode("ascii") if found else ""


def _meaning(code: str) -> str | None:
    """Returns what to do about the commonest refusals (RFC 3463 section 3)."""
    return {
        "5.1.1": "Correct the channel's address: nobody has it",
        "5.1.2": "Correct the channel's address: there is no such domain",
        "5.2.2": "Ask the channel's steward: the mailbox is full",
        "5.3.4": "Send smaller images",
        "5.7.1": "Ask whoever runs the mail server to let this account send",
    }.get(code)


def _advice(err: BaseException) -> str | None:
    if isinstance(err, ssl.SSLCertVerificationError):
        return f"The certificate is not trusted: {err.verify_message}; ca_path names a file of certificates of your own"
    return None
