"""Which daemon polls and sends for which account: one lease row per daemon, accounts point to it.

Only the holder of an account receives and sends for it; every claim, hand-over and batch looks at
the lease again. A silent daemon's lease ends for good when another one takes its accounts over,
together with what it left half done; if it wakes, it begins anew and stands by.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, true, update

from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services.outbound import send_recovery
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


class LeaseGone(Refused):
    """Another daemon serves the account, or has taken over everything of this one."""


@dataclass(frozen=True, slots=True)
class Lease:
    """This daemon's right to act; ``epoch`` grows with every daemon that ever started."""

    id: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Process:
    """Where a daemon runs, for people to read: after a restart both may be another one's."""

    host: str
    pid: int


# Whether the daemon of this instance, with this count of heartbeats, is silent for too long.
Silent = Callable[[str, int], bool]


def never(_instance: str, _heartbeat: int) -> bool:
    """Nothing has been seen of the others yet, so none of them is taken for dead."""
    return False


@dataclass(frozen=True, slots=True)
class Holder:
    """Another daemon that holds an account, as its lease row says."""

    instance: str
    heartbeat: int
    heartbeat_at: datetime
    process: Process


@dataclass(frozen=True, slots=True)
class Holding:
    """What a daemon holds, and who holds the rest (account name -> daemon)."""

    account_ids: tuple[int, ...]
    others: dict[str, Holder]


def new_instance() -> str:
    """The name of one daemon from its start to its end; no other one ever has it."""
    return secrets.token_hex(16)


async def start(
    uow: UnitOfWork, process: Process, *, instance: str | None = None, attended: bool = False
) -> Lease:
    """Register a daemon; it holds nothing yet."""
    highest = await uow.connection.scalar(select(func.max(t.lease.c.epoch)))
    epoch = int(highest or 0) + 1
    lease_id = await uow.add(
        t.lease,
        instance=instance or new_instance(),
        host=process.host,
        pid=process.pid,
        epoch=epoch,
        started_at=uow.now,
        heartbeat=0,
        heartbeat_at=uow.now,
        attended=attended,
    )
    uow.touch("accounts")
    return Lease(lease_id, epoch)


async def acquire(
    uow: UnitOfWork,
    lease: Lease,
    silent: Silent = never,
    accounts: Collection[int] | None = None,
) -> Holding:
    """Our heartbeat; and take every configured account that nobody living holds.

    ``accounts``: those that this daemon can serve, its own configuration's; None: all of them.

    What a silent holder was handing over becomes unknown, what it had only claimed is pending
    again, and its own lease is over. LeaseGone: that happened to ours.
    """
    query = _holders(accounts)
    if not uow.sqlite:
        # Before any lease row: two daemons lock in the same order.
        query = query.with_for_update(of=t.account)
    rows = (await uow.connection.execute(query)).all()
    await _beat(uow, lease)
    ours: list[int] = []
    others: dict[str, Holder] = {}
    ended: set[int] = set()
    for row in rows:
        if row.lease_id != lease.id:
            if row.living and row.lease_id not in ended:
                process = Process(row.host, row.pid)
                holder = Holder(row.instance, row.heartbeat, row.heartbeat_at, process)
                if not silent(holder.instance, holder.heartbeat) or not await _end(uow, row):
                    others[row.name] = holder
                    continue
                ended.add(row.lease_id)
            await uow.connection.execute(
                update(t.account).where(t.account.c.id == row.id).values(lease_id=lease.id)
            )
            await send_recovery.recover(uow, row.id, lease.id)
            uow.touch("accounts")
        ours.append(row.id)
    return Holding(tuple(ours), others)


async def vacant(
    uow: UnitOfWork, lease: Lease, silent: Silent, accounts: Collection[int] | None = None
) -> bool:
    """Whether ``acquire`` would take an account; only reads, so that it may be asked often."""
    found = False
    for row in (await uow.connection.execute(_holders(accounts))).all():
        if row.lease_id == lease.id:
            continue
        # Every holder is looked at: what is seen of it counts, not only the answer.
        found = not row.living or silent(row.instance, row.heartbeat) or found
    return found


def _holders(accounts: Collection[int] | None) -> Select[Any]:
    living = t.lease.c.id.is_not(None) & t.lease.c.released_at.is_(None)
    return (
        select(
            t.account.c.id,
            t.account.c.name,
            t.account.c.lease_id,
            t.lease.c.instance,
            t.lease.c.heartbeat,
            t.lease.c.heartbeat_at,
            t.lease.c.host,
            t.lease.c.pid,
            living.label("living"),
        )
        .outerjoin(t.lease, t.lease.c.id == t.account.c.lease_id)
        .where(t.account.c.configured, true() if accounts is None else t.account.c.id.in_(accounts))
        .order_by(t.account.c.id)
    )


async def _beat(uow: UnitOfWork, lease: Lease) -> None:
    beaten = await uow.connection.execute(
        update(t.lease)
        .where(t.lease.c.id == lease.id, t.lease.c.released_at.is_(None))
        .values(heartbeat=t.lease.c.heartbeat + 1, heartbeat_at=uow.now)
    )
    if beaten.rowcount == 0:
        raise LeaseGone(_("another daemon has taken over"))


async def _end(uow: UnitOfWork, row: Any) -> bool:
    """End a silent daemon's lease; False when it has renewed it meanwhile."""
    ended = await uow.connection.execute(
        update(t.lease)
        .where(t.lease.c.id == row.lease_id, t.lease.c.heartbeat == row.heartbeat)
        .values(released_at=uow.now)
    )
    return bool(ended.rowcount)


async def hold(uow: UnitOfWork, lease: Lease, account_id: int) -> None:
    """LeaseGone when the account is another daemon's now; held until the transaction ends."""
    query = select(t.account.c.lease_id).where(t.account.c.id == account_id)
    if not uow.sqlite:
        query = query.with_for_update(key_share=True)
    if await uow.connection.scalar(query) != lease.id:
        raise LeaseGone(_("another daemon serves this account now"))


async def release(uow: UnitOfWork, lease: Lease) -> None:
    """A clean end: the next daemon need not wait."""
    await uow.connection.execute(
        update(t.account).where(t.account.c.lease_id == lease.id).values(lease_id=None)
    )
    await uow.connection.execute(
        update(t.lease)
        .where(t.lease.c.id == lease.id, t.lease.c.released_at.is_(None))
        .values(released_at=uow.now)
    )
    uow.touch("accounts")


async def forget_all(uow: UnitOfWork) -> None:
    """In a restored store nobody holds anything: its daemons ended long ago."""
    await uow.connection.execute(update(t.account).values(lease_id=None))
    await uow.connection.execute(
        update(t.lease).where(t.lease.c.released_at.is_(None)).values(released_at=uow.now)
    )
