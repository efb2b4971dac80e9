"""Canned replies are the company's: every agent uses and edits the same ones."""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text import canned
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.store import read, write
from pfinbox.store.rows import CannedRow
from pfinbox.store.uow import UnitOfWork


async def listed(uow: UnitOfWork, _actor: AgentActor) -> tuple[CannedRow, ...]:
    """All of them, by name."""
    return await read.canned(uow)


async def keep(
    uow: UnitOfWork, _actor: AgentActor, name: str, text: str, canned_id: int | None = None
) -> None:
    """Make one, or change ``canned_id``; without a text that one is removed."""
    if canned_id is not None and not text:
        await remove(uow, canned_id)
    else:
        await save(uow, name, text, canned_id)


async def save(uow: UnitOfWork, name: str, text: str, canned_id: int | None = None) -> int:
    """Make one, or change ``canned_id``; returns its id. Refused when the name is taken."""
    line, body = clean_line(name, canned.LONGEST_NAME), clean(text, canned.LONGEST_TEXT)
    if not line or not body.strip():
        raise UsageError(_("a canned reply needs a name and a text"))
    canned.check(body)
    known = await read.canned(uow)
    if any(one.name == line and one.id != canned_id for one in known):
        raise Refused(_("there is a canned reply {name} already").format(name=line))
    if canned_id is None:
        return await write.comments.add_canned(uow, line, body)
    _must_be_there(known, canned_id)
    await write.comments.change_canned(uow, canned_id, line, body)
    return canned_id


async def remove(uow: UnitOfWork, canned_id: int) -> None:
    _must_be_there(await read.canned(uow), canned_id)
    await write.comments.remove_canned(uow, canned_id)


def _must_be_there(known: tuple[CannedRow, ...], canned_id: int) -> None:
    if canned_id not in {one.id for one in known}:
        raise NotFound(_("this canned reply is gone; a colleague has removed it"))
