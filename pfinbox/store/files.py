"""Files of comments: bytes once per content, names and types per comment.

A file that stands in the raw bytes of its mail is read there, and not stored beside it.
"""

import hashlib
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from pfinbox.domain.contract.files import Encoding, File, Slice
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def attach(uow: UnitOfWork, comment_id: int, files: Iterable[File]) -> list[int]:
    """Store files of a comment in their order; returns the attachments' ids."""
    some = list(files)
    if not some:
        return []
    await attach_all(uow, [(comment_id, some)])
    newest = (
        select(t.attachment.c.id)
        .where(t.attachment.c.comment_id == comment_id)
        .order_by(t.attachment.c.id.desc())
        .limit(len(some))
    )
    return sorted(await uow.connection.scalars(newest))


async def attach_all(uow: UnitOfWork, all_files: Iterable[tuple[int, Iterable[File]]]) -> None:
    """The same for many comments."""
    blobs: dict[str, File] = {}
    rows: list[dict[str, Any]] = []
    for comment_id, files in all_files:
        for file in files:
            digest = sha256(file.content)
            blobs.setdefault(digest, file)
            rows.append(
                {
                    "comment_id": comment_id,
                    "name": clean_line(file.name, 200) or "file",
                    "media_type": clean_line(file.media_type, 100) or "application/octet-stream",
                    "size": len(file.content),
                    "sha256": digest,
                    "content_id": clean_line(file.content_id) if file.content_id else None,
                }
            )
    if not rows:
        return
    same = select(t.blob.c.sha256).where(t.blob.c.sha256.in_(blobs))
    if not uow.sqlite:
        # Nobody may purge it before our row refers to it.
        same = same.with_for_update(read=True, key_share=True)
    known = set(await uow.connection.scalars(same))
    new = [
        {"sha256": digest, "size": len(file.content), **_where(file)}
        for digest, file in sorted(blobs.items())
        if digest not in known
    ]
    if new:
        await uow.connection.execute(insert(t.blob), new)
    await uow.connection.execute(insert(t.attachment), rows)


def _where(file: File) -> dict[str, Any]:
    """The columns that say where the bytes are; of what receipt, :func:`stand_in` says."""
    cut = file.slice
    return {
        "content": file.content if cut is None else None,
        "start": cut.start if cut is not None else None,
        "length": cut.length if cut is not None else None,
        "encoding": cut.encoding.value if cut is not None else None,
    }


# Those that were here before stand where they are.
_STAND_IN = (
    update(t.blob)
    .where(
        t.blob.c.sha256 == bindparam("digest"),
        t.blob.c.content.is_(None),
        t.blob.c.receipt_id.is_(None),
    )
    .values(receipt_id=bindparam("receipt"))
)


async def stand_in(uow: UnitOfWork, all_files: Iterable[tuple[int, Iterable[File]]]) -> None:
    """The files of messages that were just stored stand in the raw bytes of these receipts."""
    rows = [
        {"receipt": receipt_id, "digest": sha256(file.content)}
        for receipt_id, files in all_files
        for file in files
        if file.slice is not None
    ]
    if rows:
        await uow.connection.execute(_STAND_IN, rows)


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
