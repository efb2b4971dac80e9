"""A private Dovecot on loopback for tests: any user name signs in with ``PASSWORD``.

Works as root (mail then belongs to ``nobody``) and as an ordinary user. Fixtures: ``dovecot``
(one server a session) and ``mailbox`` (a fresh user each test).
"""

import contextlib
import getpass
import grp
import imaplib
import itertools
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.servers.certificates import Certificate
from tests.servers.required import missing

PASSWORD = "p4ssword-of-the-mailbox-0815"
_STARTING = 15.0

_CONFIG = """
base_dir = {dir}/run
state_dir = {dir}/state
instance_name = pf{imap_port}
log_path = {dir}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
{ssl}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_plugins = $mail_plugins quota
plugin {{
  quota = maildir:User quota
}}
mail_max_userip_connections = 200
mailbox_list_index = no
lmtp_save_to_detail_mailbox = no
recipient_delimiter = +
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner_group} home={dir}/mail/%n allow_all_users=yes \
quota_rule=*:bytes=%{{if;%n;~;full*;1;0}}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
}}
service imap-login {{
  {chroot}
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
service anvil {{
  {chroot}
  # Otherwise each wrong password makes the next sign-in from this host slower.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  {chroot}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server."""

    folder: Path
    imap_port: int
    lmtp_port: int
    # With a certificate; 0: there is none.
    imaps_port: int = 0

    def doveadm(self, *arguments: str) -> str:
        command = ["doveadm", "-c", str(self.folder / "dovecot.conf"), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def user(self, *, full: bool = False) -> "Mailbox":
        """A new one; with ``full`` nothing fits into its mailbox any more."""
        return Mailbox(self, f"{'full' if full else 'u'}{uuid.uuid4().hex[:12]}")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One user's mail; ``username`` signs in with ``PASSWORD``."""

    server: Dovecot
    username: str

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return self.server.imap_port

    @property
    def address(self) -> str:
        return f"{self.username}@example.com"

    def deliver(self, *mails: bytes) -> None:
        """Into INBOX as a mail server would, by LMTP."""
        with smtplib.LMTP("127.0.0.1", self.server.lmtp_port) as lmtp:
            for mail in mails:
                lmtp.sendmail("client@example.org", [self.address], mail)

    def append(
        self,
        mail: bytes,
        folder: str = "INBOX",
        when: datetime | None = None,
        *,
        flags: str = "",
    ) -> None:
        with self.imap() as imap:
            stamp = imaplib.Time2Internaldate(when) if when else ""
            _check(imap.append(_quoted(folder), flags, stamp, mail))

    def create(self, folder: str) -> None:
        with self.imap() as imap:
            _check(imap.create(_quoted(folder)))

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        with self.imap() as imap:
            _check(imap.select(_quoted(folder), readonly=True))
            found = _check(imap.search(None, "ALL"))[0].split()
            return [_check(imap.fetch(one, "(BODY.PEEK[])"))[0][1] for one in found]

    def flags(self, folder: str = "INBOX") -> list[str]:
        with self.imap() as imap:
            _check(imap.select(_quoted(folder), readonly=True))
            found = _check(imap.fetch("1:*", "(FLAGS)"))
            return [line.decode() for line in found if line]

    def renew_uidvalidity(self, folder: str = "INBOX") -> None:
        """What happens after the mailbox was rebuilt or moved to another server."""
        validity = str(2_000_000_000 + uuid.uuid4().int % 1_000_000)
        arguments = ("-u", self.username, "--uid-validity", validity, folder)
        self.server.doveadm("mailbox", "update", *arguments)

    @contextmanager
    def imap(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.server.imap_port, timeout=10)
        try:
            client.login(self.username, PASSWORD)
            yield client
        finally:
            client.logout()


def _check(answer: tuple[str, list]) -> list:  # type: ignore[type-arg]  # imaplib's own shape
    status, data = answer
    assert status == "OK", data
    return data


def _quoted(folder: str) -> str:
    return f'"{folder}"'


def why_missing() -> str | None:
    """Why Dovecot cannot be run here, or None."""
    for program in ("dovecot", "doveadm"):
        if shutil.which(program) is None:
            return f"{program} is not installed (apt-get install dovecot-imapd dovecot-lmtpd)"
    return None


@contextmanager
def run_dovecot(certificate: Certificate | None = None) -> Iterator[Dovecot]:
    """A server in a short temporary folder: paths of sockets may have 107 bytes at most.

    With ``certificate`` it has STARTTLS, and IMAP over TLS at a port of its own.
    """
    folder = Path(tempfile.mkdtemp(prefix="pfd", dir="/tmp"))
    try:
        for _attempt in itertools.count():
            imaps_port = free_port() if certificate is not None else 0
            server = Dovecot(folder, free_port(), free_port(), imaps_port)
            process = _start(server, certificate)
            if _is_up(process, server):
                break
            _stop(process)
            assert _attempt < 3, (folder / "dovecot.log").read_text()[-2000:]
        try:
            yield server
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(server: Dovecot, certificate: Certificate | None) -> "subprocess.Popen[bytes]":
    folder = server.folder
    me = getpass.getuser()
    group = grp.getgrgid(os.getgid()).gr_name
    root = os.geteuid() == 0
    owner = "nobody" if root else me
    owner_group = grp.getgrgid(pwd.getpwnam(owner).pw_gid).gr_name
    for name in ("run", "state", "mail"):
        (folder / name).mkdir(exist_ok=True)
    if root:  # Dovecot refuses mail that belongs to root
        folder.chmod(0o755)
        shutil.chown(folder / "mail", owner, owner_group)
    ssl = "ssl = no"
    if certificate is not None:
        ssl = f"ssl = yes\nssl_cert = <{certificate.certificate}\nssl_key = <{certificate.key}"
    config = _CONFIG.format(
        ssl=ssl,
        imaps="yes" if certificate is not None else "no",
        imaps_port=server.imaps_port,
        dir=folder,
        imap_port=server.imap_port,
        lmtp_port=server.lmtp_port,
        internal="dovecot" if root else me,
        internal_group="dovecot" if root else group,
        login="dovenull" if root else me,
        owner=owner,
        owner_group=owner_group,
        password=PASSWORD,
        chroot="" if root else "chroot =",
    )
    (folder / "dovecot.conf").write_text(config)
    return subprocess.Popen(
        ["dovecot", "-F", "-c", str(folder / "dovecot.conf")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def restart(server: Dovecot) -> None:
    """Start a server again that ``doveadm stop`` has stopped; it ends with the next one."""
    subprocess.Popen(
        ["dovecot", "-c", str(server.folder / "dovecot.conf")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ).wait()


def _is_up(process: "subprocess.Popen[bytes]", server: Dovecot) -> bool:
    until = time.monotonic() + _STARTING
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.imap_port), timeout=1) as sock:
                if sock.recv(20).startswith(b"* OK"):
                    return True
        except OSError:
            time.sleep(0.05)  # until the port is open; there is nothing to wait on
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    # With its children: it would wait a second for them.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    reason = why_missing()
    if reason is not None:
        missing(reason)
    with run_dovecot() as server:
        yield server


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    return dovecot.user()
