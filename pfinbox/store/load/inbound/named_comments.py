"""Loading the comments that an edit, a deletion or a reaction is about."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, union_all

from pfinbox.domain.inbound.message_events import Target
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def by_source_id(
    uow: UnitOfWork, account_id: int, source_ids: Sequence[str]
) -> dict[str, Target]:
    """A client's message, a part of ours, a picture of an album; of several the newest comment."""
    if not source_ids:
        return {}
    values = {"account_id": account_id, "names": list(source_ids)}
    statement = _by_source_id(lock=not uow.sqlite)
    return {
        row.name: Target(
            id=row.id,
            task_id=row.task_id,
            root_id=row.root_id,
            text=row.text,
            source_id=row.source_id,
            outside=row.direction == "incoming" or row.sent_elsewhere,
            warnings=tuple(row.warnings or ()),
            reactions=tuple(row.reactions or ()),
            files=frozenset((row.files or "").split()),
        )
        for row in await uow.connection.execute(statement, values)
    }


@cache
def _by_source_id(*, lock: bool) -> Select[Any]:
    named = union_all(
        *(
            select(of.source_id.label("name"), comment.label("comment_id")).where(
                of.account_id == bindparam("account_id"),
                of.source_id.in_(bindparam("names", expanding=True)),
            )
            for of, comment in (
                (t.comment.c, t.comment.c.id),
                (t.part.c, t.part.c.comment_id),
                (t.comment_alias.c, t.comment_alias.c.comment_id),
            )
        )
    ).subquery()
    files = (
        select(func.aggregate_strings(t.attachment.c.sha256, " "))
        .where(t.attachment.c.comment_id == t.comment.c.id)
        .correlate(t.comment)
        .scalar_subquery()
    )
    query = (
        select(t.comment, t.task.c.root_id, named.c.name, files.label("files"))
        .join(named, named.c.comment_id == t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        # The last one is kept.
        .order_by(t.comment.c.id)
    )
    return query.with_for_update(of=t.comment) if lock else query
