"""Values of the store's own, by name."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def write_setting(uow: UnitOfWork, name: str, value: Any) -> None:
    """Set a value of the store's own; anything JSON can hold."""
    make = sqlite.insert if uow.sqlite else postgresql.insert
    statement = make(t.setting).values(name=name, value=value)
    await uow.connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )
