"""What was sent to a page of ours and follows by e-mail unless its contact sees it in time."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from pfinbox.domain.contract.channel import Limits
from pfinbox.domain.outbound.delivery import State
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.settings import SENDING_IS_HELD
from pfinbox.store.uow import UnitOfWork


@record
class Unseen:
    """A delivery that waits to be seen; ``task_id`` and ``contact_id`` are those of the roots."""

    delivery_id: int
    comment_id: int
    chat_id: int
    task_id: int
    contact_id: int
    text: str
    account_id: int
    address: str
    due_at: datetime

    @property
    def mail(self) -> tuple[int, int, int, str]:
        """What goes in one mail: of one task, from one chat, by one account, to one address."""
        return self.task_id, self.chat_id, self.account_id, self.address


async def unseen(uow: UnitOfWork, lease_id: int) -> list[Unseen]:
    """Of the chats of this lease's accounts, in the order in which it was said."""
    rows = await uow.connection.execute(_unseen(), {"lease_id": lease_id})
    return [
        Unseen(
            row.id,
            row.comment_id,
            row.chat_id,
            row.root_id,
            row.contact_root,
            row.text,
            row.later_account_id,
            row.later_address,
            row.sent_at + timedelta(seconds=Limits(**row.limits).mail_after or 0),
        )
        for row in rows
    ]


@cache
def _unseen() -> Select[Any]:
    return (
        select(
            t.delivery.c.id,
            t.delivery.c.comment_id,
            t.delivery.c.chat_id,
            t.delivery.c.later_account_id,
            t.delivery.c.later_address,
            t.delivery.c.sent_at,
            t.comment.c.text,
            t.task.c.root_id,
            t.contact.c.root_id.label("contact_root"),
            t.account.c.limits,
        )
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .join(t.contact, t.contact.c.id == t.delivery.c.contact_id)
        .join(t.account, t.account.c.id == t.delivery.c.account_id)
        .where(
            t.delivery.c.later_address.is_not(None),
            t.delivery.c.state == State.SENT,
            t.account.c.lease_id == bindparam("lease_id"),
            t.SHOWN,
            ~SENDING_IS_HELD,
        )
        .order_by(t.comment.c.created_at, t.comment.c.id)
    )


async def files(uow: UnitOfWork, comment_ids: list[int]) -> list[tuple[int, int, int]]:
    """The files of these comments: comment, id and size."""
    rows = await uow.connection.execute(
        select(t.attachment.c.comment_id, t.attachment.c.id, t.attachment.c.size)
        .where(t.attachment.c.comment_id.in_(comment_ids))
        .order_by(t.attachment.c.id)
    )
    return [(row.comment_id, row.id, row.size) for row in rows]
