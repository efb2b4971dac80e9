"""What goes when tasks are purged or a contact is erased, and what is known of what has gone (R34).

What stays is a keyed hash of every id and of the raw bytes, so that nothing that brings the same
message again (a sweep, a re-index, our own copy in Sent) brings its content back.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, union

from pfinbox.domain.inbound.identity import purged as rules
from pfinbox.domain.merging.chain import Link
from pfinbox.domain.outbound.delivery import WAITING, State
from pfinbox.domain.purging import Gone, Naming
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Comments as a select of their ids: they may be more than a statement takes parameters.
Comments = Select[tuple[int]]
_BATCH = 500


async def mac_key(uow: UnitOfWork) -> bytes:
    """The store's own secret, made when the store was."""
    return bytes.fromhex(await snapshots.setting(uow, "mac_key"))


async def purged_of(uow: UnitOfWork, hashes: Collection[str]) -> frozenset[str]:
    """Those of the hashes that stand for something purged."""
    found = await uow.connection.scalars(
        select(t.purged_id.c.hash).where(t.purged_id.c.hash.in_(hashes))
    )
    return frozenset(found)


def of_tasks(root_ids: Collection[int]) -> Comments:
    """All comments of these roots, merged tasks included."""
    return select(t.comment.c.id).where(t.comment.c.task_id.in_(_members(root_ids)))


def of_ids(comment_ids: Collection[int]) -> Comments:
    return select(t.comment.c.id).where(t.comment.c.id.in_(comment_ids))


def sent_to(root: int) -> Comments:
    """Comments with a delivery to a contact."""
    return select(t.delivery.c.comment_id).where(t.delivery.c.contact_id.in_(cards(root)))


def said_elsewhere(root: int, task_ids: Collection[int]) -> Comments:
    """What a contact said, and what was said to nobody else, in conversations but these."""
    told = (
        select(t.notify.c.comment_id)
        .where(t.notify.c.contact_id.is_not(None))
        .group_by(t.notify.c.comment_id)
        .having(func.count() == func.count().filter(t.notify.c.contact_id.in_(cards(root))))
    )
    return select(t.comment.c.id).where(
        t.comment.c.task_id.not_in(_members(task_ids)),
        or_(t.comment.c.contact_id.in_(cards(root)), t.comment.c.id.in_(told)),
    )


def cards(root: int) -> Comments:
    """A root card and everything merged into it."""
    return select(t.contact.c.id).where(t.contact.c.root_id == root)


def _members(root_ids: Collection[int]) -> Select[tuple[int]]:
    return select(t.task.c.id).where(t.task.c.root_id.in_(root_ids))


async def by_ids(uow: UnitOfWork, comments: Comments) -> list[Comments]:
    """The same comments by their ids, in batches: rows that choose them may go before they do."""
    ids: list[Any] = list(await uow.connection.scalars(comments.order_by(t.comment.c.id)))
    return [select(t.comment.c.id).where(t.comment.c.id.in_(some)) for some in batches(ids)]


async def is_moving(uow: UnitOfWork, comments: Comments) -> bool:
    """Whether one of the comments is being sent at this moment."""
    moving = select(t.delivery.c.id).where(
        t.delivery.c.comment_id.in_(comments),
        t.delivery.c.state.in_((State.SENDING, State.TRANSMITTING)),
    )
    return await uow.connection.scalar(moving.limit(1)) is not None


async def count(uow: UnitOfWork, comments: Comments) -> int:
    return int(await uow.connection.scalar(_number(comments)) or 0)


def _number(ids: Select[tuple[int]]) -> Select[Any]:
    return select(func.count()).select_from(ids.subquery())


async def by_root(uow: UnitOfWork, comments: Comments) -> dict[int, list[int]]:
    """The comments by the task in which they stand, merged ones resolved."""
    rows = await uow.connection.execute(
        select(t.task.c.root_id, t.comment.c.id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id.in_(comments))
        .order_by(t.task.c.root_id, t.comment.c.id)
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.root_id, []).append(row.id)
    return found


async def gone(uow: UnitOfWork, root_ids: Collection[int]) -> Gone:
    """What these roots hold."""
    comments, members = of_tasks(root_ids), _members(root_ids)
    mine = select(t.attachment.c.sha256).where(t.attachment.c.comment_id.in_(comments))
    elsewhere = exists().where(
        t.attachment.c.sha256 == t.blob.c.sha256, t.attachment.c.comment_id.not_in(comments)
    )
    delivery = t.delivery.c
    row = await uow.connection.execute(
        select(
            _number(members).scalar_subquery(),
            _number(comments).scalar_subquery(),
            select(func.count()).where(t.attachment.c.comment_id.in_(comments)).scalar_subquery(),
            # What no other comment has, too.
            select(func.coalesce(func.sum(t.blob.c.size), 0))
            .where(t.blob.c.sha256.in_(mine), ~elsewhere)
            .scalar_subquery(),
            select(func.count(delivery.comment_id.distinct()))
            .where(delivery.comment_id.in_(comments), delivery.state.in_(WAITING))
            .scalar_subquery(),
            select(func.count()).where(t.draft.c.task_id.in_(members)).scalar_subquery(),
        )
    )
    return Gone(*(int(number) for number in row.one()))


