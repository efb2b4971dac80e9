"""Sessions on contacts' own pages: who is there, and ending them."""

from pfinbox.domain.actor import AgentActor, ContactActor, SystemActor
from pfinbox.domain.people import signing_in as rules
from pfinbox.domain.people.signing_in import Visitor
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.store import load, write
from pfinbox.store.rows import PortalSessionRow
from pfinbox.store.uow import UnitOfWork


async def visitor(uow: UnitOfWork, actor: SystemActor, token: str) -> tuple[Visitor, bool] | None:
    """Who is there by this session, and whether the visit is to be noted; None where it has ended.

    It ends when access is taken, its address is removed or blocked, cards are merged or parted.
    """
    found = await load.signing_in.visitor(uow, rules.hash_of(token))
    if found is None:
        return None
    who, last_seen_at = found
    return who, rules.noted_again(last_seen_at, uow.now)


async def note_visit(uow: UnitOfWork, actor: SystemActor, session_id: int) -> None:
    """The contact was there: the session lasts longer."""
    await write.signing_in.seen(uow, session_id)


async def sign_out(uow: UnitOfWork, actor: SystemActor, session_id: int) -> None:
    """End one session."""
    await write.signing_in.end_sessions(uow, [session_id])


async def sign_out_everywhere(uow: UnitOfWork, actor: ContactActor, contact_id: int) -> None:
    """End every session of the contact who asks, and their links."""
    if actor.task_id is None and contact_id in actor.contact_ids:
        await end_all(uow, contact_id)


async def sessions(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> list[PortalSessionRow]:
    """The sessions of a contact, newest first."""
    return await load.signing_in.sessions(uow, await access.the_contact(uow, actor, contact_id))


async def revoke(
    uow: UnitOfWork, actor: AgentActor, contact_id: int, session_id: int | None = None
) -> list[PortalSessionRow]:
    """End one session of a contact, or all of them with every link; returns those that go on."""
    root = await access.the_contact(uow, actor, contact_id)
    if session_id is None:
        await end_all(uow, root)
        return []
    alive = await load.signing_in.sessions(uow, root)
    if session_id not in {one.id for one in alive}:
        raise NotFound(_("there is no session {id}").format(id=session_id))
    await write.signing_in.end_sessions(uow, [session_id])
    return [one for one in alive if one.id != session_id]


async def end_all(uow: UnitOfWork, root: int) -> None:
    """End every session of a contact, and make every link useless."""
    await write.signing_in.end_sessions_of(uow, [root])
    await write.signing_in.spend_links_of(uow, root)
