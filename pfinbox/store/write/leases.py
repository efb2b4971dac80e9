"""Writing leases: one row for each daemon, and the accounts that point to it."""

from sqlalchemy import func, select, text, update

from pfinbox.domain.leasing import Lease, Process
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# In the middle of a transaction; its driver may have begun a statement, which is why the server's
# own limit for idle transactions does not always see it.
_STALLED = text(
    """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity AS one
    WHERE datname = current_database() AND usename = current_user
    AND application_name = 'pfinbox' AND xact_start IS NOT NULL AND wait_event = 'ClientRead'
    AND state_change < clock_timestamp() - make_interval(secs => :seconds)
    AND EXISTS (
        SELECT FROM pg_stat_activity AS other
        WHERE other.datname = one.datname AND other.wait_event_type = 'Lock'
        AND one.pid = ANY (pg_blocking_pids(other.pid))
    )
    """
)


async def end_stalled(uow: UnitOfWork, seconds: float) -> int:
    """End PostgreSQL sessions of ours that hold others up and have said nothing for so long.

    Their program was stopped, or is cut off: each would keep its locks until the server notices,
    and the sessions behind it theirs, one after the other. Returns how many there were.
    """
    return int(await uow.connection.scalar(_STALLED, {"seconds": seconds}) or 0)


async def add(uow: UnitOfWork, process: Process, instance: str, *, attended: bool) -> Lease:
    """Add the lease of a starting daemon."""
    epoch = int(await uow.connection.scalar(select(func.max(t.lease.c.epoch))) or 0) + 1
    lease_id = await uow.add(
        t.lease,
        instance=instance,
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


async def beat(uow: UnitOfWork, lease: Lease) -> bool:
    """Raise the heartbeat of a daemon; False when its lease has ended."""
    beaten = await uow.connection.execute(
        update(t.lease)
        .where(t.lease.c.id == lease.id, t.lease.c.released_at.is_(None))
        .values(heartbeat=t.lease.c.heartbeat + 1, heartbeat_at=uow.now)
    )
    return bool(beaten.rowcount)


async def end(uow: UnitOfWork, lease_id: int, heartbeat: int) -> bool:
    """End the lease of a silent daemon; False when the daemon has raised it meanwhile."""
    ended = await uow.connection.execute(
        update(t.lease)
        .where(t.lease.c.id == lease_id, t.lease.c.heartbeat == heartbeat)
        .values(released_at=uow.now)
    )
    return bool(ended.rowcount)


async def take(uow: UnitOfWork, lease: Lease, account_id: int) -> None:
    """Give an account to the daemon of this lease."""
    await uow.change(t.account, account_id, lease_id=lease.id)
    uow.touch("accounts")


async def release(uow: UnitOfWork, lease: Lease) -> None:
    """End a lease cleanly, so that the next daemon need not wait."""
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
    """End every lease of a restored store: its daemons ended long ago."""
    await uow.connection.execute(update(t.account).values(lease_id=None))
    await uow.connection.execute(
        update(t.lease).where(t.lease.c.released_at.is_(None)).values(released_at=uow.now)
    )
