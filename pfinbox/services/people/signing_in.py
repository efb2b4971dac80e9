"""Signing in to a contact's own page: asking for a link, sending one, using one (R40).

What the page does is the same for every address: one row is written, and the daemon finds out
later whose address it is. So neither the answer nor its time tells whether somebody is known.
"""

import secrets
from datetime import datetime

from pfinbox.domain.actor import AgentActor, SystemActor
from pfinbox.domain.people import signing_in as rules
from pfinbox.domain.people.signing_in import Mailing, Visitor
from pfinbox.domain.text.mail_address import normalise
from pfinbox.errors import Refused
from pfinbox.i18n import _, speaking
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.store import load, snapshots, write
from pfinbox.store.uow import UnitOfWork

_TOKEN_BYTES = 16


async def ask(
    uow: UnitOfWork,
    actor: SystemActor,
    typed: str,
    network: str,
    language: str,
    leads_to: int | None = None,
) -> bool:
    """Ask for a link to an e-mail address; False: this network asked too often.

    ValueError for what is no address. Beyond the limit of an address nothing is mailed, silently.
    """
    address = normalise(typed)
    await write.signing_in.lock_asking(uow)
    await write.signing_in.forget_strangers(uow)
    mails, times = await load.signing_in.asked_lately(uow, address, network)
    if times >= rules.ASKED_AN_HOUR:
        return False
    mailing = Mailing.DUE if mails < rules.MAILS_AN_HOUR else Mailing.NONE
    asked_by = {"network": network, "language": language}
    await write.signing_in.ask(uow, address, mailing=mailing, leads_to=leads_to, **asked_by)
    return True


@record
class Invitation:
    """What an agent passes on: the link, and the address to which another one is mailed."""

    link: str
    address: str


async def invite(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> Invitation:
    """A link for a contact with access, and a mail with another one.

    Refused where the contact has no access or no address, or nobody serves the pages.
    """
    root = await access.the_contact(uow, actor, contact_id)
    base_url = await page_url(uow)
    if base_url is None:
        raise Refused(_("no client page is served; set base_url in [web]"))
    if await load.signing_in.access_of(uow, root) is None:
        raise Refused(
            _("contact {id} has no access yet: pfinbox contact set {id} --portal on").format(
                id=root
            )
        )
    address = await load.signing_in.mail_address(uow, root)
    if address is None:
        raise Refused(_("contact {id} has no e-mail address").format(id=root))
    token = new_token()
    shown = {"contact_id": root, "agent_id": actor.id}
    await write.signing_in.ask(uow, address, **shown)
    await write.signing_in.ask(
        uow,
        address,
        mailing=Mailing.NONE,
        token_hash=rules.hash_of(token),
        expires_at=uow.now + rules.LINK_LASTS,
        **shown,
    )
    return Invitation(link_of(base_url, token), address)


@record
class Entered:
    """``session``: the token of a new session; None: the one that there is goes on.

    ``task_id``: the task whose page the contact wants; None: all of them.
    """

    session: str | None
    task_id: int | None


async def is_good(uow: UnitOfWork, actor: SystemActor, token: str) -> bool:
    """Whether a link can still be used; mail scanners ask, too, so nothing changes."""
    return await load.signing_in.link(uow, rules.hash_of(token)) is not None


async def spend(
    uow: UnitOfWork, actor: SystemActor, token: str, before: Visitor | None = None
) -> Entered | None:
    """A session for a link, which is used up by that; None: the link was no good.

    A link in the mail of a task is not used up: it shows that task alone, to whoever has the mail;
    whoever is signed in already (``before``) sees more than that.
    """
    link = await load.signing_in.link(uow, rules.hash_of(token))
    if link is None:
        return None
    allowed = await load.signing_in.access_of(uow, link.contact_id)
    if allowed is None:
        return None
    if link.task_id is not None and rules.sees_all(before, link.contact_id):
        return Entered(None, link.task_id)
    if link.task_id is None and not await write.signing_in.spend(uow, link):
        return None
    if before is not None:
        await write.signing_in.end_sessions(uow, [before.session_id])
    session = new_token()
    await write.signing_in.begin_session(uow, rules.hash_of(session), link, allowed)
    return Entered(session, link.task_id or link.leads_to)


async def line_in_mail(
    uow: UnitOfWork, contact_id: int, address: str, task_id: int, leaves_at: datetime
) -> str:
    """A line with a link to one task for the end of a mail; empty where there is to be none.

    The link is good for whoever has the mail, in the language of its recipient. Without
    ``link_in_mails`` the answers in a task that its contact opened on the page lead there, to
    whoever is signed in.
    """
    web = await snapshots.setting(uow, "web") or {}
    for_whoever_has_it = web.get("link_in_mails")
    if "base_url" not in web:
        return ""
    if not for_whoever_has_it and not await load.portal.opened_on_page(uow, task_id):
        return ""
    root = await snapshots.contact_root(uow, contact_id)
    who = await load.signing_in.access_of(uow, root)
    if who is None:
        return ""
    if not for_whoever_has_it:
        return _line(f"{web['base_url']}/p/t/{task_id}", who.language or web.get("language"))
    token = new_token()
    await write.signing_in.ask(
        uow,
        normalise(address),
        contact_id=root,
        task_id=task_id,
        mailing=Mailing.NONE,
        token_hash=rules.hash_of(token),
        expires_at=max(leaves_at, uow.now) + rules.TASK_LINK_LASTS,
    )
    return _line(link_of(web["base_url"], token), who.language or web.get("language"))


def _line(link: str, language: str | None) -> str:
    with speaking(language):
        return _("See the whole conversation: {link}").format(link=link)


async def page_url(uow: UnitOfWork) -> str | None:
    """The base URL of clients' pages; None where there are none."""
    found: str | None = (await snapshots.setting(uow, "web") or {}).get("base_url")
    return found


def new_token() -> str:
    """Unguessable; letters and digits only, as mail programs end a link at other signs."""
    return secrets.token_hex(_TOKEN_BYTES)


def link_of(base_url: str, token: str) -> str:
    """The link that a contact follows."""
    return f"{base_url}/p/in/{token}"
