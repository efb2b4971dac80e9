"""Which daemon polls and sends for which account: one lease row per daemon, accounts point to it.

Only the holder of an account receives and sends for it; every claim and every hand-over looks at
the lease again. A dead daemon's accounts are taken over together with what it left half done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update

from pfinbox.services import aftermath
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

HEARTBEAT = timedelta(seconds=10)
SILENT_AFTER = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Lease:
    """This daemon's right to act; ``epoch`` grows with every daemon that ever started."""

    id: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Process:
    """Where a daemon runs."""

    host: str
    boot_id: str
    pid: int


# True or False for a process on this machine, None where that cannot be known (another host).
Alive = Callable[[Process], bool | None]


@dataclass(frozen=True, slots=True)
class Holding:
    """What a daemon holds, and who holds the rest (account name -> process)."""

    account_ids: tuple[int, ...]
    others: dict[str, Process]


async def start(uow: UnitOfWork, process: Process, *, attended: bool = False) -> Lease:
    """Register a daemon; it holds nothing yet."""
    highest = await uow.connection.scalar(select(func.max(t.lease.c.epoch)))
    epoch = int(highest or 0) + 1
    lease_id = await uow.add(
        t.lease,
        host=process.host,
        boot_id=process.boot_id,
        pid=process.pid,
        epoch=epoch,
        started_at=uow.now,
        heartbeat_at=uow.now,
        attended=attended,
    )
    uow.touch("accounts")
    return Lease(lease_id, epoch)


async def acquire(uow: UnitOfWork, lease: Lease, alive: Alive) -> Holding:
    """Take every configured account that nobody living holds; also our heartbeat.

    What a dead holder was handing over becomes unknown, what it had only claimed is pending again.
    """
    await uow.connection.execute(
        update(t.lease)
        .where(t.lease.c.id == lease.id)
        .values(heartbeat_at=uow.now, released_at=None)
    )
    query = (
        select(t.account.c.id, t.account.c.name, t.lease)
        .outerjoin(t.lease, t.lease.c.id == t.account.c.lease_id)
        .where(t.account.c.configured)
        .order_by(t.account.c.id)
    )
    if not uow.sqlite:
        query = query.with_for_update(of=t.account)
    held: list[int] = []
    others: dict[str, Process] = {}
    for row in (await uow.connection.execute(query)).all():
        account_id, name, holder_id = row[0], row[1], row[2]
        if holder_id == lease.id:
            held.append(account_id)
            continue
        if holder_id is not None and _living(row, uow.now, alive):
            others[name] = Process(row.host, row.boot_id, row.pid)
            continue
        await uow.connection.execute(
            update(t.account).where(t.account.c.id == account_id).values(lease_id=lease.id)
        )
        await aftermath.recover(uow, account_id, lease.id)
        held.append(account_id)
        uow.touch("accounts")
    return Holding(tuple(held), others)


def _living(row: Row[Any], now: datetime, alive: Alive) -> bool:
    if row.released_at is not None:
        return False
    here = alive(Process(row.host, row.boot_id, row.pid))
    if here is not None:
        return here
    return bool(now - row.heartbeat_at < SILENT_AFTER)


async def release(uow: UnitOfWork, lease: Lease) -> None:
    """A clean end: the next daemon need not wait."""
    await uow.connection.execute(
        update(t.account).where(t.account.c.lease_id == lease.id).values(lease_id=None)
    )
    await uow.connection.execute(
        update(t.lease).where(t.lease.c.id == lease.id).values(released_at=uow.now)
    )
    uow.touch("accounts")


async def forget_all(uow: UnitOfWork) -> None:
    """In a restored store nobody holds anything: its daemons ended long ago."""
    await uow.connection.execute(update(t.account).values(lease_id=None))
    await uow.connection.execute(
        update(t.lease).where(t.lease.c.released_at.is_(None)).values(released_at=uow.now)
    )
