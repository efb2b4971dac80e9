"""What an account's row says while the daemon runs: who is awaited, how it does, its cursor."""

from typing import Any

from sqlalchemy import insert, select, update

from pfinbox.domain.contract.envelope import Profile
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def awaited(uow: UnitOfWork, account_id: int) -> tuple[str, ...]:
    """The agents whom the configuration names for the account and who are not here yet."""
    found = await uow.connection.scalar(
        select(t.account.c.awaits).where(t.account.c.id == account_id)
    )
    return tuple(filter(None, dict.fromkeys([found["owner"], *found["agents"]]))) if found else ()


async def agent_came(uow: UnitOfWork, agent_id: int, login: str) -> None:
    """The accounts that waited for this agent have them now."""
    waiting = await uow.connection.execute(
        select(t.account.c.id, t.account.c.awaits).where(t.account.c.awaits.is_not(None))
    )
    for row in waiting.all():
        if not row.awaits or login not in (row.awaits["owner"], *row.awaits["agents"]):
            continue
        values: dict[str, Any] = {}
        if row.awaits["owner"] == login:
            values["owner_id"] = agent_id
        if login in row.awaits["agents"]:
            await uow.connection.execute(
                insert(t.account_agent).values(account_id=row.id, agent_id=agent_id)
            )
        left = {
            "owner": row.awaits["owner"] if row.awaits["owner"] != login else None,
            "agents": [one for one in row.awaits["agents"] if one != login],
        }
        values["awaits"] = left if left["owner"] or left["agents"] else None
        await uow.connection.execute(
            update(t.account).where(t.account.c.id == row.id).values(**values)
        )
    uow.touch("accounts")


async def set_state(
    uow: UnitOfWork, account_id: int, state: str, detail: Reason | None = None
) -> None:
    """How an account does: connecting, ok, retrying, failed."""
    await uow.connection.execute(
        update(t.account)
        .where(t.account.c.id == account_id)
        .values(state=state, detail=detail.as_json() if detail else None)
    )
    uow.touch("accounts")


async def set_profile(uow: UnitOfWork, account_id: int, profile: Profile) -> None:
    """What the other side told about the account."""
    await uow.connection.execute(
        update(t.account)
        .where(t.account.c.id == account_id)
        .values(public_name=clean_line(profile.address, 150), invite_link=profile.invitation)
    )
    uow.touch("accounts")


async def receipt_keys(uow: UnitOfWork, account_id: int, prefix: str) -> frozenset[str]:
    """The keys of the account's receipts that begin with ``prefix``."""
    keys = await uow.connection.scalars(
        select(t.receipt.c.key).where(
            t.receipt.c.account_id == account_id,
            t.receipt.c.key.startswith(prefix, autoescape=True),
        )
    )
    return frozenset(keys)


async def cursor(uow: UnitOfWork, account_id: int) -> str | None:
    """Where receiving goes on; the channel alone knows what it means."""
    value: str | None = await uow.connection.scalar(
        select(t.account.c.cursor).where(t.account.c.id == account_id)
    )
    return value
