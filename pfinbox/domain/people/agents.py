"""Agents: who may sign in, who administers, who stands in for whom (R44)."""

from collections.abc import Iterable, Mapping

from pfinbox.domain import rights
from pfinbox.domain.model import Agent
from pfinbox.domain.people.pictures import LARGEST, picture_type
from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _


def with_login(agents: Iterable[Agent], login: str) -> Agent:
    """The agent with this login; NotFound when there is none."""
    for agent in agents:
        if agent.login == login:
            return agent
    raise NotFound(_("there is no agent {login}").format(login=login))


def signing_in(agents: Mapping[int, Agent], login: str) -> Agent | None:
    """The agent who signs in; None where this is the first agent ever, who becomes an admin."""
    for agent in agents.values():
        if agent.login == login:
            if not agent.active:
                raise Refused(_("agent {login} is deactivated").format(login=login))
            return agent
    if agents:
        raise NotFound(_nobody(login))
    return None


def must_administer(agents: Mapping[str, bool], login: str) -> None:
    """Refused unless ``login`` is an active admin; a store without agents is anybody's.

    ``agents``: by login, whether each is an active admin.
    """
    if agents and login not in agents:
        raise NotFound(_nobody(login))
    if agents and not agents[login]:
        raise Refused(rights.only_admins())


def _nobody(login: str) -> str:
    return _("there is no agent {login}; an admin adds one with: pfinbox agent add").format(
        login=login
    )


def an_admin_stays(agents: Iterable[Agent], changed: Agent) -> None:
    """Refused when nobody would be an active admin once an agent is ``changed``."""
    now = [changed if one.id == changed.id else one for one in agents]
    if not any(one.admin and one.active for one in now):
        raise Refused(_("somebody must stay an active admin"))


def mail_address(typed: str) -> str | None:
    """Where an agent's notices go and answers come from; None where nothing was typed."""
    return mailbox(typed).value if typed.strip() else None


def must_be_picture(content: bytes) -> str:
    """The media type of a picture, empty for none; Refused where it is no picture."""
    media_type = picture_type(content) if content else ""
    if media_type is None:
        words = _("a picture is a PNG, JPEG or WebP of at most {n} bytes")
        raise Refused(words.format(n=LARGEST))
    return media_type


def named_deputy(agents: Iterable[Agent], agent: Agent, login: str | None) -> Agent | None:
    """Who is named to stand in for ``agent``; None where nobody is named."""
    if login is None:
        return None
    deputy = with_login(agents, login)
    if deputy.id == agent.id:
        raise Refused(_("nobody stands in for themselves; name somebody else"))
    if not deputy.active:
        raise Refused(_("{name} is deactivated").format(name=deputy.name))
    return deputy


def own_deputy(agents: Mapping[int, Agent], agent: Agent) -> Agent | None:
    """The deputy whom ``agent`` chose, if that agent is still here."""
    deputy = agents.get(agent.deputy_id) if agent.deputy_id else None
    return deputy if deputy is not None and deputy.active and deputy.id != agent.id else None
