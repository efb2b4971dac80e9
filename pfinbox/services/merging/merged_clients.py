"""Clients of tasks that were merged into another client's: they take part there (R32)."""

from sqlalchemy import delete, select

from pfinbox.services.tasks import merge_records
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def invite(uow: UnitOfWork, root_id: int, by_merge: int | None = None) -> None:
    """Make the client of every merged task a participant, unless the root is theirs too.

    Without that nobody could answer them: a comment goes only to people of the task. The row
    stands on the merged task, and is noted in the merge that made it necessary (``by_merge``, else
    that task's own), so that it goes when that is undone.
    """
    task = await snapshots.task(uow, root_id)
    here = {task.contact_id, *(who.id for who in task.participants if who.kind == "contact")}
    rows = await uow.connection.execute(
        select(t.task.c.id, t.contact.c.root_id.label("card_id"), t.task.c.contact_id)
        .join(t.contact, t.contact.c.id == t.task.c.contact_id)
        .where(t.task.c.root_id == root_id, t.task.c.id != root_id)
        .order_by(t.task.c.id)
    )
    for row in rows.all():
        if row.card_id in here:
            continue
        here.add(row.card_id)
        guest = await uow.add(t.participant, task_id=row.id, contact_id=row.contact_id)
        merge_id = by_merge or (await merge_records.standing(uow, "task", row.id)).id
        noted = await merge_records.part(uow, merge_id, "guests")
        await merge_records.rewrite(uow, merge_id, guests=[*noted, guest])


async def dismiss(uow: UnitOfWork, participant_ids: list[int]) -> None:
    """Undo the invitations of one merge."""
    await uow.connection.execute(
        delete(t.participant).where(t.participant.c.id.in_(participant_ids))
    )
