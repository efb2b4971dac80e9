"""The messages of one visitor's chat, and what else its window shows (R46)."""

from datetime import datetime

from pfinbox.domain.actor import SystemActor
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store.load.outbound import typing
from pfinbox.store.read import presence
from pfinbox.store.read.portal import chat
from pfinbox.store.rows import AttachmentRow, PortalCommentRow
from pfinbox.store.rows.portal import Mark
from pfinbox.store.uow import UnitOfWork

# Seconds, as in messengers: what an agent has answered stays what it was an answer to.
EDIT_WITHIN = 15 * 60


@record
class Visited:
    """A chat of an account, by the visitor's key."""

    account: str
    visitor: str


@record
class Talk:
    """The newest messages, oldest first; ``unseen``: how many of ours were not seen yet.

    ``asks``: an e-mail address would help, as what is not seen could follow there. ``now``: when
    that was so.
    """

    now: datetime
    messages: tuple[PortalCommentRow, ...] = ()
    unseen: int = 0
    asks: bool = False


async def talk(uow: UnitOfWork, _actor: SystemActor, here: Visited) -> Talk:
    """What was said; nothing before the first word was received."""
    found = await chat.chat_id(uow, here.account, here.visitor)
    if found is None:
        return Talk(uow.now)
    unseen = await chat.unseen(uow, found)
    asks = not await chat.reachable(uow, found)
    return Talk(uow.now, await chat.messages(uow, found), len(unseen), asks)


def left_for(message: PortalCommentRow, now: datetime) -> int:
    """The seconds in which its visitor may still change a message."""
    return max(0, EDIT_WITHIN - int((now - message.created_at).total_seconds()))


async def editable(uow: UnitOfWork, _actor: SystemActor, here: Visited, key: str) -> int | None:
    """The seconds in which a message may be changed; None where the visitor has none of that key.

    ``key``: the window's own id of the message. It may be taken back at any time.
    """
    found = await chat.chat_id(uow, here.account, here.visitor)
    mine = await chat.mine(uow, found, f"{here.visitor}:{key}") if found is not None else None
    return left_for(mine, uow.now) if mine is not None else None


async def news(uow: UnitOfWork, _actor: SystemActor, here: Visited) -> tuple[Mark, ...]:
    """What the newest messages are known by: another one for every change that is shown."""
    found = await chat.chat_id(uow, here.account, here.visitor)
    return await chat.marks(uow, found) if found is not None else ()


async def writer(uow: UnitOfWork, _actor: SystemActor, here: Visited) -> str | None:
    """The agent who is writing to the visitor now, as outsiders call them."""
    found = await chat.chat_id(uow, here.account, here.visitor)
    return await typing.to(uow, found) if found is not None else None


async def anybody(uow: UnitOfWork, _actor: SystemActor, account: str) -> bool:
    """Whether somebody is there to answer."""
    return await presence.anybody_at(uow, account)


async def mails(uow: UnitOfWork, _actor: SystemActor, account: str) -> bool:
    """Whether it helps to leave an e-mail address."""
    return await chat.mails(uow, account)


async def task(uow: UnitOfWork, _actor: SystemActor, here: Visited) -> int:
    """The task that the chat has now; NotFound before the first word was received."""
    found = await chat.chat_id(uow, here.account, here.visitor)
    current = await chat.current_task(uow, found) if found is not None else None
    if current is None:
        raise NotFound(_("nothing was said here yet"))
    return current


async def file(
    uow: UnitOfWork, _actor: SystemActor, here: Visited, attachment_id: int
) -> tuple[AttachmentRow, bytes]:
    """A file of this chat; any other one is not found."""
    found = await chat.chat_id(uow, here.account, here.visitor)
    given = await chat.file(uow, found, attachment_id) if found is not None else None
    if given is None:
        raise NotFound(_("there is no such file"))
    return given


async def picture(uow: UnitOfWork, _actor: SystemActor, digest: str) -> tuple[str, bytes]:
    """An agent's picture, by what it is known by outside."""
    found = await chat.picture(uow, digest)
    if found is None:
        raise NotFound(_("there is no such file"))
    return found
