"""How far chats were read by our side, of accounts that tell their service so."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.roots import members
from pfinbox.store.settings import SENDING_IS_HELD
from pfinbox.store.uow import UnitOfWork

# So many messages of one chat are taken for read at a time.
_AT_ONCE = 20
_TOLD = t.account.c.capabilities.op("&")(int(Capability.MARKS_READ)) != 0


@record
class ReadUpTo:
    """What a service is to be told: the client's messages up to which a chat was read.

    The newest ones, oldest first; of the last one the service was not told yet.
    """

    chat_id: int
    comment_id: int
    account_id: int
    chat_key: str
    source_ids: tuple[str, ...]


async def last_said(uow: UnitOfWork, root_id: int, up_to: int) -> dict[int, int]:
    """The client's last comment up to that one, by chat; only chats whose service is told."""
    chats = (
        select(t.binding.c.chat_id)
        .join(t.chat, t.chat.c.id == t.binding.c.chat_id)
        .join(t.account, t.account.c.id == t.chat.c.account_id)
        .where(t.binding.c.task_id.in_(members(root_id)), _TOLD)
        .distinct()
    )
    found = {}
    for chat_id in (await uow.connection.scalars(chats)).all():
        last = await uow.connection.scalar(
            select(func.max(t.comment.c.id)).where(
                t.comment.c.chat_id == chat_id,
                t.comment.c.id <= up_to,
                t.comment.c.direction == "incoming",
                t.comment.c.source_id != "",
            )
        )
        if last is not None:
            found[chat_id] = last
    return found


# A daemon asks whenever something was read or sent.
_TO_TELL = (
    select(
        t.chat_read.c.chat_id,
        t.chat_read.c.comment_id,
        t.chat.c.account_id,
        t.chat.c.key,
    )
    .join(t.chat, t.chat.c.id == t.chat_read.c.chat_id)
    .join(t.account, t.account.c.id == t.chat.c.account_id)
    .where(
        t.chat_read.c.told.is_(False),
        t.account.c.lease_id == bindparam("lease_id"),
        _TOLD,
        t.chat.c.blocked_at.is_(None),
        ~SENDING_IS_HELD,
    )
    .order_by(t.chat_read.c.comment_id)
    .limit(bindparam("limit"))
)


async def to_tell(uow: UnitOfWork, lease_id: int, limit: int) -> Sequence[ReadUpTo]:
    """What the services of this daemon's accounts have not been told yet, oldest first."""
    rows = await uow.connection.execute(_TO_TELL, {"lease_id": lease_id, "limit": limit})
    return [ReadUpTo(*row, await _said(uow, row.chat_id, row.comment_id)) for row in rows.all()]


async def _said(uow: UnitOfWork, chat_id: int, up_to: int) -> tuple[str, ...]:
    """What the client's newest messages in a chat are named by at the other side."""
    newest = (
        select(t.comment.c.source_id)
        .where(
            t.comment.c.chat_id == chat_id,
            t.comment.c.id <= up_to,
            t.comment.c.direction == "incoming",
            t.comment.c.source_id != "",
        )
        .order_by(t.comment.c.id.desc())
        .limit(_AT_ONCE)
    )
    return tuple((await uow.connection.scalars(newest)).all())[::-1]
