"""Which comment a source id means: a client's message, a part of ours, a picture of an album."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.contract.envelope import Message
from pfinbox.domain.model import Account
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def comments(uow: UnitOfWork, account: Account, source_ids: Sequence[str]) -> dict[str, int]:
    """Comments by source id; of several with one id the newest."""
    if not source_ids:
        return {}
    selects: list[Select[Any]] = [
        select(columns.source_id, ident).where(
            columns.account_id == account.id, columns.source_id.in_(source_ids)
        )
        for columns, ident in (
            (t.comment.c, t.comment.c.id),
            (t.part.c, t.part.c.comment_id),
            (t.comment_alias.c, t.comment_alias.c.comment_id),
        )
    ]
    rows = (await uow.connection.execute(union_all(*selects))).all()
    return {str(row[0]): int(row[1]) for row in sorted(rows, key=lambda row: int(row[1]))}


async def came(uow: UnitOfWork, account: Account, message: Message, comment_id: int | None) -> None:
    """Remember the further ids of what arrived."""
    if comment_id is not None:
        await _remember(uow, account.id, message.also, comment_id, None)


async def went(
    uow: UnitOfWork, account_id: int, also: Sequence[str], comment_id: int, part_id: int
) -> None:
    """Remember the further ids of what was sent."""
    await _remember(uow, account_id, also, comment_id, part_id)


async def _remember(
    uow: UnitOfWork, account_id: int, also: Sequence[str], comment_id: int, part_id: int | None
) -> None:
    rows = [
        {
            "account_id": account_id,
            "source_id": source_id,
            "comment_id": comment_id,
            "part_id": part_id,
        }
        for source_id in dict.fromkeys(clean_line(one) for one in also)
        if source_id
    ]
    if rows:
        make = sqlite.insert if uow.sqlite else postgresql.insert
        await uow.connection.execute(make(t.comment_alias).on_conflict_do_nothing(), rows)
