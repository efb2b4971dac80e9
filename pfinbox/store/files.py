"""Files of comments: bytes once per content, names and types per comment."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import insert, select

from pfinbox.domain.contract.envelope import File
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def attach(uow: UnitOfWork, comment_id: int, files: Iterable[File]) -> list[int]:
    """Store files of a comment in their order; returns the attachments' ids."""
    ids: list[int] = []
    for file in files:
        digest = sha256(file.content)
        same = select(t.blob.c.size).where(t.blob.c.sha256 == digest)
        if not uow.sqlite:
            # Nobody may purge it before our row refers to it.
            same = same.with_for_update(read=True, key_share=True)
        known = await uow.connection.scalar(same)
        if known is None:
            await uow.connection.execute(
                insert(t.blob).values(sha256=digest, size=len(file.content), content=file.content)
            )
        ids.append(
            await uow.add(
                t.attachment,
                comment_id=comment_id,
                name=clean_line(file.name, 200) or "file",
                media_type=clean_line(file.media_type, 100) or "application/octet-stream",
                size=len(file.content),
                sha256=digest,
                content_id=clean_line(file.content_id) if file.content_id else None,
            )
        )
    return ids


async def load(uow: UnitOfWork, attachment_ids: Iterable[int]) -> list[File]:
    """The files with their bytes, in the order of ``attachment_ids``."""
    ids = list(attachment_ids)
    rows = await uow.connection.execute(
        select(t.attachment, t.blob.c.content)
        .join(t.blob, t.blob.c.sha256 == t.attachment.c.sha256)
        .where(t.attachment.c.id.in_(ids))
    )
    by_id = {row.id: File(row.name, row.media_type, row.content, row.content_id) for row in rows}
    return [by_id[i] for i in ids]
