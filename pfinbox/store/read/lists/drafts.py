"""What an agent has written and not sent: comments, forwards, mails, a reply to many."""

from sqlalchemy import ColumnElement, and_, func, or_, select

from pfinbox.domain.actor import AgentActor
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import Viewer, viewer
from pfinbox.store.rows import DraftRow, ListedDraft
from pfinbox.store.uow import UnitOfWork

# Nobody keeps as many; the newest are shown.
MANY = 200

_root = t.task.alias("root")
# One to an address that is in no task yet has none either.
_KEPT = t.draft.outerjoin(t.task, t.task.c.id == t.draft.c.task_id).outerjoin(
    _root, _root.c.id == t.task.c.root_id
)


async def drafts(uow: UnitOfWork, actor: AgentActor) -> tuple[ListedDraft, ...]:
    """The agent's own, the newest first, without those in tasks that the agent may not see."""
    who = await viewer(uow, actor)
    written, card = t.contact.alias("written"), t.contact.alias("card")
    rows = (
        await uow.connection.execute(
            select(t.draft, _root.c.id.label("root_id"), _root.c.title, card.c.name)
            .select_from(
                _KEPT.outerjoin(written, written.c.id == _root.c.contact_id).outerjoin(
                    card, card.c.id == written.c.root_id
                )
            )
            .where(_own(who, actor))
            .order_by(t.draft.c.updated_at.desc(), t.draft.c.id.desc())
            .limit(MANY)
        )
    ).all()
    found = [
        ListedDraft(
            DraftRow(row.root_id or 0, row.mode, row.text, row.choices, row.updated_at),
            row.title or "",
            row.name or "",
        )
        for row in rows
    ]
    return await _named(uow, who, found)


async def draft_count(uow: UnitOfWork, actor: AgentActor) -> int:
    """How many ``drafts`` would list, were there no end to it."""
    own = _own(await viewer(uow, actor), actor)
    counting = select(func.count()).select_from(_KEPT).where(own)
    return await uow.connection.scalar(counting) or 0


def _own(who: Viewer, actor: AgentActor) -> ColumnElement[bool]:
    seen = and_(_root.c.purged_at.is_(None), who.sees(_root))
    return and_(t.draft.c.agent_id == actor.id, or_(t.draft.c.task_id == 0, seen))


async def _named(uow: UnitOfWork, who: Viewer, found: list[ListedDraft]) -> tuple[ListedDraft, ...]:
    """With the names of those who are written to by a messenger, in no task yet."""
    ids = {one.contact_id for one in found if one.contact_id is not None}
    if not ids:
        return tuple(found)
    written, card = t.contact.alias("written"), t.contact.alias("card")
    rows = await uow.connection.execute(
        select(written.c.id, card.c.name)
        .join(card, card.c.id == written.c.root_id)
        .where(written.c.id.in_(ids), who.knows(card))
    )
    names = {row.id: row.name for row in rows}
    return tuple(
        ListedDraft(one.draft, one.title, names.get(one.contact_id or 0, one.name)) for one in found
    )
