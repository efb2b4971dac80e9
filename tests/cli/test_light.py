"""Commands come at once: what is slow to import is imported by those who need it."""

import json
import subprocess
import sys
from pathlib import Path

HEAVY = {"aiogram", "aiohttp", "alembic", "textual", "aioimaplib", "aiosmtplib"}

# One process a list of commands, which costs a second: what they print is of no interest here.
REPORT = """
import contextlib, io, json, sys
from pfinbox.cli.entry import run
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()):
        code = run(words)
    print(json.dumps([code, *(sys.modules.keys() & json.loads(sys.argv[2]))]))
"""


def imported(commands: list[list[str]], unwanted: set[str]) -> list[list[object]]:
    """Of each command its exit code and the unwanted that it, or one before it, has imported."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT, json.dumps(commands), json.dumps(sorted(unwanted))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_command_imports_nothing_heavy_even_to_make_the_store(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path / "x.sqlite"}"\n'
        '[accounts.bot]\nchannel = "telegram"\ntoken = "1:x"\n'
    )
    commands = [
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
    assert dict(zip(commands, imported(words, HEAVY), strict=True)) == {c: [0] for c in commands}


def test_help_imports_no_database_either() -> None:
    assert imported([["--help"], ["task", "--help"]], HEAVY | {"sqlalchemy"}) == [[0], [0]]
