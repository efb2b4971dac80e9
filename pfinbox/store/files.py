"""Files of comments: bytes once per content, names and types per comment.

A file that stands in the raw bytes of its mail is read there, and not stored beside it.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, insert, select, update

from pfinbox.domain.contract.files import Encoding, File, Slice
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.retention import AttachedFile
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.errors import NotFound
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# By the sha256 of a file: the receipt in whose raw bytes it stands, and where in them.
Places = Mapping[str, tuple[int, Slice]]


# Its bytes were older than they are kept. What stands in a receipt has no content of its own.
_removed = and_(
    t.blob.c.content.is_not(None), func.length(t.blob.c.content) == 0, t.blob.c.size > 0
)


class Removed(NotFound):
    """A file whose bytes were older than they are kept."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.sentence())
        self.reason = reason


def must_be_here(name: str, removed_at: datetime | None) -> None:
    """Removed for a file whose bytes were older than they are kept."""
    if removed_at is not None:
        raise Removed(Reason("file_removed", {"name": name, "day": removed_at.date().isoformat()}))


async def must_all_be_here(uow: UnitOfWork, attachment_ids: Collection[int]) -> None:
    """Removed when the bytes of one of these files were older than they are kept."""
    query = select(t.attachment.c.name, t.attachment.c.removed_at)
    for row in await uow.connection.execute(query.where(t.attachment.c.id.in_(attachment_ids))):
        must_be_here(row.name, row.removed_at)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def attach(uow: UnitOfWork, comment_id: int, files: Iterable[File]) -> list[int]:
    """Store files of a comment in their order; returns the attachments' ids."""
    some = list(files)
    if not some:
        return []
    await attach_all(uow, [(comment_id, some)], {})
    newest = (
        select(t.attachment.c.id)
        .where(t.attachment.c.comment_id == comment_id)
        .order_by(t.attachment.c.id.desc())
        .limit(len(some))
    )
    return sorted(await uow.connection.scalars(newest))


async def attach_all(
    uow: UnitOfWork, all_files: Iterable[tuple[int, Iterable[File]]], places: Places
) -> None:
    """The same for many comments; what has one of ``places`` is not stored beside its receipt."""
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
    same = select(t.blob.c.sha256, _removed.label("removed")).where(t.blob.c.sha256.in_(blobs))
    if not uow.sqlite:
        # Nobody may purge it, or remove its bytes, before our row refers to it.
        same = same.with_for_update(read=True)
    known = {row.sha256: row.removed for row in await uow.connection.execute(same)}
    for digest in [one for one, removed in known.items() if removed]:
        here = update(t.blob).where(t.blob.c.sha256 == digest)
        await uow.connection.execute(here.values(content=blobs[digest].content))
    new = [
        {"sha256": digest, "size": len(file.content), **_where(file, places.get(digest))}
        for digest, file in sorted(blobs.items())
        if digest not in known
    ]
    if new:
        await uow.connection.execute(insert(t.blob), new)
    await uow.connection.execute(insert(t.attachment), rows)


def places_in(all_files: Iterable[tuple[int, Iterable[File]]]) -> Places:
    """Where the files of messages stand, each of which came with the receipt of that id."""
    found: dict[str, tuple[int, Slice]] = {}
    for receipt_id, files in all_files:
        for file in files:
            if file.slice is not None:
                # Receipt and slice belong together: another mail has the same file elsewhere.
                found.setdefault(sha256(file.content), (receipt_id, file.slice))
    return found


def _where(file: File, place: tuple[int, Slice] | None) -> dict[str, Any]:
    """The columns that say where the bytes are."""
    if place is None:
        empty = dict.fromkeys(("receipt_id", "start", "length", "encoding"))
        return {"content": file.content, **empty}
    receipt_id, cut = place
    return {
        "content": None,
        "receipt_id": receipt_id,
        "start": cut.start,
        "length": cut.length,
        "encoding": cut.encoding.value,
    }


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
    """The bytes of files by their sha256; without those that were removed."""
    rows = await uow.connection.execute(
        select(t.blob, t.receipt.c.raw)
        .outerjoin(t.receipt, t.receipt.c.id == t.blob.c.receipt_id)
        .where(t.blob.c.sha256.in_(digests), ~_removed)
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
    for row in by_id.values():
        must_be_here(row.name, row.removed_at)
    found = await contents(uow, {row.sha256 for row in by_id.values()})
    return [
        File(row.name, row.media_type, found[row.sha256], row.content_id)
        for row in (by_id[i] for i in ids)
    ]


async def remove_originals(uow: UnitOfWork, receipt_ids: Collection[int]) -> None:
    """Remove what was received; files that stand in it are kept beside."""
    mine = t.receipt.c.id.in_(receipt_ids)
    await store_apart(uow, select(t.receipt.c.id).where(mine))
    await uow.connection.execute(update(t.receipt).where(mine).values(raw=b"", removed_at=uow.now))


async def remove_files(uow: UnitOfWork, some: Sequence[AttachedFile]) -> None:
    """Remove these files, unless other comments have the same, and the mails that they came in."""
    await uow.connection.execute(
        update(t.attachment)
        .where(t.attachment.c.id.in_([one.id for one in some]))
        .values(removed_at=uow.now)
    )
    mine = t.blob.c.sha256.in_({one.sha256 for one in some})
    if not uow.sqlite:
        # Whoever attaches one of them goes first: the next statement sees that attachment.
        lock = select(t.blob.c.sha256).where(mine).order_by(t.blob.c.sha256).with_for_update()
        await uow.connection.execute(lock)
    used = exists().where(
        t.attachment.c.sha256 == t.blob.c.sha256, t.attachment.c.removed_at.is_(None)
    )
    await uow.connection.execute(
        update(t.blob)
        .where(mine, ~used)
        .values(content=b"", receipt_id=None, start=None, length=None, encoding=None)
    )
    came_in = await uow.connection.scalars(
        select(t.receipt.c.id).where(
            t.receipt.c.comment_id.in_({one.comment_id for one in some}),
            t.receipt.c.state != "quarantined",
            t.receipt.c.removed_at.is_(None),
        )
    )
    await remove_originals(uow, came_in.all())
    uow.touch("tasks")
