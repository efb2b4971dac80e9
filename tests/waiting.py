"""Two transactions that meet: one has to wait until the other one ends."""

import asyncio
from typing import Any

from sqlalchemy import text

from pfinbox.store.uow import Store


async def waits(store: Store, other: asyncio.Task[Any]) -> None:
    """Until ``other`` waits for a transaction, or is done; SQLite's wait in turn by themselves."""
    query = "select exists (select from pg_stat_activity where datname = current_database()"
    async with asyncio.timeout(10):
        while not (store.sqlite or other.done()):
            async with store.read() as uow:
                locked = text(f"{query} and wait_event_type = 'Lock')")
                if await uow.connection.scalar(locked):
                    return
