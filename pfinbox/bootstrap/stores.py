"""Opening the store that the configuration names; a missing one is made."""

from pfinbox.config import Config
from pfinbox.store import schema
from pfinbox.store.uow import Store


async def open_store(config: Config, *, upgrade: bool = False) -> Store:
    """The store, ready for use. StoreError: it cannot be opened, or has another schema.

    ``upgrade``: bring an older schema up to date (the daemon does, after a backup).
    """
    store = Store(config.database_url)
    try:
        if not await schema.create_missing(store):
            if upgrade and await schema.is_older(store):
                from pfinbox.bootstrap.backup import before_upgrade

                await before_upgrade(store)
                await schema.upgrade(store)
            await schema.check(store)
    except BaseException:
        await store.close()
        raise
    return store
