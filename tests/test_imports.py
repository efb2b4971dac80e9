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

LIGHT = {
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
    report = f"{code}\nimport sys\nprint(*sys.modules, sep='\\n')"
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
