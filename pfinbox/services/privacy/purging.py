"""Purging comments (R34): their rows, bytes and copies go for good.

What stays is a keyed hash of every id and of the raw bytes, so that nothing that brings the same
message again (a sweep, a re-index, our own copy in Sent) brings its content back.
"""

from typing import Any

from sqlalchemy import Select, delete, exists, func, select, union, update
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound import purged
from pfinbox.domain.outbound.delivery import State
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.store import files, snapshots
from pfinbox.store import tables as t
from pfinbox.store.load.purged import mac_key
from pfinbox.store.uow import UnitOfWork

# A select of comment ids.
Comments = Select[tuple[int]]


async def must_be_still(uow: UnitOfWork, comments: Comments) -> None:
    """Refused while one of them is on its way: nobody could tell what became of it."""
    moving = await uow.connection.scalar(
        select(t.delivery.c.id)
        .where(
            t.delivery.c.comment_id.in_(comments),
            t.delivery.c.state.in_((State.SENDING, State.TRANSMITTING)),
        )
        .limit(1)
    )
    if moving is not None:
        raise Refused(_("a comment is being sent at this moment; try again in a minute"))


async def forget(uow: UnitOfWork, comments: Comments) -> None:
    """Remove these comments with everything that says what was in them."""
    await _remember_hashes(uow, comments)
    await _drop_files(uow, comments)
    c = uow.connection
    receipts = select(t.receipt.c.id).where(t.receipt.c.comment_id.in_(comments))
    await files.store_apart(uow, receipts)
    await c.execute(
        update(t.receipt)
        .where(t.receipt.c.comment_id.in_(comments))
        .values(
            raw=b"",
            sha256="",
            size=0,
            state="ignored",
            reason=Reason("purged").as_json(),
            comment_id=None,
        )
    )
    await c.execute(
        update(t.comment).where(t.comment.c.quote_id.in_(comments)).values(quote_id=None)
    )
    parts = select(t.part.c.id).where(t.part.c.comment_id.in_(comments))
    await c.execute(delete(t.delivery_part).where(t.delivery_part.c.part_id.in_(parts)))
    for table in (
        t.awaited,
        t.comment_alias,
        t.amendment,
        t.part,
        t.delivery,
        t.notify,
        t.notice,
        t.comment_edit,
        t.search_text,
    ):
        await c.execute(delete(table).where(table.c.comment_id.in_(comments)))
    await c.execute(delete(t.comment).where(t.comment.c.id.in_(comments)))


async def bytes_only_here(uow: UnitOfWork, comments: Comments) -> int:
    """How much of the files' content goes for good: what no other comment has, too."""
    mine = select(t.attachment.c.sha256).where(t.attachment.c.comment_id.in_(comments))
    elsewhere = exists().where(
        t.attachment.c.sha256 == t.blob.c.sha256, t.attachment.c.comment_id.not_in(comments)
    )
    total = await uow.connection.scalar(
        select(func.sum(t.blob.c.size)).where(t.blob.c.sha256.in_(mine), ~elsewhere)
    )
    return int(total or 0)


async def _remember_hashes(uow: UnitOfWork, comments: Comments) -> None:
    came = select(t.comment.c.account_id, t.comment.c.source_id, t.comment.c.digest).where(
        t.comment.c.id.in_(comments),
        t.comment.c.account_id.is_not(None),
        t.comment.c.source_id.is_not(None),
    )
    went = select(t.part.c.account_id, t.part.c.source_id).where(
        t.part.c.comment_id.in_(comments), t.part.c.source_id.is_not(None)
    )
    beside = select(t.comment_alias.c.account_id, t.comment_alias.c.source_id).where(
        t.comment_alias.c.comment_id.in_(comments)
    )
    # Mails without a Message-ID are known by their bytes only.
    raw = select(t.receipt.c.account_id, purged.BYTES + t.receipt.c.sha256).where(
        t.receipt.c.comment_id.in_(comments)
    )
    accounts = await snapshots.accounts(uow)
    key = await mac_key(uow)
    hashes = {
        purged.purge_hash(key, accounts[account_id], source_id)
        for account_id, source_id in await uow.connection.execute(union(went, beside, raw))
        if account_id is not None
    }
    for account_id, source_id, digest in await uow.connection.execute(came):
        account = accounts[account_id]
        name = purged.identity(account, source_id, digest)
        hashes.add(purged.purge_hash(key, account, name))
    if hashes:
        make = sqlite.insert if uow.sqlite else postgresql.insert
        await uow.connection.execute(
            make(t.purged_id).on_conflict_do_nothing(), [{"hash": one} for one in sorted(hashes)]
        )


async def _drop_files(uow: UnitOfWork, comments: Comments) -> None:
    mine = select(t.blob.c.sha256).where(
        t.blob.c.sha256.in_(
            select(t.attachment.c.sha256).where(t.attachment.c.comment_id.in_(comments))
        )
    )
    if not uow.sqlite:
        # A transaction that attaches the same content right now waits, and stores it anew.
        mine = mine.order_by(t.blob.c.sha256).with_for_update()
    known = list(await uow.connection.scalars(mine))
    await uow.connection.execute(
        delete(t.attachment).where(t.attachment.c.comment_id.in_(comments))
    )
    used = exists().where(t.attachment.c.sha256 == t.blob.c.sha256)
    for start in range(0, len(known), 500):
        some: Any = known[start : start + 500]
        await uow.connection.execute(delete(t.blob).where(t.blob.c.sha256.in_(some), ~used))


def of_tasks(root_ids: list[int]) -> Comments:
    """All comments of these roots, merged tasks included."""
    members = select(t.task.c.id).where(t.task.c.root_id.in_(root_ids))
    return select(t.comment.c.id).where(t.comment.c.task_id.in_(members))
