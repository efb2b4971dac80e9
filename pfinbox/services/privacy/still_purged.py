"""What was purged after a backup was made does not come back with that backup (R34)."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.inbound import purged
from pfinbox.services.privacy import purging, trash
from pfinbox.services.tasks import awaiting_reply
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.load.purged import mac_key
from pfinbox.store.uow import UnitOfWork

_BATCH = 500


async def purge_again(uow: UnitOfWork, hashes: Collection[str]) -> int:
    """Remove every comment with one of these keyed hashes; how many there were."""
    if not hashes:
        return 0
    found = await _known(uow, set(hashes))
    tasks: dict[int, set[int]] = {}
    for some in _batches(sorted(found)):
        rows = await uow.connection.execute(
            select(t.comment.c.id, t.task.c.root_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .where(t.comment.c.id.in_(some))
        )
        for row in rows:
            tasks.setdefault(row.root_id, set()).add(row.id)
    for root_id, ids in sorted(tasks.items()):
        whole = await uow.connection.scalars(purging.of_tasks([root_id]))
        if len(ids) == len(whole.all()):
            await trash.empty(uow, None, [root_id])
            continue
        for some in _batches(sorted(ids)):
            await purging.forget(uow, select(t.comment.c.id).where(t.comment.c.id.in_(some)))
        await awaiting_reply.refresh(uow, root_id)
    make = sqlite.insert if uow.sqlite else postgresql.insert
    await uow.connection.execute(
        make(t.purged_id).on_conflict_do_nothing(), [{"hash": one} for one in sorted(hashes)]
    )
    return len(found)


async def _known(uow: UnitOfWork, hashes: set[str]) -> set[int]:
    accounts = await snapshots.accounts(uow)
    key = await mac_key(uow)
    queries = (
        select(t.part.c.comment_id, t.part.c.account_id, t.part.c.source_id),
        select(t.receipt.c.comment_id, t.receipt.c.account_id, purged.BYTES + t.receipt.c.sha256),
    )
    found: set[int] = set()
    for query in queries:
        for comment_id, account_id, source_id in await uow.connection.execute(query):
            if comment_id is None or account_id is None or source_id is None:
                continue
            if purged.purge_hash(key, accounts[account_id], source_id) in hashes:
                found.add(comment_id)
    came = select(t.comment.c.id, t.comment.c.account_id, t.comment.c.source_id, t.comment.c.digest)
    for row in await uow.connection.execute(came):
        if row.account_id is None or row.source_id is None:
            continue
        name = purged.identity(accounts[row.account_id], row.source_id, row.digest)
        if purged.purge_hash(key, accounts[row.account_id], name) in hashes:
            found.add(row.id)
    return found


def _batches(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
