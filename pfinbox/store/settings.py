"""Values of the store's own, by name."""

from typing import Any

from sqlalchemy import bindparam, delete, exists, select

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# On which machine an SQLite file was used last.
MACHINE = "machine"
# How many messages have been handed over.
HANDED_OVER = "handed_over"
# A restored database: why nothing is sent, and since when.
HELD = "sending_held"
SENDING_IS_HELD = exists().where(t.setting.c.name == HELD)

_VALUE = select(t.setting.c.value).where(t.setting.c.name == bindparam("asked"))
_VALUE_LOCKED = _VALUE.with_for_update()


async def write_setting(uow: UnitOfWork, name: str, value: Any) -> None:
    """Set a value of the store's own; anything JSON can hold."""
    await uow.put(t.setting, ("name",), [{"name": name, "value": value}])


async def remove(uow: UnitOfWork, name: str) -> bool:
    """Forget a value; False when there is none."""
    done = await uow.connection.execute(delete(t.setting).where(t.setting.c.name == name))
    return done.rowcount > 0


async def count_up(uow: UnitOfWork, name: str, by: int) -> int:
    """Raise a number of the store's own; returns it."""
    known = await uow.connection.scalar(_VALUE if uow.sqlite else _VALUE_LOCKED, {"asked": name})
    number = int(known or 0) + by
    await write_setting(uow, name, number)
    return number
