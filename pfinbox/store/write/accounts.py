"""Writing an account's row: how it does, whose it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import delete, insert, update

from pfinbox.domain.contract.batch import Profile
from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.people.account_setup import AccountSetup
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


async def set_sending(
    uow: UnitOfWork, account_id: int, state: str, detail: Reason | None = None
) -> None:
    """Whether an account sends: ok, retrying, failed."""
    told = detail.as_json() if detail else None
    await uow.change(t.account, account_id, send_state=state, send_detail=told)
    uow.touch("accounts")


async def try_sending(uow: UnitOfWork, account_id: int) -> None:
    """A person asks: a refused sign-in is tried now, however long its account was to rest."""
    refused = (t.account.c.id == account_id, t.account.c.send_state == "failed")
    await uow.connection.execute(update(t.account).where(*refused).values(send_state="retrying"))


async def reached(uow: UnitOfWork, names: Collection[str]) -> None:
    """What comes to these accounts can be received now."""
    named = t.account.c.name.in_(sorted(names))
    await uow.connection.execute(update(t.account).where(named).values(reached_at=uow.now))


async def set_gap(uow: UnitOfWork, account_id: int, gap: Gap | None) -> None:
    """What is missing for good, until somebody takes note of it."""
    await uow.change(t.account, account_id, gap=gap.as_json() if gap else None)
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


async def configure(
    uow: UnitOfWork,
    setups: Sequence[AccountSetup],
    ids: Mapping[str, int],
    agents: Mapping[str, int],
) -> dict[str, int]:
    """The accounts are those of the configuration; their ids by name.

    ``ids``: those of known accounts; ``agents``: by login.
    """
    await uow.connection.execute(update(t.account).values(configured=False))
    found = {}
    for position, setup in enumerate(setups):
        values = _values(setup, agents) | {"position": position}
        account_id = ids.get(setup.name)
        if account_id is None:
            account_id = await uow.add(
                t.account, name=setup.name, state="new", first_contact_at=uow.now, **values
            )
        else:
            await uow.change(t.account, account_id, **values)
        await _give_to(uow, account_id, setup, agents)
        found[setup.name] = account_id
    uow.touch("accounts", "tasks")
    return found


def _values(setup: AccountSetup, agents: Mapping[str, int]) -> dict[str, object]:
    missing = setup.missing(agents)
    values: dict[str, object] = {
        "channel": setup.channel,
        "label": setup.label,
        "sign": setup.sign,
        "channel_label": setup.channel_label,
        "addresses": list(setup.addresses or (setup.label,)),
        "role": setup.role,
        "configured": True,
        "new_task_after_close": setup.reopens,
        "acknowledgement": setup.acknowledgement,
        "contact_notices_by_mail": setup.contact_notices_by_mail,
        "capabilities": int(setup.capabilities),
        "limits": asdict(setup.limits),
        "awaits": missing.as_json(),
    }
    if missing.owner is None:
        values["owner_id"] = agents[setup.owner] if setup.owner is not None else None
    return values


async def _give_to(
    uow: UnitOfWork, account_id: int, setup: AccountSetup, agents: Mapping[str, int]
) -> None:
    here = [agents[login] for login in dict.fromkeys(setup.agents or ()) if login in agents]
    if not here and setup.missing(agents).agents:
        # With nobody of them here it stays as it was: no row would mean everybody.
        return
    await uow.connection.execute(
        delete(t.account_agent).where(t.account_agent.c.account_id == account_id)
    )
    rows = [{"account_id": account_id, "agent_id": agent_id} for agent_id in here]
    if rows:
        await uow.connection.execute(insert(t.account_agent), rows)
