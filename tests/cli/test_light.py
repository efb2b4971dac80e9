"""Commands come at once: what is slow to import is imported by those who need it."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"aiogram", "aiohttp", "alembic", "textual", "aioimaplib", "aiosmtplib"}

REPORT = """
import sys
from pfinbox.cli.entry import run
code = run(sys.argv[1:])
print(*sys.modules, sep="\\n", file=sys.stderr)
sys.exit(code)
"""


def imported(*arguments: object) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "words",
    [
        ("task", "list"),
        ("task", "new", "--title", "x"),
        ("contact", "list", "--json"),
        ("agent", "list"),
        ("account", "list"),
        ("outbox", "list"),
        ("quarantine", "list"),
        ("search", "x"),
        ("status",),
    ],
    ids=" ".join,
)
def test_a_command_imports_nothing_heavy_even_to_make_the_store(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path / "x.sqlite"}"\n'
        '[accounts.bot]\nchannel = "telegram"\ntoken = "1:x"\n'
    )
    found = imported("--config", config, "--agent", "anna", *words)
    assert found & HEAVY == set()


def test_help_imports_no_database_either() -> None:
    for words in (("--help",), ("task", "--help")):
        assert imported(*words) & (HEAVY | {"sqlalchemy"}) == set()
