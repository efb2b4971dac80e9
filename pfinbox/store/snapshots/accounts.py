"""Accounts: what they can do, how they do, and whose they are."""

from typing import Any

from sqlalchemy import Row, bindparam, select

from pfinbox.domain.access import AccountAccess
from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Read by nearly every use case, so they are put together once.
_ACCOUNTS = select(t.account).order_by(t.account.c.id)
_ACCOUNT_ACCESS = (
    select(t.account.c.role, t.account.c.owner_id, t.account.c.awaits, t.account_agent.c.agent_id)
    .outerjoin(t.account_agent, t.account_agent.c.account_id == t.account.c.id)
    .where(t.account.c.id == bindparam("id"))
)
_SETTING = select(t.setting.c.value).where(t.setting.c.name == bindparam("name"))


async def accounts(uow: UnitOfWork) -> dict[int, Account]:
    rows = await uow.connection.execute(_ACCOUNTS)
    return {row.id: account_of(row) for row in rows}


def account_of(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        channel=row.channel,
        capabilities=Capability(row.capabilities),
        limits=Limits(**row.limits),
        role=row.role,
        owner_id=row.owner_id,
        configured=row.configured,
        state=health(row)[0],
        new_task_after_close=row.new_task_after_close,
        label=row.label,
        invite_link=row.invite_link,
        acknowledgement=row.acknowledgement,
        contact_notices_by_mail=row.contact_notices_by_mail,
        addresses=tuple(row.addresses or ()),
    )


def health(row: Row[Any]) -> tuple[str, Reason | None]:
    """How an account does: what keeps it from sending counts while nothing else is wrong."""
    told = row.state, row.detail
    if row.send_state != "ok" and row.state not in ("retrying", "failed", "off"):
        told = row.send_state, row.send_detail
    state, detail = told
    return state, Reason.from_json(detail) if detail else None


async def account_access(uow: UnitOfWork, account_id: int) -> AccountAccess:
    """Whose the account is (R10)."""
    rows = (await uow.connection.execute(_ACCOUNT_ACCESS, {"id": account_id})).all()
    return AccountAccess(
        id=account_id,
        personal=rows[0].role == "personal",
        owner_id=rows[0].owner_id,
        agent_ids=frozenset(row.agent_id for row in rows if row.agent_id is not None),
        awaits=rows[0].awaits is not None,
    )


async def setting(uow: UnitOfWork, name: str) -> Any:
    """A value from the store's settings, None when it was never set."""
    return await uow.connection.scalar(_SETTING, {"name": name})
