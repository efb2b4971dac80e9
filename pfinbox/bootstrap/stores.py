"""Opening the store that the configuration names; a missing one is made."""

from collections.abc import Awaitable, Callable

from pfinbox.config import Config
from pfinbox.store import schema
from pfinbox.store.engine import Engines, make_engines
from pfinbox.store.uow import Store


async def open_store(
    config: Config,
    *,
    upgrade: bool = False,
    allowed: Callable[[Store], Awaitable[None]] | None = None,
    engines: Engines | None = None,
) -> Store:
    """The store, ready for use. StoreError: it cannot be opened, or has another schema.

    ``upgrade``: bring an older schema up to date (the daemon does, after a backup). ``allowed``:
    raises where whoever asks may not do what the store is opened for. ``engines``: as for Store.
    """
    store = Store(config.database_url, engines=engines or make_engines)
    try:
        if not await schema.create_missing(store):
            if allowed is not None:
                await allowed(store)
            if upgrade and await schema.is_older(store):
                from pfinbox.bootstrap.backups.backup import before_upgrade

                await before_upgrade(store)
                await schema.upgrade(store)
            await schema.check(store)
    except BaseException:
        await store.close()
        raise
    return store
