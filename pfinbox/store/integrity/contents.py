"""Files against the comments that have them: nothing missing, changed or left over."""

from sqlalchemy import delete, exists, select, update

from pfinbox.store import files
from pfinbox.store import tables as t
from pfinbox.store.integrity.check import Check, Ids
from pfinbox.store.uow import UnitOfWork


async def _left_over(uow: UnitOfWork) -> Ids:
    """Files that no comment has."""
    used = exists().where(t.attachment.c.sha256 == t.blob.c.sha256)
    query = select(t.blob.c.sha256).where(~used).order_by(t.blob.c.sha256)
    return list(await uow.connection.scalars(query))


async def _drop(uow: UnitOfWork, ids: Ids) -> None:
    used = exists().where(t.attachment.c.sha256 == t.blob.c.sha256)
    await uow.connection.execute(delete(t.blob).where(t.blob.c.sha256.in_(ids), ~used))


async def _changed(uow: UnitOfWork) -> Ids:
    """Files whose bytes are missing, or are not those that once came."""
    # What was older than it is kept is missing for good.
    kept = exists().where(
        t.attachment.c.sha256 == t.blob.c.sha256, t.attachment.c.removed_at.is_(None)
    )
    query = select(t.blob.c.sha256).where(kept).order_by(t.blob.c.sha256)
    digests = (await uow.connection.scalars(query)).all()
    return [digest for digest in digests if await _content(uow, digest) is None]


async def _content(uow: UnitOfWork, digest: str) -> bytes | None:
    """The bytes of a file; None where they are not those that once came."""
    try:
        content = (await files.contents(uow, [digest]))[digest]
    except (KeyError, ValueError, TypeError):
        return None
    return content if files.sha256(content) == digest else None


async def _sizes(uow: UnitOfWork) -> Ids:
    """Attachments that say another size than their file has."""
    query = (
        select(t.attachment.c.id)
        .join(t.blob, t.blob.c.sha256 == t.attachment.c.sha256)
        .where(t.blob.c.size != t.attachment.c.size)
    )
    return list(await uow.connection.scalars(query.order_by(t.attachment.c.id)))


async def _measure(uow: UnitOfWork, ids: Ids) -> None:
    """Both have the size of the bytes."""
    digests = await uow.connection.scalars(
        select(t.attachment.c.sha256).where(t.attachment.c.id.in_(ids)).distinct()
    )
    for digest in digests.all():
        if (content := await _content(uow, digest)) is None:
            continue
        size = len(content)
        for table in (t.blob, t.attachment):
            await uow.connection.execute(
                update(table).where(table.c.sha256 == digest).values(size=size)
            )


CHECKS = (
    Check("file_changed", _changed),
    Check("file_size", _sizes, _measure),
    Check("file_left_over", _left_over, _drop),
)
