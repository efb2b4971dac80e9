"""Writing an account's row: how it does, whose it is."""

from collections.abc import Mapping

from sqlalchemy import insert

from pfinbox.domain.contract.envelope import Profile
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.people.awaited import Awaited
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def set_state(
    uow: UnitOfWork, account_id: int, state: str, detail: Reason | None = None
) -> None:
    """How an account does: connecting, ok, retrying, failed."""
    told = detail.as_json() if detail else None
    await uow.change(t.account, account_id, state=state, detail=told)
    uow.touch("accounts")


async def set_profile(uow: UnitOfWork, account_id: int, profile: Profile) -> None:
    """What the other side told about the account."""
    name = clean_line(profile.address, 150)
    await uow.change(t.account, account_id, public_name=name, invite_link=profile.invitation)
    uow.touch("accounts")


async def agent_came(
    uow: UnitOfWork, account_id: int, missing: Awaited, login: str, agent_id: int
) -> None:
    """An agent whom the account waited for has it now."""
    if login in missing.agents:
        await uow.connection.execute(
            insert(t.account_agent).values(account_id=account_id, agent_id=agent_id)
        )
    values: dict[str, object] = {"awaits": missing.without(login).as_json()}
    if login == missing.owner:
        values["owner_id"] = agent_id
    await uow.change(t.account, account_id, **values)


async def lend(uow: UnitOfWork, account_id: int, lent: Mapping[str, str]) -> None:
    """How the keys of lent chats begin now."""
    await uow.change(t.account, account_id, lent=dict(lent))
