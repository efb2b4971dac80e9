"""The programs that bring a mailbox here and index it, for comparison: mbsync, notmuch, mu.

Debian: apt-get install isync notmuch maildir-utils. What is not installed is left out.
"""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.servers.dovecot import PASSWORD, Mailbox

_MBSYNC = """
FSync yes

IMAPAccount bench
Host {host}
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN
PipelineDepth 50

IMAPStore remote
Account bench

MaildirStore local
Path {folder}/mail/
Inbox {folder}/mail/INBOX

Channel bench
Far :remote:
Near :local:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""
_NOTMUCH = """
[database]
path={folder}/mail
[user]
primary_email=support@pfinbox.example
[new]
tags=unread;inbox
ignore=.mbsyncstate;.uidvalidity
[maildir]
synchronize_flags=false
"""


@dataclass(frozen=True)
class Peer:
    """Seconds for everything, and megabytes of the mails with the index."""

    name: str
    seconds: float
    megabytes: float


def run(mailbox: Mailbox, folder: Path) -> list[Peer]:
    """mbsync once, with fsync; then each indexer over its Maildir."""
    if shutil.which("mbsync") is None:
        return []
    (folder / "mail").mkdir(parents=True)
    config = folder / "mbsyncrc"
    values = {"host": mailbox.host, "port": mailbox.port, "user": mailbox.username}
    config.write_text(_MBSYNC.format(**values, password=PASSWORD, folder=folder))
    fetched = _timed("mbsync", "-q", "-c", str(config), "bench")
    tree = megabytes(folder / "mail")
    found = []
    if shutil.which("mu") is not None:
        os.environ["MUHOME"] = str(folder / "mu")
        _timed("mu", "init", "-q", f"--maildir={folder / 'mail'}")
        took = _timed("mu", "index", "-q")
        found.append(Peer("mbsync + mu", fetched + took, tree + megabytes(folder / "mu")))
    if shutil.which("notmuch") is not None:
        settings = folder / "notmuch-config"
        settings.write_text(_NOTMUCH.format(folder=folder))
        took = _timed("notmuch", f"--config={settings}", "new", "--quiet")
        found.append(Peer("mbsync + notmuch", fetched + took, megabytes(folder / "mail")))
    return found


def _timed(*command: str) -> float:
    os.sync()
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def megabytes(folder: Path) -> float:
    """What it takes on the disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file()) / 1e6
