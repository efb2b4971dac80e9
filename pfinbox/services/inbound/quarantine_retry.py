"""What could not be read is read again by the daemon, whose channels can, when a person asks.

A screen knows no channel; it leaves its wish at the receipt, and the outcome shows there too.
"""

from collections.abc import Collection, Sequence

from pfinbox.domain.actor import AgentActor, SystemActor
from pfinbox.domain.contract.incoming import Incoming, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.inbound import receiving
from pfinbox.store import read
from pfinbox.store.load.inbound import quarantine as load
from pfinbox.store.load.inbound.quarantine import Kept
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.inbound import quarantine


async def ask(uow: UnitOfWork, actor: AgentActor, receipt_ids: Sequence[int]) -> None:
    """Let the daemon read these again; NotFound where one is not this agent's to see."""
    for receipt_id in receipt_ids:
        await read.quarantine_item(uow, actor, receipt_id)
    await quarantine.ask(uow, receipt_ids)


async def next_asked(uow: UnitOfWork, lease_id: int, account_ids: Collection[int]) -> Kept | None:
    """The next one asked for, of these accounts where the daemon holds them still."""
    return await load.next_asked(uow, lease_id, account_ids)


async def read_again(uow: UnitOfWork, receipt_id: int, incoming: Incoming) -> int | None:
    """``incoming`` is what the bytes mean now; the comment's id where they mean something."""
    if await load.kept(uow, receipt_id) is None:
        return None  # by the command line, meanwhile
    if isinstance(incoming.event, Unreadable):
        await still_unreadable(uow, receipt_id, incoming.event.reason)
        return None
    comment_id = await receiving.reprocess(
        uow, SystemActor("reread"), receipt_id, lambda _key, _raw: incoming
    )
    await quarantine.tried(uow, receipt_id)
    return comment_id


async def still_unreadable(uow: UnitOfWork, receipt_id: int, reason: Reason) -> None:
    """It stays, with why and when it was tried."""
    await quarantine.still_unreadable(uow, receipt_id, reason)
    await quarantine.tried(uow, receipt_id)