async def links(uow: UnitOfWork, root_ids: Collection[int]) -> dict[int, Link]:
    """These roots and what is merged into them, each with the task before it."""
    columns = (t.task.c.id, t.task.c.root_id, t.task.c.previous_task_id)
    rows = await uow.connection.execute(select(*columns).where(t.task.c.root_id.in_(root_ids)))
    return {row.id: Link(*row) for row in rows}


async def hashes(uow: UnitOfWork, comments: Comments) -> set[str]:
    """By what these comments are known when somebody brings them again."""
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
    raw = select(t.receipt.c.account_id, rules.BYTES + t.receipt.c.sha256).where(
        t.receipt.c.comment_id.in_(comments)
    )
    accounts, key = await snapshots.accounts(uow), await mac_key(uow)
    found = {
        rules.purge_hash(key, accounts[account_id], source_id)
        for account_id, source_id in await uow.connection.execute(union(went, beside, raw))
        if account_id is not None
    }
    for account_id, source_id, digest in await uow.connection.execute(came):
        account = accounts[account_id]
        name = rules.identity(account, source_id, digest)
        found.add(rules.purge_hash(key, account, name))
    return found


async def hashes_of_bytes(uow: UnitOfWork, receipts: Iterable[Naming]) -> set[str]:
    """By what the bytes of these receipts are known."""
    accounts, key = await snapshots.accounts(uow), await mac_key(uow)
    return {
        rules.purge_hash(key, accounts[one.account_id], rules.BYTES + one.sha256)
        for one in receipts
        if one.sha256
    }


async def still_here(uow: UnitOfWork, purged: Collection[str]) -> dict[int, list[int]]:
    """The comments that are known by one of these hashes, by their root tasks."""
    accounts, key = await snapshots.accounts(uow), await mac_key(uow)
    receipt = t.receipt.c
    queries = (
        select(t.part.c.comment_id, t.part.c.account_id, t.part.c.source_id),
        select(receipt.comment_id, receipt.account_id, rules.BYTES + receipt.sha256),
    )
    found: set[int] = set()
    for query in queries:
        for comment_id, account_id, source_id in await uow.connection.execute(query):
            if comment_id is None or account_id is None or source_id is None:
                continue
            if rules.purge_hash(key, accounts[account_id], source_id) in purged:
                found.add(comment_id)
    came = select(t.comment.c.id, t.comment.c.account_id, t.comment.c.source_id, t.comment.c.digest)
    for row in await uow.connection.execute(came):
        if row.account_id is None or row.source_id is None:
            continue
        name = rules.identity(accounts[row.account_id], row.source_id, row.digest)
        if rules.purge_hash(key, accounts[row.account_id], name) in purged:
            found.add(row.id)
    tasks: dict[int, list[int]] = {}
    for some in batches(sorted(found)):
        for root_id, ids in (await by_root(uow, of_ids(some))).items():
            tasks.setdefault(root_id, []).extend(ids)
    return tasks


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many as one statement takes."""
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


async def foreign(uow: UnitOfWork, root: int) -> dict[int, int | None]:
    """The conversations of a contact, with a task of another contact that is merged into each."""
    member = t.task.alias("member")
    not_theirs = (
        select(func.min(member.c.id))
        .where(
            member.c.root_id == t.task.c.id,
            member.c.contact_id.is_not(None),
            member.c.contact_id.not_in(cards(root)),
        )
        .scalar_subquery()
    )
    rows = await uow.connection.execute(
        select(t.task.c.id, not_theirs.label("other_id"))
        .where(
            t.task.c.contact_id.in_(cards(root)),
            t.task.c.merged_into_id.is_(None),
            t.task.c.purged_at.is_(None),
        )
        .order_by(t.task.c.id)
    )
    return {row.id: row.other_id for row in rows}


async def stand_ins(uow: UnitOfWork, comment_ids: Collection[int]) -> list[int]:
    """The tasks, merged into nothing, of what could not be read."""
    roots = await uow.connection.scalars(
        select(t.task.c.root_id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id.in_(comment_ids), t.task.c.id == t.task.c.root_id)
        .distinct()
        .order_by(t.task.c.root_id)
    )
    return list(roots)


async def addresses(uow: UnitOfWork, root: int) -> list[str]:
    """The addresses on a card."""
    query = select(t.address.c.value).where(t.address.c.contact_id.in_(cards(root)))
    return list(await uow.connection.scalars(query))


async def waiting_for(uow: UnitOfWork, root: int) -> list[int]:
    """The deliveries to a contact that have not left."""
    query = select(t.delivery.c.id).where(
        t.delivery.c.contact_id.in_(cards(root)), t.delivery.c.state.in_(WAITING)
    )
    return list(await uow.connection.scalars(query))


def of_nobody() -> ColumnElement[bool]:
    """Receipts that lead to nobody's comment: a started chat, a bounce, the copy of our mail."""
    return t.receipt.c.comment_id.is_(None)


def of_unknown() -> ColumnElement[bool]:
    """Receipts in quarantine whose sender nobody could make out."""
    known = exists().where(t.address.c.contact_id == t.comment.c.contact_id)
    unknown = exists().where(t.comment.c.id == t.receipt.c.comment_id, ~known)
    return (t.receipt.c.state == "quarantined") & unknown
