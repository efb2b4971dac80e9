"""The store about itself: accounts, the daemon, statuses, settings, what could not be read."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, select, true

from pfinbox.domain.reason import Reason
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.queries.visibility import viewer
from pfinbox.store.rows import AccountRow, DaemonRow, QuarantineRow
from pfinbox.store.uow import UnitOfWork

# Three missed heartbeats: a daemon silent for longer is taken for dead.
SILENT_AFTER = timedelta(seconds=30)


async def accounts(uow: UnitOfWork, agent_id: int) -> tuple[AccountRow, ...]:
    """The configured accounts of this agent, in the order of the configuration.

    An admin looks after all of them, and sees how each does.
    """
    who = await viewer(uow, agent_id)
    rows = await uow.connection.execute(
        select(t.account)
        .where(t.account.c.configured, true() if who.admin else who.uses())
        .order_by(t.account.c.position, t.account.c.id)
    )
    return tuple(
        AccountRow(
            name=row.name,
            channel=row.channel,
            label=row.label,
            state=row.state,
            detail=Reason.from_json(row.detail) if row.detail else None,
            last_received_at=row.last_received_at,
            public_name=row.public_name,
        )
        for row in rows
    )


async def daemon(uow: UnitOfWork) -> DaemonRow | None:
    """The daemon that is alive, None when messages neither come nor go."""
    row = (
        await uow.connection.execute(
            select(t.lease)
            .where(t.lease.c.released_at.is_(None))
            .where(t.lease.c.heartbeat_at > uow.now - SILENT_AFTER)
            .order_by(t.lease.c.heartbeat_at.desc(), t.lease.c.epoch.desc())
            .limit(1)
        )
    ).first()
    if row is None:
        return None
    held = await sending_held(uow)
    return DaemonRow(row.host, row.pid, row.started_at, row.heartbeat_at, held)


async def sending_held(uow: UnitOfWork) -> Reason | None:
    """Why nothing is sent until ``outbox release``, None when sending goes on."""
    value = await setting(uow, "sending_held")
    return Reason.from_json(value["reason"]) if value else None


async def statuses(uow: UnitOfWork) -> tuple[tuple[str, bool], ...]:
    """Names and whether active, in the configured order."""
    rows = await uow.connection.execute(
        select(t.status.c.name, t.status.c.active).order_by(t.status.c.position)
    )
    return tuple((row.name, row.active) for row in rows)


async def setting(uow: UnitOfWork, name: str) -> Any:
    """A value from the store's settings, None when it was never set."""
    return await uow.connection.scalar(select(t.setting.c.value).where(t.setting.c.name == name))


async def quarantine(uow: UnitOfWork, agent_id: int | None = None) -> tuple[QuarantineRow, ...]:
    """What was received and could not be read, oldest first; ``agent_id`` None: all of it."""
    statement = await _quarantined(uow, agent_id)
    rows = await uow.connection.execute(statement.order_by(t.receipt.c.id))
    return tuple(_row(row) for row in rows)


async def quarantine_item(
    uow: UnitOfWork, receipt_id: int, agent_id: int | None = None
) -> QuarantineRow:
    """One thing that could not be read; NotFound when there is none of that id."""
    statement = await _quarantined(uow, agent_id)
    row = (await uow.connection.execute(statement.where(t.receipt.c.id == receipt_id))).first()
    if row is None:
        raise NotFound(_("there is nothing in quarantine with id {id}").format(id=receipt_id))
    return _row(row)


async def quarantine_raw(uow: UnitOfWork, receipt_id: int, agent_id: int | None = None) -> bytes:
    """Its bytes as they were received."""
    item = await quarantine_item(uow, receipt_id, agent_id)
    raw = await uow.connection.scalar(select(t.receipt.c.raw).where(t.receipt.c.id == item.id))
    return bytes(raw or b"")


async def _quarantined(uow: UnitOfWork, agent_id: int | None) -> Select[Any]:
    statement = (
        select(
            t.receipt.c.id,
            t.receipt.c.received_at,
            t.receipt.c.size,
            t.receipt.c.reason,
            t.receipt.c.reread_asked_at,
            t.receipt.c.reread_at,
            t.account.c.name,
        )
        .join(t.account, t.account.c.id == t.receipt.c.account_id)
        .where(t.receipt.c.state == "quarantined")
    )
    if agent_id is not None:
        # Mail to a personal account is its owner's, also before anybody could read it (R10).
        who = await viewer(uow, agent_id)
        statement = statement.where(who.uses())
    return statement


def _row(row: Row[Any]) -> QuarantineRow:
    return QuarantineRow(
        id=row.id,
        account=row.name,
        received_at=row.received_at,
        size=row.size,
        reason=Reason.from_json(row.reason) if row.reason else None,
        asked=row.reread_asked_at is not None,
        read_again_at=row.reread_at,
    )
