"""What a day's tidying looks at, a few rows at a time in the order of their ids."""

from sqlalchemy import and_, exists, or_, select

from pfinbox.domain.outbound.delivery import BLOCKING, TROUBLED, State
from pfinbox.domain.retention import AttachedFile, Original
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def originals(uow: UnitOfWork, after: int, limit: int) -> list[Original]:
    """Receipts above this id."""
    receipt = t.receipt.c
    rows = await uow.connection.execute(
        select(receipt.id, receipt.received_at, receipt.state, receipt.size, receipt.removed_at)
        .where(receipt.id > after)
        .order_by(receipt.id)
        .limit(limit)
    )
    return [
        Original(row.id, row.received_at, row.state, row.size > 0 and row.removed_at is None)
        for row in rows.all()
    ]


async def files(uow: UnitOfWork, after: int, limit: int) -> list[AttachedFile]:
    """Attachments above this id."""
    attachment, root = t.attachment.c, t.task.alias("root")
    waits = t.delivery.c.state.in_((State.SCHEDULED, *BLOCKING))
    troubled = and_(t.delivery.c.state.in_(TROUBLED), t.delivery.c.dismissed_at.is_(None))
    mine = t.delivery.c.comment_id == attachment.comment_id
    rows = await uow.connection.execute(
        select(
            attachment.id,
            attachment.comment_id,
            attachment.sha256,
            t.comment.c.created_at,
            attachment.removed_at,
            root.c.active,
            exists().where(mine, or_(waits, troubled)).label("on_its_way"),
        )
        .join(t.comment, t.comment.c.id == attachment.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .join(root, root.c.id == t.task.c.root_id)
        .where(attachment.id > after)
        .order_by(attachment.id)
        .limit(limit)
    )
    return [
        AttachedFile(
            id=row.id,
            comment_id=row.comment_id,
            sha256=row.sha256,
            at=row.created_at,
            here=row.removed_at is None,
            open=row.active,
            on_its_way=row.on_its_way,
        )
        for row in rows.all()
    ]
