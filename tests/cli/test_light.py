"""Commands come at once: what is slow to import is imported by those who need it."""

import json
import subprocess
import sys
from pathlib import Path

HEAVY = {
    *("aiogram", "aiohttp", "alembic", "textual", "aioimaplib", "aiosmtplib"),
    *("sqlalchemy.orm", "sqlalchemy.dialects.postgresql"),
}

# What they print is of no interest here.
REPORT = """
import contextlib, io, json, sys
from pfinbox.cli.entry import run
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()):
        code = run(words)
    print(json.dumps([code, *sorted(sys.modules.keys() & json.loads(sys.argv[2]))]))
"""


def test_a_command_imports_nothing_heavy_even_to_make_the_store(tmp_path: Path) -> None:
    """All in one process, which costs a second; help comes first and needs no database either."""
    config = tmp_path / "config.toml"
    config.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path / "x.sqlite"}"\n'
        '[accounts.bot]\nchannel = "telegram"\ntoken = "1:x"\n'
    )
    commands = [
        "--help",
        "task --help",
        "task list",
        "task new --title x",
        "contact list --json",
        "agent list",
        "account list",
        "outbox list",
        "quarantine list",
        "search x",
        "status",
    ]
    words = [["--config", str(config), "--agent", "anna", *one.split()] for one in commands]
    unwanted = json.dumps(sorted(HEAVY | {"sqlalchemy"}))
    done = subprocess.run(
        [sys.executable, "-c", REPORT, json.dumps(words), unwanted],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    imported = map(json.loads, done.stdout.splitlines())
    assert dict(zip(commands, imported, strict=True)) == {
        one: [0] if "--help" in one else [0, "sqlalchemy"] for one in commands
    }
