"""Loading the working set of a received batch: the number of statements is not the batch's size."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Select,
    Text,
    and_,
    bindparam,
    exists,
    literal,
    select,
    union_all,
)

from pfinbox.domain.contract.envelope import Incoming
from pfinbox.domain.inbound import purged as rules
from pfinbox.domain.inbound.repeats import Mark, mark
from pfinbox.domain.inbound.working_set import (
    Named,
    NamedComment,
    WorkingSet,
    known_by_bytes,
    names_of,
)
from pfinbox.domain.model import Account
from pfinbox.domain.recipients.correspondents import our_side
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.load import purged
from pfinbox.store.tables.base import BigInt
from pfinbox.store.uow import UnitOfWork

# Ids in one statement; each of its selects names them all.
_IDS = 300


async def working_set(uow: UnitOfWork, account_id: int, items: Sequence[Incoming]) -> WorkingSet:
    """What the batch is decided over; what its ids mean is loaded by :func:`named` when asked."""
    accounts = await snapshots.accounts(uow)
    agents = await snapshots.agents(uow)
    account = accounts[account_id]
    # What comes twice under one key is looked at once.
    marks = {one.key: mark(one) for one in reversed(items)}
    key, known, by_bytes = await _known(uow, account_id, items, marks)
    return WorkingSet(
        account=account,
        accounts=accounts,
        agents=agents,
        side=our_side(accounts.values(), agents.values()),
        marks=marks,
        receipts=known,
        by_bytes=by_bytes,
        purged=await _purged(uow, account, items, marks, key),
        names=names_of(items),
    )


async def _known(
    uow: UnitOfWork, account_id: int, items: Sequence[Incoming], marks: dict[str, Mark]
) -> tuple[bytes | None, set[str], dict[str, int | None]]:
    """The key of purged hashes, if there are any; the receipts by key; their comments by bytes."""
    rows = (
        await uow.connection.execute(_by_key(), {"account_id": account_id, "keys": list(marks)})
    ).all()
    key = bytes.fromhex(rows[0].mac_key) if rows[0].any_purged else None
    by_bytes: dict[str, int | None] = {}
    if shas := {marks[one.key].sha256 for one in items if known_by_bytes(one)}:
        same = select(t.receipt.c.sha256, t.receipt.c.comment_id).where(
            t.receipt.c.account_id == account_id, t.receipt.c.sha256.in_(shas)
        )
        for row in await uow.connection.execute(same.order_by(t.receipt.c.id)):
            by_bytes.setdefault(row.sha256, row.comment_id)
    return key, {row.key for row in rows if row.key is not None}, by_bytes


@cache
def _by_key() -> Select[Any]:
    """The store's secret, once at least, beside the receipts of an account with these keys."""
    mine = and_(
        t.receipt.c.account_id == bindparam("account_id"),
        t.receipt.c.key.in_(bindparam("keys", expanding=True)),
    )
    return (
        select(
            t.setting.c.value.label("mac_key"),
            exists().where(t.purged_id.c.hash != "").label("any_purged"),
            t.receipt.c.key,
        )
        .select_from(t.setting.outerjoin(t.receipt, mine))
        .where(t.setting.c.name == "mac_key")
    )


async def _purged(
    uow: UnitOfWork,
    account: Account,
    items: Sequence[Incoming],
    marks: dict[str, Mark],
    key: bytes | None,
) -> frozenset[str]:
    if key is None or not items:
        return frozenset()
    by_key = {one.key: rules.hashes(key, account, one, marks[one.key]) for one in reversed(items)}
    found = await purged.purged_of(uow, frozenset().union(*by_key.values()))
    return frozenset(one for one, hashes in by_key.items() if hashes & found)


async def named(uow: UnitOfWork, account_id: int, names: Collection[str]) -> Named:
    """The chats and comments that these source ids mean in an account."""
    found = Named()
    ids = sorted(names)
    for start in range(0, len(ids), _IDS):
        rows = await uow.connection.execute(
            _named(), {"account_id": account_id, "names": ids[start : start + _IDS]}
        )
        for row in rows:
            if row.how == "leads":
                found.chats[row.source_id] = row.chat_id
            else:
                comment = NamedComment(
                    row.comment_id, row.how, row.chat_id, row.contact_id, row.digest
                )
                found.add(row.source_id, comment)
    return found


@cache
def _named() -> CompoundSelect[Any]:
    def mean(table: Any, how: str, comment: Any, chat: Any, card: Any, digest: Any) -> Any:
        return select(
            literal(how, Text).label("how"),
            table.c.source_id,
            comment.label("comment_id"),
            chat.label("chat_id"),
            card.label("contact_id"),
            digest.label("digest"),
        ).where(
            table.c.account_id == bindparam("account_id"),
            table.c.source_id.in_(bindparam("names", expanding=True)),
        )

    no_id, no_text = literal(None, BigInt), literal(None, Text)
    came, went, beside, leads = t.comment, t.part, t.comment_alias, t.known_id
    return union_all(
        mean(leads, "leads", no_id, leads.c.chat_id, no_id, no_text),
        mean(
            came, "came", came.c.id, came.c.chat_id, t.contact.c.root_id, came.c.digest
        ).select_from(came.outerjoin(t.contact, t.contact.c.id == came.c.contact_id)),
        mean(went, "went", went.c.comment_id, went.c.chat_id, no_id, no_text),
        mean(beside, "beside", beside.c.comment_id, no_id, no_id, no_text),
    )
