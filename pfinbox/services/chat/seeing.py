"""A visitor sees what was sent, and is seen to be writing."""

from pfinbox.domain.actor import SystemActor
from pfinbox.services.chat.reading import Visited
from pfinbox.store.read.portal import chat
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import chats
from pfinbox.store.write.outbound import deliveries


async def seen(uow: UnitOfWork, _actor: SystemActor, here: Visited, up_to: int) -> bool:
    """All messages up to the comment ``up_to``; False: they were seen already."""
    found = await chat.chat_id(uow, here.account, here.visitor)
    new = await chat.unseen(uow, found, up_to) if found is not None else ()
    if new:
        await deliveries.reported(uow, new, uow.now, seen=True)
        uow.touch("tasks", "outbox")
    return bool(new)


async def writes(uow: UnitOfWork, _actor: SystemActor, here: Visited, *, now: bool) -> None:
    """The visitor is writing ``now``, or no longer: whoever has the task open sees it."""
    found = await chat.chat_id(uow, here.account, here.visitor)
    if found is not None:
        await chats.change(uow, found, writing_at=uow.now if now else None)
        uow.touch("presence")
