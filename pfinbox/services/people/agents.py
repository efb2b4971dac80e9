"""Agents: who works here; the first one to come becomes an admin."""

from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Agent
from pfinbox.domain.recipients.correspondents import login_name, mailbox
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _
from pfinbox.services import accounts
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def sign_in(uow: UnitOfWork, login: str) -> Agent:
    """The agent with this login; a store without agents makes its first one, an admin."""
    row = (await uow.connection.execute(select(t.agent).where(t.agent.c.login == login))).first()
    if row is not None:
        agent = snapshots.agent_of(row)
        if not agent.active:
            raise Refused(_("agent {login} is deactivated").format(login=login))
        return agent
    if await uow.connection.scalar(select(t.agent.c.id).limit(1)) is not None:
        raise NotFound(
            _("there is no agent {login}; an admin adds one with: pfinbox agent add").format(
                login=login
            )
        )
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
    await must_be_admin(uow, actor)
    if await uow.connection.scalar(select(t.agent.c.id).where(t.agent.c.login == login)):
        raise Refused(_("there is an agent {login} already").format(login=login))
    return await _add(uow, login, name or login, email, admin=admin)


async def _add(uow: UnitOfWork, login: str, name: str, email: str | None, *, admin: bool) -> int:
    login = login_name(login)
    agent_id = await uow.add(
        t.agent,
        login=login,
        name=clean_line(name, 100),
        email=_mail_address(email) if email else None,
        admin=admin,
        read_baseline=await snapshots.highest_comment(uow),
        created_at=uow.now,
    )
    await accounts.agent_came(uow, agent_id, login)
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
    agent = await by_login(uow, login)
    if agent.id != actor.id or admin is not None or active is not None:
        await must_be_admin(uow, actor)
    values: dict[str, object] = {}
    if name is not None:
        values["name"] = clean_line(name, 100)
    if email is not None:
        values["email"] = _mail_address(email)
    if notices is not None:
        if notices == "mail" and not values.get("email", agent.email):
            raise Refused(_("{login} has no e-mail address").format(login=login))
        values["notify_by_mail"] = notices == "mail"
    if admin is not None:
        values["admin"] = admin
    if active is not None:
        values["active"] = active
        # A deactivated agent's answer addresses stay invalid, even when the agent comes back.
        values["tokens_revoked_at"] = uow.now
    if values:
        await uow.connection.execute(
            update(t.agent).where(t.agent.c.id == agent.id).values(**values)
        )
    if admin is False or active is False:
        await _an_admin_stays(uow)
    uow.touch("accounts")
    return agent.id


async def remember(
    uow: UnitOfWork, actor: AgentActor, *, language: str | None, timezone: str | None
) -> None:
    """Keep the agent's language and zone for the daemon's mails; None keeps the old value."""
    known = {"language": language, "timezone": timezone}
    values = {name: value for name, value in known.items() if value is not None}
    columns = [t.agent.c[name] for name in values]
    if not values:
        return
    row = (await uow.connection.execute(select(*columns).where(t.agent.c.id == actor.id))).one()
    if row._mapping != values:
        await uow.connection.execute(
            update(t.agent).where(t.agent.c.id == actor.id).values(**values)
        )


def _mail_address(typed: str) -> str | None:
    """Notices go there and answers come from there; empty: none."""
    return mailbox(typed).value if typed.strip() else None


async def by_login(uow: UnitOfWork, login: str) -> Agent:
    row = (await uow.connection.execute(select(t.agent).where(t.agent.c.login == login))).first()
    if row is None:
        raise NotFound(_("there is no agent {login}").format(login=login))
    return snapshots.agent_of(row)


async def must_be_admin(uow: UnitOfWork, actor: AgentActor) -> None:
    if not (await snapshots.agents(uow, [actor.id]))[actor.id].admin:
        raise Refused(_("only an admin may do that"))


async def may_administer(uow: UnitOfWork, login: str) -> None:
    """Refused unless ``login`` is an active admin; a store without agents is anybody's.

    Looks at few columns: the store may be of an older schema, and is not changed.
    """
    columns = (t.agent.c.login, t.agent.c.admin, t.agent.c.active)
    known = {row.login: row for row in await uow.connection.execute(select(*columns))}
    if not known:
        return
    if login not in known:
        raise NotFound(
            _("there is no agent {login}; an admin adds one with: pfinbox agent add").format(
                login=login
            )
        )
    if not (known[login].active and known[login].admin):
        raise Refused(_("only an admin may do that"))


async def _an_admin_stays(uow: UnitOfWork) -> None:
    left = await uow.connection.scalar(
        select(t.agent.c.id).where(t.agent.c.admin, t.agent.c.active).limit(1)
    )
    if left is None:
        raise Refused(_("somebody must stay an active admin"))
