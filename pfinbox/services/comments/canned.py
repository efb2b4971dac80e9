"""Canned replies: the company's, which every agent uses and edits, and each agent's own."""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text import canned
from pfinbox.domain.text.cleaning import clean
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.store import read, write
from pfinbox.store.rows import CannedRow
from pfinbox.store.uow import UnitOfWork


async def listed(uow: UnitOfWork, actor: AgentActor) -> tuple[CannedRow, ...]:
    """Those that this agent may use, by name."""
    return await read.canned(uow, actor.id)


async def keep(
    uow: UnitOfWork,
    actor: AgentActor,
    name: str,
    text: str,
    canned_id: int | None = None,
    *,
    own: bool = False,
) -> None:
    """Make one, or change ``canned_id``; without a text that one is removed."""
    if canned_id is not None and not text:
        await remove(uow, actor, canned_id)
    else:
        await save(uow, actor, name, text, canned_id, own=own)


async def save(
    uow: UnitOfWork,
    actor: AgentActor,
    name: str,
    text: str,
    canned_id: int | None = None,
    *,
    own: bool = False,
) -> int:
    """Make one, or change ``canned_id``; returns its id. Refused when the name is taken."""
    known = await listed(uow, actor)
    if canned_id is not None:
        _must_be_there(known, canned_id)
    line, body = canned.path(name), clean(text, canned.LONGEST_TEXT)
    if not line or not body.strip():
        raise UsageError(_("a canned reply needs a name and a text"))
    canned.check(body)
    # An own one may stand beside everybody's of the same name.
    if any(one.name == line and one.own is own and one.id != canned_id for one in known):
        raise Refused(_("there is a canned reply {name} already").format(name=line))
    whose = actor.id if own else None
    if canned_id is None:
        return await write.comments.add_canned(uow, line, body, whose)
    await write.comments.change_canned(uow, canned_id, line, body, whose)
    return canned_id


async def remove(uow: UnitOfWork, actor: AgentActor, canned_id: int) -> None:
    _must_be_there(await listed(uow, actor), canned_id)
    await write.comments.remove_canned(uow, canned_id)


async def named(uow: UnitOfWork, actor: AgentActor, name: str, *, own: bool) -> CannedRow:
    """The one of this name; NotFound where this agent has none."""
    line = canned.path(name)
    for one in await listed(uow, actor):
        if one.name == line and one.own is own:
            return one
    raise NotFound(_("there is no canned reply {name}").format(name=line or name))


def _must_be_there(known: tuple[CannedRow, ...], canned_id: int) -> None:
    if canned_id not in {one.id for one in known}:
        raise NotFound(_("this canned reply is gone; a colleague has removed it"))
