"""A post as one mail: text, HTML with its images inline, and the headers that threads and unsubscribing need.

Sources: RFC 5322 (Message-ID, In-Reply-To, References), RFC 2047 (encoded words), RFC 2387 and 2392 (related parts, cid), RFC 2369
and 8058 (List-Unsubscribe), RFC 3834 (Auto-Submitted), RFC 6376 (DKIM).
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from urllib.parse import quote

from geoalert.errors import ConfigurationError, Rejected
from geoalert.publishing import Post, Receipt

_POLICY = SMTP.clone(cte_type="7bit")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")
_WRITTEN = re.compile(r"(?P<name>[^<>]*)<(?P<spec>[^<>\s]+)>|(?P<bare>[^<>\s]+)")
_SUBJECT_LIMIT = 200
_FOLDS = 60
"""A word of this length fits no folded line and is encoded, which may be cut anywhere."""
_MOST_REFERENCES = 20
_ENCODED = "=?"
"""What an encoded word begins with: the library decodes it where it is set, line breaks included."""
_SIGNED = (
    "from to subject date message-id in-reply-to references mime-version content-type auto-submitted list-unsubscribe list-unsubscribe-post"
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose mails these are.

    Attributes:
        address: of the From header and the envelope, with a display name.
        unsubscribe_url: {channel} stands for the channel's id; https only, as RFC 8058 wants.
        unsubscribe_mail: address that a mail to leave is sent to.
    """

    address: Address
    unsubscribe_url: str | None = None
    unsubscribe_mail: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Dkim:
    """The key that signs: selector and domain name where its public half is published."""

    selector: str
    domain: str
    key: bytes


def read_sender(written: str, *, field: str) -> Address:
    """Returns the address of a sender, `Name <local@domain>` or bare.

    Raises:
        ConfigurationError: `invalid_account`.
    """
    found = _WRITTEN.fullmatch(written.strip())
    if found is not None and not _CONTROL.search(written) and _ENCODED not in written:
        try:
            return _address(found["bare"] or found["spec"], (found["name"] or "").strip().strip('"'))
        except ValueError:
            pass
    raise ConfigurationError(
        "not an address that mail can come from",
        code="invalid_account",
        field=field,
        value=written,
        do='Write "alerts@police.example" or "Hamilton Example Police <alerts@police.example>"',
    )


def recipient(post: Post) -> Address:
    """Returns the one address of a post.

    Raises:
        Rejected: `invalid_address`, also for several, for a line break, and for letters that only a few servers take before the @.
    """
    try:
        return _address(post.address.strip())
    except ValueError:
        pass
    raise Rejected(
        "not one e-mail address",
        code="invalid_address",
        channel=post.channel,
        field="address",
        value=post.address,
        do="Give the channel one address, local@domain",
    )


def message_id(key: str, sender: Sender) -> str:
    """Returns the Message-ID of a key, the same for every try, without its angle brackets."""
    return f"{key.lower()}@{sender.address.domain}"


def references(original: Receipt | None) -> tuple[str, ...]:
    """Returns the Message-IDs of a thread, first to last, that a reply to this receipt names."""
    if original is None:
        return ()
    earlier = original.raw.get("references", [])
    return (*(str(each) for each in earlier if isinstance(each, str)), original.id)[-_MOST_REFERENCES:]


