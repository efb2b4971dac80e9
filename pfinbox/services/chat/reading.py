"""The messages of one visitor's chat, and the files in them (R46)."""

from dataclasses import dataclass

from pfinbox.domain.actor import SystemActor
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store.read.portal import chat
from pfinbox.store.rows import AttachmentRow, PortalCommentRow
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Visited:
    """A chat of an account, by the visitor's key."""

    account: str
    visitor: str


async def messages(
    uow: UnitOfWork, _actor: SystemActor, here: Visited
) -> tuple[PortalCommentRow, ...]:
    """The newest messages, oldest first; none before the first word was received."""
    found = await chat.chat_id(uow, here.account, here.visitor)
    return await chat.messages(uow, found) if found is not None else ()


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
