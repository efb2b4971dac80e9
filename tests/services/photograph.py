"""A store as plain values, for comparing before and after; automatic lines and records left out."""

from typing import Any

from sqlalchemy import select

from pfinbox.store import tables as t
from tests.builders import Inbox

# Only ever added (activity, merge), or derived from the rest.
LEFT_OUT = {"activity", "merge", "revision", "setting", "search_text", "presence"}


async def photograph(inbox: Inbox) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that a merge could touch, in one order."""
    found: dict[str, list[dict[str, Any]]] = {}
    async with inbox.store.read() as uow:
        for name, table in t.metadata.tables.items():
            if name in LEFT_OUT:
                continue
            key = list(table.primary_key.columns)
            rows = await uow.connection.execute(select(table).order_by(*key))
            found[name] = [dict(row._mapping) for row in rows]
    return found


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """What is not the same, for the message of a failed test."""
    found = []
    for name, rows in before.items():
        found += [f"{name} was {row}" for row in rows if row not in after[name]]
        found += [f"{name} is {row}" for row in after[name] if row not in rows]
    return found
