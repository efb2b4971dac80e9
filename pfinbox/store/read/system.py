"""What all agents share: accounts, the daemon, statuses, canned replies, what was not read."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, exists, or_, select, true

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import viewer
from pfinbox.store.rows import AccountRow, CannedRow, DaemonRow, QuarantineRow
from pfinbox.store.snapshots import health
from pfinbox.store.sqlite.room import full
from pfinbox.store.uow import UnitOfWork

# Three missed heartbeats: a daemon silent for longer is taken for dead.
SILENT_AFTER = timedelta(seconds=30)
_HEALTHY = ("connecting", "ok", "retrying")
_CLOCKS_DIFFER = timedelta(minutes=5)


async def accounts(uow: UnitOfWork, actor: AgentActor) -> tuple[AccountRow, ...]:
    """The configured accounts of this agent, in the order of the configuration.

    An admin looks after all of them, and sees how each does.
    """
    who = await viewer(uow, actor)
    nobody = await unserved(uow)
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
            state="unserved" if row.name in nobody else state,
            detail=nobody.get(row.name) or detail,
            last_received_at=row.last_received_at,
            public_name=row.public_name,
            sign=row.sign,
            channel_label=row.channel_label,
            gap=Gap.from_json(row.gap) if row.gap else None,
        )
        for row in rows
        for state, detail in [health(row)]
    )


async def unserved(uow: UnitOfWork) -> dict[str, Reason]:
    """The configured accounts that nobody serves though somebody should, and why that is so.

    Where no daemon runs and none was torn away, each account stays as it was left.
    """
    nobody: dict[str, Reason] = {}
    rows = await uow.connection.execute(
        select(t.account.c.name, t.account.c.state, t.lease)
        .outerjoin(t.lease, t.lease.c.id == t.account.c.lease_id)
        .where(t.account.c.configured)
    )
    # One that is still beginning takes what is free at its first heartbeat.
    someone = any(lease.heartbeat for lease in await _living(uow))
    for row in rows.all():
        if row.id is None or row.released_at is not None:
            # A new one is taken at the next heartbeat, a failed one says itself what is wrong.
            if someone and row.state in _HEALTHY:
                nobody[row.name] = Reason("unserved")
        elif not _beats(row, uow):
            nobody[row.name] = Reason("daemon_silent", {"host": row.host, "pid": row.pid})
    return nobody


async def daemon(uow: UnitOfWork) -> DaemonRow | None:
    """The daemon that is alive, None when messages neither come nor go.

    Of several it is one that serves accounts; those that serve none stand by.
    """
    living = await _living(uow)
    if not living:
        return None
    serving = [row for row in living if row.serves]
    row = (serving or living)[0]
    return DaemonRow(
        row.host,
        row.pid,
        row.started_at,
        row.heartbeat_at,
        held=await sending_held(uow),
        instance=row.instance,
        standing_by=tuple((one.host, one.pid) for one in living if not one.serves),
    )


async def _living(uow: UnitOfWork) -> list[Row[Any]]:
    serves = or_(
        exists().where(t.account.c.lease_id == t.lease.c.id),
        # Without an account to serve, no daemon stands by.
        ~exists().where(t.account.c.configured),
    )
    rows = await uow.connection.execute(
        select(t.lease, serves.label("serves"))
        .where(t.lease.c.released_at.is_(None))
        .order_by(t.lease.c.heartbeat_at.desc(), t.lease.c.epoch.desc())
    )
    return [row for row in rows.all() if _beats(row, uow)]


def _beats(row: Row[Any], uow: UnitOfWork) -> bool:
    """By the clocks of two machines, which is for people to read: daemons look for themselves.

    A heartbeat of tomorrow is no proof: the clock was put back.
    """
    return bool(-_CLOCKS_DIFFER < uow.now - row.heartbeat_at < SILENT_AFTER)


def full_disk(uow: UnitOfWork) -> Reason | None:
    """Whether the disk of an SQLite store is full, so that nothing more can be stored."""
    return full(uow.path) if uow.path is not None else None


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


async def canned(uow: UnitOfWork, agent_id: int) -> tuple[CannedRow, ...]:
    """The company's canned replies and this agent's own, by name."""
    seen = or_(t.canned.c.agent_id.is_(None), t.canned.c.agent_id == agent_id)
    rows = await uow.connection.execute(select(t.canned).where(seen).order_by(t.canned.c.name))
    return tuple(CannedRow(row.id, row.name, row.text, row.agent_id is not None) for row in rows)


async def setting(uow: UnitOfWork, name: str) -> Any:
    """A value from the store's settings, None when it was never set."""
    return await uow.connection.scalar(select(t.setting.c.value).where(t.setting.c.name == name))


async def quarantine(uow: UnitOfWork, actor: AgentActor | None = None) -> tuple[QuarantineRow, ...]:
    """What was received and could not be read, oldest first; ``actor`` None: all of it."""
    statement = await _quarantined(uow, actor)
    rows = await uow.connection.execute(statement.order_by(t.receipt.c.id))
    return tuple(_row(row) for row in rows)


async def quarantine_item(
    uow: UnitOfWork, actor: AgentActor | None, receipt_id: int
) -> QuarantineRow:
    """One thing that could not be read; NotFound when there is none of that id."""
    statement = await _quarantined(uow, actor)
    row = (await uow.connection.execute(statement.where(t.receipt.c.id == receipt_id))).first()
    if row is None:
        raise NotFound(_("there is nothing in quarantine with id {id}").format(id=receipt_id))
    return _row(row)


async def quarantine_raw(uow: UnitOfWork, actor: AgentActor | None, receipt_id: int) -> bytes:
    """Its bytes as they were received."""
    item = await quarantine_item(uow, actor, receipt_id)
    raw = await uow.connection.scalar(select(t.receipt.c.raw).where(t.receipt.c.id == item.id))
    return bytes(raw or b"")


async def _quarantined(uow: UnitOfWork, actor: AgentActor | None) -> Select[Any]:
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
    if actor is not None:
        # Mail to a personal account is its owner's, also before anybody could read it (R10).
        who = await viewer(uow, actor)
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
