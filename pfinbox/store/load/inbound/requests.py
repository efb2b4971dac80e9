"""Requests that the web door has kept and no channel has taken yet."""

from sqlalchemy import bindparam, func, select

from pfinbox.domain.contract.webhook import Kept, Request
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_r = t.kept_request.c
_WAITING = (
    select(t.kept_request)
    .where(_r.account_id == bindparam("account"), _r.id > bindparam("after"))
    .order_by(_r.id)
    .limit(bindparam("most"))
)


@record
class Queue:
    """How much waits for an account; ``size`` in bytes."""

    count: int
    size: int


async def waiting(uow: UnitOfWork, account_id: int, after: int, most: int) -> list[Kept]:
    """The next kept requests of the account, oldest first."""
    rows = await uow.connection.execute(
        _WAITING, {"account": account_id, "after": after, "most": most}
    )
    return [
        Kept(
            row.id,
            Request(
                method="POST",
                rest="",
                headers=row.headers,
                body=row.body,
                received_at=row.received_at,
            ),
        )
        for row in rows
    ]


async def queue(uow: UnitOfWork, account_id: int) -> Queue:
    """What waits for the account now."""
    found = select(func.count(), func.coalesce(func.sum(_r.size), 0)).where(
        _r.account_id == account_id
    )
    row = (await uow.connection.execute(found)).one()
    return Queue(int(row[0]), int(row[1]))
