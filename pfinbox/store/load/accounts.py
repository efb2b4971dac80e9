"""What accounts' rows say: who is awaited, who serves them, how far they were read."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.leasing import Holder, Process, Served
from pfinbox.domain.people.awaited import Awaited
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_BATCH = 500


@record
class Shown:
    """Where something received is shown."""

    comment_id: int
    task_id: int
    source_id: str | None


@record
class Reach:
    """When an account was reached last, for how many seconds its service keeps messages, and what
    is known to be missing.
    """

    account_id: int
    reached_at: datetime | None
    kept_for: int | None
    gap: Gap | None


async def awaited(uow: UnitOfWork) -> dict[int, Awaited]:
    """The accounts whose agents are not all here yet, with those who are missing."""
    rows = await uow.connection.execute(
        select(t.account.c.id, t.account.c.awaits).where(t.account.c.awaits.is_not(None))
    )
    return {row.id: Awaited.from_json(row.awaits) for row in rows if row.awaits}


async def receipt_keys(uow: UnitOfWork, account_id: int, prefix: str) -> frozenset[str]:
    """The keys of the account's receipts that begin with ``prefix``."""
    keys = await uow.connection.scalars(
        select(t.receipt.c.key).where(
            t.receipt.c.account_id == account_id,
            t.receipt.c.key.startswith(prefix, autoescape=True),
        )
    )
    return frozenset(keys)


async def has_chat(uow: UnitOfWork, account_id: int, key: str) -> bool:
    """Whether the account has a chat with this key."""
    named = select(t.chat.c.id).where(t.chat.c.account_id == account_id, t.chat.c.key == key)
    return await uow.connection.scalar(named) is not None


async def shown_by(uow: UnitOfWork, account_id: int, keys: Collection[str]) -> dict[str, Shown]:
    """The comments that show receipts of these keys."""
    query = (
        select(t.receipt.c.key, t.comment.c.id, t.task.c.root_id, t.comment.c.source_id)
        .join(t.comment, t.comment.c.id == t.receipt.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
    )
    found: dict[str, Shown] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), _BATCH):
        some = t.receipt.c.key.in_(wanted[start : start + _BATCH])
        rows = await uow.connection.execute(query.where(t.receipt.c.account_id == account_id, some))
        found |= {row.key: Shown(row.id, row.root_id, row.source_id) for row in rows}
    return found


async def cursor(uow: UnitOfWork, account_id: int) -> str | None:
    """Where receiving goes on; the channel alone knows what it means."""
    value: str | None = await uow.connection.scalar(
        select(t.account.c.cursor).where(t.account.c.id == account_id)
    )
    return value


async def reaches(uow: UnitOfWork, names: Collection[str]) -> list[Reach]:
    """When these accounts were reached last; nobody changes it until the transaction ends."""
    query = (
        select(t.account.c.id, t.account.c.reached_at, t.account.c.limits, t.account.c.gap)
        .where(t.account.c.name.in_(sorted(names)))
        .order_by(t.account.c.id)
    )
    if not uow.sqlite:
        query = query.with_for_update(key_share=True)
    return [
        Reach(
            row.id,
            row.reached_at,
            row.limits.get("kept_for"),
            Gap.from_json(row.gap) if row.gap else None,
        )
        for row in await uow.connection.execute(query)
    ]


async def lent(uow: UnitOfWork, account_id: int) -> dict[str, str]:
    """How the keys of chats begin that somebody lends the account, by who lends them."""
    query = select(t.account.c.lent).where(t.account.c.id == account_id)
    return dict((await uow.connection.execute(query)).scalar_one())


async def not_sending(uow: UnitOfWork) -> dict[int, str]:
    """The accounts that sent nothing when they were last tried: retrying or failed."""
    query = select(t.account.c.id, t.account.c.send_state).where(
        t.account.c.configured, t.account.c.send_state != "ok"
    )
    return {row.id: row.send_state for row in await uow.connection.execute(query)}


async def configured(uow: UnitOfWork) -> dict[str, tuple[int, str]]:
    """Every account that there ever was, by name: its id and channel."""
    rows = await uow.connection.execute(
        select(t.account.c.name, t.account.c.id, t.account.c.channel)
    )
    return {row.name: (row.id, row.channel) for row in rows}


# Each daemon asks at every heartbeat.
_SERVED = (
    select(t.account.c.id.label("account_id"), t.account.c.name, t.account.c.lease_id, t.lease)
    .outerjoin(t.lease, t.lease.c.id == t.account.c.lease_id)
    .where(t.account.c.configured)
    .order_by(t.account.c.id)
)
_SERVED_AMONG = _SERVED.where(t.account.c.id.in_(bindparam("ids", expanding=True)))


async def served(
    uow: UnitOfWork, account_ids: Collection[int] | None = None, *, lock: bool = False
) -> list[Served]:
    """The configured accounts, or those among ``account_ids``, with the daemons that hold them.

    ``lock``: the accounts, before any lease is looked at: two daemons lock in the same order.
    """
    query = _SERVED if account_ids is None else _SERVED_AMONG
    if lock and not uow.sqlite:
        query = query.with_for_update(of=t.account)
    return [
        Served(row.account_id, row.name, row.lease_id, _holder(row))
        for row in await uow.connection.execute(query, {"ids": list(account_ids or ())})
    ]


def _holder(row: Any) -> Holder | None:
    if row.instance is None or row.released_at is not None:
        return None
    return Holder(row.instance, row.heartbeat, row.heartbeat_at, Process(row.host, row.pid))


async def lease_of(uow: UnitOfWork, account_id: int) -> int | None:
    """The lease that the account points to, which nobody changes until the transaction ends."""
    query = select(t.account.c.lease_id).where(t.account.c.id == account_id)
    if not uow.sqlite:
        query = query.with_for_update(key_share=True)
    found: int | None = await uow.connection.scalar(query)
    return found
