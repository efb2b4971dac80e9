"""Whether a whole store may be replaced or copied: nobody works on it, nothing is in it."""

from sqlalchemy import func, select

from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.uow import Store, UnitOfWork

_TELLING = (t.task, t.contact, t.receipt, t.comment)


async def must_stand_still(uow: UnitOfWork) -> None:
    """Refused while a daemon runs."""
    daemon = await read.daemon(uow)
    if daemon is not None:
        raise Refused(
            _("a daemon is running on {host} (pid {pid}); stop it first").format(
                host=daemon.host, pid=daemon.pid
            )
        )


async def has_anything(store: Store) -> bool:
    """Whether anything was ever received or written in this store."""
    async with store.read() as uow:
        for table in _TELLING:
            if await uow.connection.scalar(select(func.count()).select_from(table)):
                return True
    return False
