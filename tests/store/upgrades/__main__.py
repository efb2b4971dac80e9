"""Keep a store of today's schema, before a new revision is written."""

import asyncio
import tempfile
from pathlib import Path

from pfinbox.store.sqlite.header import HEAD
from tests.builders import Inbox
from tests.cli.others import world
from tests.servers.postgres import run_postgres
from tests.store.upgrades.keeping import FOLDER, keep, kept_as


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, run_postgres() as server:
        server.sql("CREATE DATABASE kept TEMPLATE template0")
        urls = {
            "sqlite": f"sqlite+aiosqlite:///{Path(folder) / 'kept.sqlite'}",
            "postgresql": server.url("kept"),
        }
        for kind, url in urls.items():
            inbox = await Inbox.make(url)
            await world(inbox)
            known = server if kind == "postgresql" else None
            await keep(inbox.store, kept_as(FOLDER, HEAD, kind), known)
            await inbox.store.close()


asyncio.run(main())
