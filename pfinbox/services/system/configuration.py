"""The daemon copies its configuration into the store when it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.visibility import DEFAULT
from pfinbox.errors import ConfigError
from pfinbox.i18n import _
from pfinbox.services.people import agents, portal_view, revealing
from pfinbox.services.tasks import status_reclassify
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.settings import write_setting
from pfinbox.store.uow import UnitOfWork

# Beside contacts_see in the store: the configured one that a person has yet to confirm.
_WAITS = "contacts_see_wanted"


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """One ``[accounts.NAME]`` section with what its channel says about it; no secrets."""

    name: str
    channel: str
    label: str
    capabilities: Capability
    limits: Limits
    role: str = "shared"
    owner: str | None = None
    agents: tuple[str, ...] | None = None
    # None: true for channels without threads, 14d for those with (R6)
    new_task_after_close: str | None = None
    acknowledgement: str | None = None
    contact_notices_by_mail: bool = True
    # Every address of its own, aliases included; none: the label is the only one.
    addresses: tuple[str, ...] = ()


async def configure(
    uow: UnitOfWork,
    accounts: Sequence[AccountSetup],
    statuses: Sequence[tuple[str, bool]],
    inbox: Mapping[str, Any],
) -> dict[str, int]:
    """Make the store agree with the configuration; account ids by name.

    An account that is configured no longer keeps its tasks and is polled no more.
    """
    await _write_statuses(uow, statuses)
    await write_setting(uow, "inbox", await _not_wider(uow, dict(inbox)))
    await uow.connection.execute(update(t.account).values(configured=False))
    ids: dict[str, int] = {}
    for position, setup in enumerate(accounts):
        ids[setup.name] = await _write_account(uow, setup, position)
    uow.touch("accounts", "tasks")
    return ids


async def _not_wider(uow: UnitOfWork, inbox: dict[str, Any]) -> dict[str, Any]:
    """The settings, with the ``contacts_see`` of before where the new one would show more (R49).

    Nobody is there at a daemon's start who could read the list; a person confirms it.
    """
    wanted = inbox.get("contacts_see") or DEFAULT
    now = await portal_view.current_setting(uow)
    if wanted == now or not await revealing.by_setting(uow, wanted):
        return inbox
    return {**inbox, "contacts_see": now, _WAITS: wanted}


async def contacts_see_waits(uow: UnitOfWork) -> str | None:
    """The configured ``contacts_see`` that waits for somebody to confirm it."""
    found: str | None = (await snapshots.setting(uow, "inbox") or {}).get(_WAITS)
    return found


async def confirm_contacts_see(uow: UnitOfWork, actor: AgentActor) -> str:
    """Let contacts see as it is configured; the setting. WouldReveal lists what they would see.

    It is the whole company's setting, so an admin confirms it.
    """
    await agents.must_be_admin(uow, actor)
    inbox = dict(await snapshots.setting(uow, "inbox") or {})
    wanted = inbox.pop(_WAITS, None)
    if wanted is None:
        return await portal_view.current_setting(uow)
    await revealing.must_be_agreed(uow, actor, await revealing.by_setting(uow, wanted))
    await write_setting(uow, "inbox", {**inbox, "contacts_see": wanted})
    uow.touch("contacts")
    return str(wanted)


async def _write_statuses(uow: UnitOfWork, statuses: Sequence[tuple[str, bool]]) -> None:
    wanted = dict(statuses)
    used = set(
        await uow.connection.scalars(
            select(t.task.c.status).where(t.task.c.purged_at.is_(None)).distinct()
        )
    )
    if missing := used - set(wanted):
        raise ConfigError(
            _("tasks still have status {names}; keep it in [inbox] statuses").format(
                names=", ".join(sorted(missing))
            )
        )
    await uow.connection.execute(t.status.delete())
    await uow.connection.execute(
        insert(t.status),
        [
            {"name": name, "position": position, "active": active}
            for position, (name, active) in enumerate(statuses)
        ],
    )
    await status_reclassify.follow(uow, wanted)


async def _write_account(uow: UnitOfWork, setup: AccountSetup, position: int) -> int:
    known = (
        await uow.connection.execute(
            select(t.account.c.id, t.account.c.channel).where(t.account.c.name == setup.name)
        )
    ).first()
    if known is not None and known.channel != setup.channel:
        raise ConfigError(
            _("account {name} was a {before} account; give the new one another name").format(
                name=setup.name, before=known.channel
            )
        )
    threads = bool(setup.capabilities & Capability.THREADS)
    values: dict[str, Any] = {
        "channel": setup.channel,
        "label": setup.label,
        "addresses": list(setup.addresses or (setup.label,)),
        "role": setup.role,
        "configured": True,
        "new_task_after_close": setup.new_task_after_close or ("14d" if threads else "true"),
        "acknowledgement": setup.acknowledgement,
        "contact_notices_by_mail": setup.contact_notices_by_mail,
        "capabilities": int(setup.capabilities),
        "limits": asdict(setup.limits),
        "position": position,
    }
    here = await _agents(uow, (setup.owner, *(setup.agents or ())))
    owner_awaited = setup.owner is not None and setup.owner not in here
    awaited = [login for login in dict.fromkeys(setup.agents or ()) if login not in here]
    if owner_awaited or awaited:
        values["awaits"] = {"owner": setup.owner if owner_awaited else None, "agents": awaited}
    else:
        values["awaits"] = None
    if not owner_awaited:
        values["owner_id"] = here[setup.owner] if setup.owner is not None else None
    if known is None:
        account_id = await uow.add(
            t.account, name=setup.name, state="new", first_contact_at=uow.now, **values
        )
    else:
        account_id = known.id
        await uow.connection.execute(
            update(t.account).where(t.account.c.id == account_id).values(**values)
        )
    chosen = [here[login] for login in dict.fromkeys(setup.agents or ()) if login in here]
    if chosen or not awaited:
        # With nobody of them here it stays as it was: no row would mean everybody.
        await uow.connection.execute(
            t.account_agent.delete().where(t.account_agent.c.account_id == account_id)
        )
    for agent_id in chosen:
        await uow.connection.execute(
            insert(t.account_agent).values(account_id=account_id, agent_id=agent_id)
        )
    return account_id


async def _agents(uow: UnitOfWork, logins: Sequence[str | None]) -> dict[str, int]:
    rows = await uow.connection.execute(
        select(t.agent.c.login, t.agent.c.id).where(t.agent.c.login.in_([*filter(None, logins)]))
    )
    return {row.login: row.id for row in rows}
