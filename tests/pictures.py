"""The pictures of the README: ``python -m tests.pictures`` draws them anew, dark and light.

python -m tests.pictures [FOLDER [COLUMNSxROWS [THEME ...]]]
"""

import asyncio
import re
import sys
import tempfile
from functools import partial
from pathlib import Path

from pfinbox.domain.leasing import Process
from pfinbox.services.system import leases
from pfinbox.store.write import accounts
from pfinbox.tui.settings.themes import DARK, LIGHT
from tests.builders import Inbox
from tests.tui.scene import morning
from tests.tui.stage import on_stage, settle, type_burst

FOLDER = Path(__file__).parent.parent / ".github" / "pictures"
SIZE = "116x32"
# What is typed, one after the other, to come to each picture.
STATES = {
    "inbox": "",
    "plan": "rYou are right, Maria. Here is invoice 2231 with the VAT number.",
    "picker": "\t",
}
# A picture in a page may load nothing: the reader's own font is used.
FONTS = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
NAMES = re.compile(r"font-family: (?:Fira Code|arial)[^;]*;")


async def draw(folder: Path, size: str, themes: list[str]) -> None:
    """One picture of each state in each theme."""
    columns, rows = map(int, size.split("x"))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        inbox = await morning(f"sqlite+aiosqlite:///{made}/inbox")
        await serve(inbox)
        async with on_stage(inbox, size=(columns, rows), agent_name="Anna Lis") as (app, pilot):
            for state, keys in STATES.items():
                await type_burst(pilot, keys)
                for theme in themes:
                    app.theme = theme
                    await settle(pilot)
                    drawn = FONTS.sub("", app.export_screenshot(title="pfinbox"))
                    drawn = NAMES.sub(
                        "font-family: ui-monospace, Menlo, Consolas, monospace;", drawn
                    )
                    name = f"{state}-{theme.removeprefix('pfinbox-')}.svg"
                    (folder / name).write_text(drawn, encoding="utf-8")


async def serve(inbox: Inbox) -> None:
    """As if a daemon ran and every account did well."""
    lease = await inbox.store.run(lambda uow: leases.start(uow, Process("alpha", 1)))
    ids = list(inbox.account_ids.values())
    await inbox.store.run(lambda uow: leases.acquire(uow, lease, accounts=ids))
    for one in ids:
        await inbox.store.run(partial(accounts.set_state, account_id=one, state="ok"))


if __name__ == "__main__":
    given = sys.argv[1:]
    folder = Path(given[0]) if given else FOLDER
    asyncio.run(draw(folder, given[1] if given[1:] else SIZE, given[2:] or [DARK, LIGHT]))