def write_letter(post: Post, *, key: str, sender: Sender, at: datetime, dkim: Dkim | None = None) -> bytes:
    """Returns the mail's bytes, lines ended by CR LF and no longer than 998, in seven bits.

    Raises:
        Rejected: a title or link with a line break in it, or headers that came out as others (`header_refused`); an address that is none.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender.address
    mail["To"] = recipient(post)
    mail["Subject"] = _subject(post)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id(key, sender)}>"
    thread = references(post.reply_to)
    if thread:
        mail["In-Reply-To"] = f"<{thread[-1]}>"
        mail["References"] = " ".join(f"<{each}>" for each in thread)
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in _unsubscribe(post, sender):
        mail[name] = value
    ids = [f"image-{number}.{message_id(key, sender)}" for number in range(1, len(post.media) + 1)]
    mail.set_content(_text(post))
    mail.add_alternative(_page(post, ids), subtype="html")
    mail["Content-Language"] = _one_line(post, "language")
    page = mail.get_payload()[1]  # type: ignore[index]
    for number, (item, cid) in enumerate(zip(post.media, ids, strict=True), 1):
        maintype, _, subtype = item.media_type.partition("/")
        name = f"image-{number}{item.suffix}"
        page.add_related(item.content, maintype, subtype, cid=f"<{cid}>", filename=name, disposition="inline")  # type: ignore[union-attr]
    whole = mail.as_bytes()
    _check_headers(whole, mail, post)
    return whole if dkim is None else signature(whole, dkim) + whole


def signature(whole: bytes, dkim: Dkim) -> bytes:
    """Returns the DKIM-Signature header of a mail.

    Raises:
        ConfigurationError: `missing_extra`, or a key that cannot sign (`invalid_account`).
    """
    try:
        import dkim as dkimpy  # type: ignore[import-untyped]
    except ImportError as err:
        raise missing_dkim() from err
    present = {line.partition(b":")[0].lower().decode("latin-1") for line in whole.partition(b"\r\n\r\n")[0].split(b"\r\n")}
    names = [name.encode("ascii") for name in _SIGNED.split() if name in present]
    try:
        made: bytes = dkimpy.sign(
            whole,
            dkim.selector.encode("idna"),
            dkim.domain.encode("idna"),
            dkim.key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=names,
        )
    except (dkimpy.DKIMException, ValueError):
        # No cause: a parser's error may show a piece of the key.
        pass
    else:
        return made
    raise ConfigurationError("the DKIM key cannot sign", code="invalid_account", field="dkim_key", do="Give an RSA private key as PEM")


def missing_dkim() -> ConfigurationError:
    """Returns the error for an account that signs where dkimpy is not installed."""
    return ConfigurationError("DKIM needs dkimpy", code="missing_extra", field="dkim_key", do="Install it: pip install 'geoalert[email]'")


def _address(spec: str, name: str = "") -> Address:
    local, _, domain = spec.rpartition("@")
    try:
        known = domain.encode("idna").decode("ascii")
    except UnicodeError as err:
        raise ValueError("no domain") from err
    odd = local.startswith(".") or local.endswith(".") or ".." in local or _ENCODED in local
    if odd or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(known):
        raise ValueError("no address")
    return Address(name, local, known)


def _one_line(post: Post, field: str) -> str:
    value = str(getattr(post, field) or "")
    if _CONTROL.search(value):
        raise Rejected(
            f"the {field} has a line break or control character in it",
            code="header_refused",
            channel=post.channel,
            field=field,
            do="Write it on one line",
        )
    return value


class _Subject(str):
    """A Subject written as it stands; a str that the library sets would be searched for encoded words first."""

    name = "Subject"

    def fold(self, *, policy: EmailPolicy) -> str:
        """Returns the header's lines; what looks like an encoded word is encoded itself, so that readers show it."""
        plain = self.isascii() and _ENCODED not in self and all(len(word) < _FOLDS for word in self.split())
        charset = "us-ascii" if plain else "utf-8"
        return f"Subject: {Header(str(self), charset, header_name='Subject').encode(linesep=policy.linesep)}{policy.linesep}"


def _check_headers(whole: bytes, mail: EmailMessage, post: Post) -> None:
    """Refuses a mail whose header on the wire holds other fields than were set, or ends before its first part."""
    head, _, body = whole.partition(b"\r\n\r\n")
    written = [line.partition(b":")[0].decode("latin-1") for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    if written != mail.keys() or not body.startswith(f"--{mail.get_boundary()}\r\n".encode("ascii")):
        raise Rejected("a header would become several", code="header_refused", channel=post.channel, do="Leave out what begins with =?")


def _subject(post: Post) -> _Subject:
    written = _one_line(post, "title") or next((line.strip() for line in post.text.splitlines() if line.strip()), "")
    written = _CONTROL.sub(" ", written)
    return _Subject(written if len(written) <= _SUBJECT_LIMIT else f"{written[: _SUBJECT_LIMIT - 1]}…")


def _unsubscribe(post: Post, sender: Sender) -> list[tuple[str, str]]:
    ways = []
    if sender.unsubscribe_url is not None:
        ways.append(f"<{sender.unsubscribe_url.replace('{channel}', quote(post.channel, safe=''))}>")
    if sender.unsubscribe_mail is not None:
        ways.append(f"<mailto:{sender.unsubscribe_mail}?subject=unsubscribe%20{quote(post.channel, safe='')}>")
    found = [("List-Unsubscribe", ", ".join(ways))] if ways else []
    return [*found, ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] if sender.unsubscribe_url is not None else found


def _text(post: Post) -> str:
    link = _one_line(post, "link")
    return f"{post.text}\n\n{link}" if link and link not in post.text else post.text


def _page(post: Post, ids: Sequence[str]) -> str:
    paragraphs = [html.escape(part).replace("\n", "<br>\n") for part in re.split(r"\n{2,}", post.text.replace("\r\n", "\n"))]
    link = html.escape(_one_line(post, "link"))
    if link:
        paragraphs.append(f'<a href="{link}">{link}</a>')
    images = [
        f'<img src="cid:{cid}" alt="{html.escape(item.alt)}" width="{item.width_px}" height="{item.height_px}" '
        'style="max-width:100%;height:auto">'
        for item, cid in zip(post.media, ids, strict=True)
    ]
    body = "\n".join(f"<p>{part}</p>" for part in [*paragraphs, *images])
    language = html.escape(post.language)
    return f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8"></head>\n<body dir="auto">\n{body}\n</body>\n</html>\n'
