"""Postfix that takes mail over STARTTLS with a login, and Dovecot that shows the mailboxes over IMAP."""

from __future__ import annotations

import imaplib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.publishers.mail_place import PASSWORD, certificate
from tests.servers.process import NOBODY, free_port, need, running

SENDER = "alerts@police.example"
READER = "desk@bia.example"
READER_PASSWORD = "reader"

_MAIN = """\
compatibility_level = 3.6
queue_directory = {d}/queue
data_directory = {d}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
multi_instance_enable = yes
maillog_file = {d}/maillog
maillog_file_prefixes = /tmp, /var
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.bia.example
mydestination =
alias_maps =
mynetworks = 192.0.2.1/32
message_size_limit = 1000000
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {d}/tls/cert.pem
smtpd_tls_key_file = {d}/tls/key.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {d}/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ later@bia.example = 450 4.2.0 greylisted }} }}
  reject_unlisted_recipient, permit_sasl_authenticated, reject
virtual_mailbox_domains = bia.example
virtual_mailbox_maps = inline:{{ {reader}=desk/, later@bia.example=later/ }}
virtual_mailbox_base = {d}/mail
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
default_transport = error:5.1.2 no way out of here
relay_transport = error:5.1.2 no way out of here
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""
_DOVECOT = """\
base_dir = {d}/run
state_dir = {d}/run
log_path = {d}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
mail_uid = nobody
mail_gid = nogroup
passdb {{
  driver = passwd-file
  args = username_format=%u {d}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={d}/mail/%n allow_all_users=yes
}}
mail_location = maildir:{d}/mail/%n
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  unix_listener {d}/auth {{
    mode = 0666
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class MailServers:
    """Both servers running: where mail is handed in, and where it is read."""

    smtp_port: int
    imap_port: int
    trusted: Path

    def read(self, message_id: str, *, wait_s: float = 20) -> bytes:
        """Returns the mail of that Message-ID from the reader's mailbox, as soon as it is there."""
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            found = self.search("Message-ID", f"<{message_id}>")
            if found:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"no mail {message_id} arrived")

    def search(self, header: str, value: str) -> list[bytes]:
        """Returns the reader's mails with this header."""
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=10) as imap:
            imap.login(READER, READER_PASSWORD)
            imap.select("INBOX", readonly=True)
            _, rows = imap.search(None, "HEADER", header, f'"{value}"')
            return [imap.fetch(number, "(BODY[])")[1][0][1] for number in rows[0].decode().split()]  # type: ignore[index, misc]


@contextmanager
def mail_servers() -> Iterator[MailServers]:
    """Starts Postfix and Dovecot on free ports and stops both."""
    need("postfix", "dovecot", root=True)
    folder = Path(tempfile.mkdtemp(prefix="geoalert-mail-"))
    folder.chmod(0o777)
    try:
        smtp_port, imap_port = free_port(), free_port()
        _write(folder, smtp_port, imap_port)
        dovecot = ["dovecot", "-F", "-c", str(folder / "dovecot.conf")]
        postfix = ["postfix", "-c", str(folder / "etc"), "start-fg"]
        stop = ["postfix", "-c", str(folder / "etc"), "stop"]
        with (
            running(dovecot, port=imap_port, log=folder / "dovecot.out", user=NOBODY),
            running(postfix, port=smtp_port, log=folder / "postfix.out", stop=stop),
        ):
            yield MailServers(smtp_port, imap_port, folder / "tls" / "cert.pem")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, smtp_port: int, imap_port: int) -> None:
    certificate(folder / "tls")
    for name in ("etc", "queue", "data", "mail", "run"):
        (folder / name).mkdir()
    (folder / "etc" / "main.cf").write_text(_MAIN.format(d=folder, reader=READER))
    (folder / "etc" / "master.cf").write_text(_MASTER.format(port=smtp_port))
    (folder / "dovecot.conf").write_text(_DOVECOT.format(d=folder, port=imap_port))
    (folder / "users").write_text(f"{SENDER}:{{PLAIN}}{PASSWORD}\n{READER}:{{PLAIN}}{READER_PASSWORD}\n")
    for name in ("mail", "run"):
        shutil.chown(folder / name, NOBODY, NOBODY)
    shutil.chown(folder / "data", "postfix")
    subprocess.run(["postfix", "-c", str(folder / "etc"), "check"], capture_output=True, check=False, timeout=20)
