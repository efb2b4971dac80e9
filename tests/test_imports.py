"""Who imports whom: the contracts of import-linter, and no heavy library where none is needed.

aiogram alone takes three seconds to import; the TUI and most commands never need it.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

HEAVY = ("aiogram", "aiohttp", "alembic")
NETWORK = (*HEAVY, "aioimaplib", "aiosmtplib")
# what a channel's description leaves alone: settings are checked by every command
DATABASE_AND_SCREEN = ("sqlalchemy", "textual")

# As the program itself starts: what is imported as a module waits until something looks inside.
STARTS = "from pfinbox.importing import on_demand\non_demand()\n"
# What neither the first page of the screen nor a small command looks into.
LATER = (
    *NETWORK,
    *("sqlalchemy.orm", "chardet", "pfinbox.daemon.supervisor", "pfinbox.store.write.cards"),
    *("pfinbox.services.merging.merging", "pfinbox.services.inbound.receiving"),
    *("pfinbox.services.outbound.claiming", "pfinbox.store.load.cards"),
)
SQL = ("sqlalchemy", "aiosqlite", "pfinbox.store.tables", "pfinbox.services.queries")

LIGHT = {
    # The first page of the screen is there before the store is open.
    f"{STARTS}from pfinbox.bootstrap.terminal.screen import run_tui": (*LATER, *SQL),
    f"{STARTS}import pfinbox.cli.status": (*LATER, "textual", "pfinbox.services.people.agents"),
    f"{STARTS}import pfinbox.cli.task.reading": (*LATER, "textual", "pfinbox.services.tasks.tasks"),
    "import pfinbox.tui.app": HEAVY,
    "import pfinbox.bootstrap.first_start": (*NETWORK, "sqlalchemy"),
    "import pfinbox.config, pfinbox.plugins as p; p.channel_names()": (
        *NETWORK,
        *DATABASE_AND_SCREEN,
        "pfinbox.channels",
        "pfinbox.demo",
    ),
    "import pfinbox.plugins as p; p.load_channel('email')": (
        *NETWORK,
        *DATABASE_AND_SCREEN,
        "pfinbox.channels.telegram",
    ),
    "import pfinbox.plugins as p; p.load_channel('telegram'); p.load_channel('demo')": (
        *NETWORK,
        *DATABASE_AND_SCREEN,
        "pfinbox.channels.mail",
    ),
}


@pytest.mark.parametrize("code", LIGHT)
def test_it_leaves_heavy_libraries_unimported(code: str) -> None:
    """In a process of its own: this one has imported everything long ago."""
    loaded = "(n for n, m in sys.modules.items() if type(m).__name__ != 'LaterModule')"
    report = f"{code}\nimport sys\nprint(*{loaded}, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) & set(LIGHT[code]) == set()


def test_every_part_imports_only_what_it_may() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], capture_output=True, text=True, cwd=ROOT, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
