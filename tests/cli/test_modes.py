"""What the program makes is for its user alone, whatever umask it was started with."""

import logging
import os
import resource
import stat
from pathlib import Path

import pytest

from tests.builders import Inbox, a_file
from tests.cli.conftest import Cli


async def _with_a_file(inbox: Inbox) -> None:
    await inbox.says("See", files=(a_file("photo.png"),))


def test_every_file_and_folder_is_private_under_any_umask(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Store, journal, backups, copies before a restore, saved files, locks, stamps and logs."""
    cli.inbox(_with_a_file)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.chdir(home)
    for name in ("STATE", "DATA", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    own = home / "new.toml"
    own.write_text(f'[database]\nurl = "sqlite:///{home}/deep/down/inbox.sqlite"\n')
    own.chmod(0o600)
    handlers = logging.getLogger().handlers[:]
    old = os.umask(0)
    try:
        for words in (
            ("attachment", "get", 1),
            ("attachment", "get", 1, "--to", "given.png"),
            ("backup", "saved/backup"),
            ("restore", "saved/backup", "--force"),
            ("daemon", "--once"),
            ("--config", own, "task", "list"),
            ("--config", own, "restore", "saved/backup", "--force"),
            ("--config", own, "daemon", "--once", "--attended"),
        ):
            os.umask(0)
            cli(*words)
    finally:
        os.umask(old)
        logging.getLogger().handlers[:] = handlers
    store = Path(cli.url.partition("///")[2])
    made = [*home.rglob("*"), *store.parent.glob(f"{store.name}*")]
    assert len(made) > 12
    names = {path.name for path in made}
    assert {"photo.png", "given.png", "pfinbox.sqlite", "manifest.json", "daemon.log"} <= names
    assert any(".before-restore-" in name for name in names)
    wide = [path for path in made if stat.S_IMODE(path.lstat().st_mode) & 0o077]
    assert wide == []
    # No program of ours leaves its memory in a file.
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 1
