"""Agents: who works here; the first one to come becomes an admin."""

from dataclasses import replace

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Agent
from pfinbox.domain.people import agents as rules
from pfinbox.domain.recipients.correspondents import login_name
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.store import load, snapshots, write
from pfinbox.store.uow import UnitOfWork


async def sign_in(uow: UnitOfWork, login: str) -> Agent:
    """The agent with this login; a store without agents makes its first one, an admin."""
    agent = rules.signing_in(await snapshots.agents(uow), login)
    if agent is not None:
        return agent
    agent_id = await _add(uow, login, login, None, admin=True)
    return (await snapshots.agents(uow, [agent_id]))[agent_id]


async def add(
    uow: UnitOfWork,
    actor: AgentActor,
    login: str,
    *,
    name: str | None = None,
    email: str | None = None,
    admin: bool = False,
) -> int:
    """A new agent, by an admin. Returns the id."""
    await access.must_have(uow, actor, "agents.add")
    if login in {agent.login for agent in (await snapshots.agents(uow)).values()}:
        raise Refused(_("there is an agent {login} already").format(login=login))
    return await _add(uow, login, name or login, email, admin=admin)


async def _add(uow: UnitOfWork, login: str, name: str, email: str | None, *, admin: bool) -> int:
    login = login_name(login)
    address = rules.mail_address(email) if email else None
    agent_id = await write.agents.add(uow, login, clean_line(name, 100), address, admin=admin)
    for account_id, missing in (await load.accounts.awaited(uow)).items():
        if login in missing.logins:
            await write.accounts.agent_came(uow, account_id, missing, login, agent_id)
    uow.touch("accounts")
    return agent_id


async def set_(
    uow: UnitOfWork,
    actor: AgentActor,
    login: str,
    *,
    name: str | None = None,
    email: str | None = None,
    admin: bool | None = None,
    active: bool | None = None,
    notices: str | None = None,
) -> int:
    """Change an agent: oneself, or anybody by an admin. Returns the id."""
    known = await snapshots.agents(uow)
    agent = rules.with_login(known.values(), login)
    # Nobody makes an admin of themselves.
    oneself = agent if admin is None and active is None else None
    await access.must_have(uow, actor, "agents.set_", over=oneself)
    changed = replace(
        agent,
        name=agent.name if name is None else clean_line(name, 100),
        email=agent.email if email is None else rules.mail_address(email),
        admin=agent.admin if admin is None else admin,
        active=agent.active if active is None else active,
        notify_by_mail=agent.notify_by_mail if notices is None else notices == "mail",
    )
    if notices == "mail" and not changed.email:
        raise Refused(_("{login} has no e-mail address").format(login=login))
    if admin is False or active is False:
        rules.an_admin_stays(known.values(), changed)
    await write.agents.change(uow, changed, revoke=active is not None)
    return agent.id


async def appear(
    uow: UnitOfWork,
    actor: AgentActor,
    login: str,
    *,
    public_name: str | None = None,
    picture: bytes | None = None,
) -> None:
    """What clients see of an agent: of oneself, or of anybody by an admin.

    None leaves it as it is, an empty one takes it away.
    """
    agent = await by_login(uow, login)
    await access.must_have(uow, actor, "agents.appear", over=agent)
    if public_name is not None:
        changed = replace(agent, public_name=clean_line(public_name, 100) or None)
        await write.agents.change(uow, changed)
    if picture is not None:
        await write.agents.show_as(uow, agent.id, rules.must_be_picture(picture), picture)


async def remember(
    uow: UnitOfWork, actor: AgentActor, *, language: str | None, timezone: str | None
) -> None:
    """Keep the agent's language and zone for the daemon's mails; None keeps the old value."""
    known = {"language": language, "timezone": timezone}
    await write.agents.remember(uow, actor.id, **{k: v for k, v in known.items() if v is not None})


async def by_login(uow: UnitOfWork, login: str) -> Agent:
    return rules.with_login((await snapshots.agents(uow)).values(), login)


async def may_administer(uow: UnitOfWork, login: str) -> None:
    """Refused unless ``login`` is an active admin; a store without agents is anybody's.

    The store may be of an older schema, and is not changed.
    """
    rules.must_administer(await load.agents.administrators(uow), login)
