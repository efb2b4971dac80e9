"""Bytes that are older than the configuration keeps them go, a few at a time."""

from pfinbox.domain import retention as rules
from pfinbox.domain.retention import Limits
from pfinbox.record import record
from pfinbox.store import files, snapshots
from pfinbox.store.load import retention as load
from pfinbox.store.uow import UnitOfWork

# Rows looked at in one transaction.
_AT_A_TIME = 200


@record
class Step:
    """``removed`` of what was looked at; ``last``: its highest id, None where nothing is left."""

    removed: int
    last: int | None


async def limits(uow: UnitOfWork) -> Limits:
    """What the daemon's configuration says, as it is in the store."""
    return rules.limits(await snapshots.setting(uow, "inbox") or {}, uow.now)


async def remove_originals(uow: UnitOfWork, after: int) -> Step:
    """The next receipts above this id."""
    before = (await limits(uow)).raw
    found = await load.originals(uow, after, _AT_A_TIME) if before is not None else []
    if before is None or not found:
        return Step(0, None)
    if going := [one.id for one in found if rules.may_go(one, before)]:
        await files.remove_originals(uow, going)
    return Step(len(going), found[-1].id)


async def remove_files(uow: UnitOfWork, after: int) -> Step:
    """The next attachments above this id."""
    before = (await limits(uow)).files
    found = await load.files(uow, after, _AT_A_TIME) if before is not None else []
    if before is None or not found:
        return Step(0, None)
    if going := [one for one in found if rules.file_may_go(one, before)]:
        await files.remove_files(uow, going)
    return Step(len(going), found[-1].id)
