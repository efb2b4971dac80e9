"""Purging tasks in the trash (R34), after a preview of what goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, literal, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events import Purged
from pfinbox.domain.outbound.delivery import WAITING
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.privacy import purging
from pfinbox.store import journal
from pfinbox.store import tables as t
from pfinbox.store.load import merges
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Gone:
    """What a purge takes away for good, as numbers; ``bytes`` is the content of files."""

    tasks: int
    comments: int
    files: int
    bytes: int
    # Comments that wait to be sent; nobody will get them.
    unsent: int
    drafts: int


async def preview_purge(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> Gone:
    """What purging these tasks would take away; nothing is stored."""
    return await count(uow, await _in_trash(uow, actor, task_ids))


async def purge(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> Gone:
    """Remove the content of these tasks, all or none, with everything merged into them.

    Only tasks in the trash can be purged. Their numbers stay taken; a message that answers them
    opens a new task (R7), and one that was in them is not shown again.
    """
    roots = await _in_trash(uow, actor, task_ids)
    await merges.lock(uow, "task", roots)
    gone = await count(uow, roots)
    await empty(uow, actor.id, roots)
    await index.scrub(uow)
    return gone


async def _in_trash(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> list[int]:
    roots = []
    for task_id in task_ids:
        task = await access.the_task(uow, actor, task_id)
        if task.deleted_at is None:
            raise Refused(_("task #{id} is not in the trash; delete it first").format(id=task.id))
        roots.append(task.id)
    return sorted(set(roots))


async def count(uow: UnitOfWork, root_ids: list[int]) -> Gone:
    """What these roots hold."""
    comments = purging.of_tasks(root_ids)
    members = select(t.task.c.id).where(t.task.c.root_id.in_(root_ids))
    mine = t.delivery.c.comment_id.in_(comments)

    async def number(query: object) -> int:
        return int(await uow.connection.scalar(query) or 0)  # type: ignore[call-overload]

    return Gone(
        tasks=await number(select(func.count()).select_from(members.subquery())),
        comments=await number(select(func.count()).select_from(comments.subquery())),
        files=await number(select(func.count()).where(t.attachment.c.comment_id.in_(comments))),
        bytes=await purging.bytes_only_here(uow, comments),
        unsent=await number(
            select(func.count(t.delivery.c.comment_id.distinct())).where(
                mine, t.delivery.c.state.in_(WAITING)
            )
        ),
        drafts=await number(select(func.count()).where(t.draft.c.task_id.in_(members))),
    )


async def empty(uow: UnitOfWork, agent_id: int | None, root_ids: list[int]) -> None:
    """Leave of these roots, and of what is merged into them, nothing but their numbers."""
    comments = purging.of_tasks(root_ids)
    await purging.must_be_still(uow, comments)
    await purging.forget(uow, comments)
    members = list(
        await uow.connection.scalars(select(t.task.c.id).where(t.task.c.root_id.in_(root_ids)))
    )
    await _bridge(uow, root_ids, members)
    await _forget_titles(uow, members)
    for table in (
        t.activity,
        t.draft,
        t.tag,
        t.participant,
        t.read_mark,
        t.invitation,
        t.search_text,
    ):
        await uow.connection.execute(delete(table).where(table.c.task_id.in_(members)))
    await uow.connection.execute(
        update(t.task)
        .where(t.task.c.id.in_(members))
        .values(
            title="",
            last_line="",
            last_direction=None,
            contact_id=None,
            assignee_agent_id=None,
            assignee_contact_id=None,
            waiting_since=None,
            last_notable_id=0,
            snoozed_until=None,
            deleted_at=func.coalesce(
                t.task.c.deleted_at, literal(uow.now, t.task.c.deleted_at.type)
            ),
            purged_at=uow.now,
        )
    )
    for root_id in root_ids:
        await journal.record(uow, root_id, Purged(), agent_id)
    uow.touch("tasks", "outbox", "drafts")


async def _bridge(uow: UnitOfWork, root_ids: list[int], members: list[int]) -> None:
    """A later task's link leads past the purged one, to what came before it (R8)."""
    for root_id in root_ids:
        before = root_id
        seen: set[int] = set()
        # The previous task may be purged at the same time.
        while before in members and before not in seen:
            seen.add(before)
            row = (
                await uow.connection.execute(
                    select(t.task.c.root_id, t.task.c.previous_task_id).where(t.task.c.id == before)
                )
            ).one()
            before = row.root_id if row.root_id != before else row.previous_task_id or 0
        tree = select(t.task.c.id).where(t.task.c.root_id == root_id)
        await uow.connection.execute(
            update(t.task)
            .where(
                t.task.c.previous_task_id.in_(tree),
                t.task.c.id.not_in(members),
                t.task.c.id != before,
            )
            .values(previous_task_id=before if before and before not in members else None)
        )


async def _forget_titles(uow: UnitOfWork, members: list[int]) -> None:
    """Their titles stand in two more places: where they were once merged, and on their threads."""
    merged = select(t.merge.c.survivor_id).where(
        t.merge.c.kind == "task", t.merge.c.other_id.in_(members)
    )
    lines = await uow.connection.execute(
        select(t.activity.c.id, t.activity.c.args).where(
            t.activity.c.task_id.in_(merged), t.activity.c.kind == "merged"
        )
    )
    for line in lines.all():
        if line.args.get("other") in members:
            await uow.connection.execute(
                update(t.activity)
                .where(t.activity.c.id == line.id)
                .values(args={**line.args, "title": ""})
            )
    bound = select(t.binding.c.chat_id)
    await uow.connection.execute(
        update(t.chat)
        .where(
            t.chat.c.id.in_(bound.where(t.binding.c.task_id.in_(members))),
            t.chat.c.id.not_in(
                bound.join(t.task, t.task.c.id == t.binding.c.task_id).where(
                    t.task.c.id.not_in(members), t.task.c.purged_at.is_(None)
                )
            ),
        )
        .values(subject=None)
    )
