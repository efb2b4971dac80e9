"""Canned replies are the company's: every agent uses and edits the same ones."""

from sqlalchemy import delete, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.text import canned
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.rows import CannedRow
from pfinbox.store.uow import UnitOfWork


async def listed(uow: UnitOfWork, _actor: AgentActor) -> tuple[CannedRow, ...]:
    """All of them, by name."""
    rows = await uow.connection.execute(select(t.canned).order_by(t.canned.c.name))
    return tuple(CannedRow(row.id, row.name, row.text) for row in rows)


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
    taken = await uow.connection.scalar(select(t.canned.c.id).where(t.canned.c.name == line))
    if taken is not None and taken != canned_id:
        raise Refused(_("there is a canned reply {name} already").format(name=line))
    values = {"name": line, "text": body, "updated_at": uow.now}
    if canned_id is None:
        canned_id = await uow.add(t.canned, **values)
    else:
        done = await uow.connection.execute(
            update(t.canned).where(t.canned.c.id == canned_id).values(**values)
        )
        _must_be(done.rowcount)
    uow.touch("drafts")
    return canned_id


async def remove(uow: UnitOfWork, canned_id: int) -> None:
    done = await uow.connection.execute(delete(t.canned).where(t.canned.c.id == canned_id))
    _must_be(done.rowcount)
    uow.touch("drafts")


def _must_be(rows: int) -> None:
    if not rows:
        raise NotFound(_("this canned reply is gone; a colleague has removed it"))
