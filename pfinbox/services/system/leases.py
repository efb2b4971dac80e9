"""Which daemon polls and sends for which account: one lease row per daemon, accounts point to it.

Only the holder of an account receives and sends for it; every claim, hand-over and batch looks at
the lease again. A silent daemon's lease ends for good when another one takes its accounts over,
together with what it left half done; if it wakes, it begins anew and stands by.
"""

import secrets
from collections.abc import Collection

from pfinbox.domain.leasing import (
    Holding,
    Lease,
    LeaseGone,
    Process,
    Silent,
    never,
    silent_leases,
)
from pfinbox.i18n import _
from pfinbox.services.outbound import send_recovery
from pfinbox.store import load, write
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.leases import end_stalled as end_stalled
from pfinbox.store.write.leases import forget_all as forget_all
from pfinbox.store.write.leases import release as release


def new_instance() -> str:
    """The name of one daemon from its start to its end; no other one ever has it."""
    return secrets.token_hex(16)


async def start(
    uow: UnitOfWork, process: Process, *, instance: str | None = None, attended: bool = False
) -> Lease:
    """Register a daemon; it holds nothing yet."""
    return await write.leases.add(uow, process, instance or new_instance(), attended=attended)


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
    served = await load.accounts.served(uow, accounts, lock=True)
    if not await write.leases.beat(uow, lease):
        raise LeaseGone(_("another daemon has taken over"))
    ended = {
        lease_id
        for lease_id, holder in silent_leases(served, lease.id, silent).items()
        if await write.leases.end(uow, lease_id, holder.heartbeat)
    }
    others = {
        one.name: one.holder
        for one in served
        if one.holder is not None and one.lease_id not in (lease.id, *ended)
    }
    ours = tuple(one.account_id for one in served if one.name not in others)
    for one in served:
        if one.account_id in ours and one.lease_id != lease.id:
            await write.leases.take(uow, lease, one.account_id)
            await send_recovery.recover(uow, one.account_id, lease.id)
    return Holding(ours, others)


async def vacant(
    uow: UnitOfWork, lease: Lease, silent: Silent, accounts: Collection[int] | None = None
) -> bool:
    """Whether ``acquire`` would take an account; only reads, so that it may be asked often."""
    served = await load.accounts.served(uow, accounts)
    gone = silent_leases(served, lease.id, silent)
    others = [one for one in served if one.lease_id != lease.id]
    return any(one.holder is None or one.lease_id in gone for one in others)


async def hold(uow: UnitOfWork, lease: Lease, account_id: int) -> None:
    """LeaseGone when the account is another daemon's now; held until the transaction ends."""
    if await load.accounts.lease_of(uow, account_id) != lease.id:
        raise LeaseGone(_("another daemon serves this account now"))
