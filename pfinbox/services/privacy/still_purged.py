"""What was purged after a backup was made does not come back with that backup (R34)."""

from collections.abc import Collection

from pfinbox.services.events import awaiting_reply
from pfinbox.services.privacy import trash
from pfinbox.store import load, write
from pfinbox.store.uow import UnitOfWork


async def purge_again(uow: UnitOfWork, hashes: Collection[str]) -> int:
    """Remove every comment with one of these keyed hashes; how many there were."""
    if not hashes:
        return 0
    found = await load.purged.still_here(uow, set(hashes))
    for root_id, ids in sorted(found.items()):
        if len(ids) == await load.purged.count(uow, load.purged.of_tasks([root_id])):
            await trash.empty(uow, None, [root_id])
            continue
        for some in load.purged.batches(ids):
            await trash.forget(uow, load.purged.of_ids(some))
        await awaiting_reply.refresh(uow, root_id)
    await write.purged.remember(uow, hashes)
    return sum(len(ids) for ids in found.values())
