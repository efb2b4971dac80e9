"""Files of comments: bytes once per content, names and types per comment.

A file that stands in the raw bytes of its mail is read there, and not stored beside it.
"""

import hashlib
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Row, Select, insert, select, update

from pfinbox.domain.contract.envelope import Encoding, File, Slice
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
            values = {"sha256": digest, "size": len(file.content), **_where(file)}
            await uow.connection.execute(insert(t.blob), values)
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


def _where(file: File) -> dict[str, Any]:
    """The columns that say where the bytes are; of what receipt, :func:`stand_in` says."""
    cut = file.slice
    if cut is None:
        return {"content": file.content}
    return {"start": cut.start, "length": cut.length, "encoding": cut.encoding.value}


async def stand_in(uow: UnitOfWork, receipt_id: int, files: Iterable[File]) -> None:
    """The files of a message that was just stored stand in the raw bytes of this receipt."""
    digests = {sha256(file.content) for file in files if file.slice is not None}
    if digests:
        await uow.connection.execute(
            update(t.blob)
            .where(
                t.blob.c.sha256.in_(digests),
                # Those that were here before stand where they are.
                t.blob.c.content.is_(None),
                t.blob.c.receipt_id.is_(None),
            )
            .values(receipt_id=receipt_id)
        )


async def store_apart(uow: UnitOfWork, receipts: Select[tuple[int]]) -> None:
    """Before the raw bytes of these receipts go: what other comments have of them stays."""
    here = await uow.connection.scalars(
        select(t.blob.c.sha256).where(t.blob.c.receipt_id.in_(receipts))
    )
    for digest in here.all():
        content = (await contents(uow, [digest]))[digest]
        await uow.connection.execute(
            update(t.blob)
            .where(t.blob.c.sha256 == digest)
            .values(content=content, receipt_id=None, start=None, length=None, encoding=None)
        )


async def contents(uow: UnitOfWork, digests: Collection[str]) -> dict[str, bytes]:
    """The bytes of files by their sha256."""
    rows = await uow.connection.execute(
        select(t.blob, t.receipt.c.raw)
        .outerjoin(t.receipt, t.receipt.c.id == t.blob.c.receipt_id)
        .where(t.blob.c.sha256.in_(digests))
    )
    return {row.sha256: _bytes(row) for row in rows}


def _bytes(row: Row[Any]) -> bytes:
    if row.content is not None:
        return bytes(row.content)
    return Slice(row.start, row.length, Encoding(row.encoding)).of(row.raw)


async def load(uow: UnitOfWork, attachment_ids: Iterable[int]) -> list[File]:
    """The files with their bytes, in the order of ``attachment_ids``."""
    ids = list(attachment_ids)
    rows = await uow.connection.execute(select(t.attachment).where(t.attachment.c.id.in_(ids)))
    by_id = {row.id: row for row in rows}
    found = await contents(uow, {row.sha256 for row in by_id.values()})
    return [
        File(row.name, row.media_type, found[row.sha256], row.content_id)
        for row in (by_id[i] for i in ids)
    ]
