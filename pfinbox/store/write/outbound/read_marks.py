"""Writing how far chats were read, and that their service knows."""

from collections.abc import Mapping

from sqlalchemy import update

from pfinbox.store import tables as t
from pfinbox.store.row_statements import inserting
from pfinbox.store.uow import UnitOfWork


async def read_up_to(uow: UnitOfWork, comments: Mapping[int, int]) -> None:
    """Raise how far chats were read, by chat; a service is told of a comment once."""
    if not comments:
        return
    statement = inserting(t.chat_read, uow.sqlite)
    await uow.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["chat_id"],
            set_={"comment_id": statement.excluded.comment_id, "told": statement.excluded.told},
            where=t.chat_read.c.comment_id < statement.excluded.comment_id,
        ),
        [
            {"chat_id": chat_id, "comment_id": comment_id, "told": False}
            for chat_id, comment_id in comments.items()
        ],
    )
    uow.touch("outbox")


async def told(uow: UnitOfWork, chat_id: int, comment_id: int) -> None:
    """The service knows, or can never be told, unless more was read meanwhile."""
    await uow.connection.execute(
        update(t.chat_read)
        .where(t.chat_read.c.chat_id == chat_id, t.chat_read.c.comment_id == comment_id)
        .values(told=True)
    )
