"""Whether every reference leads to a row, roots are those of their merges, and ids go on."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table, and_, delete, func, or_, select, text, update

from pfinbox.store import tables as t
from pfinbox.store.integrity.check import Check, Ids
from pfinbox.store.uow import UnitOfWork

# Rows that are nothing but a link: without its end there is none.
_LINKS = (
    "awaited", "chat_read", "comment_alias", "delivery_part", "known_id", "notice", "notify",
    "participant", "picture", "read_mark", "search_text", "tag",
)  # fmt: skip
# Columns that may be nobody's. What says who may see or do something, or to whom something goes,
# is not among these: an empty one means everybody, or somebody else (R10, R46).
_MAY_BE_EMPTY = (
    "account.lease_id", "activity.agent_id", "agent.deputy_id", "chat.address_id",
    "comment.quote_id", "delivery.later_account_id", "delivery.lease_id", "merge.agent_id",
    "presence.task_id", "receipt.comment_id", "task.assignee_agent_id",
    "task.assignee_contact_id", "task.previous_task_id",
)  # fmt: skip


def _references() -> Iterator[tuple[Table, Column[Any], Column[Any]]]:
    for table in t.metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                yield table, column, key.column


def _leads_nowhere(column: Column[Any], target: Column[Any]) -> Any:
    other = target.table.alias("target")
    there = select(other.c[target.name]).where(other.c[target.name] == column)
    return and_(column.is_not(None), ~there.exists())


async def _dangling(uow: UnitOfWork) -> Ids:
    """The columns, as table.column, in which a reference leads nowhere."""
    return [
        f"{table.name}.{column.name}"
        for table, column, target in _references()
        if await uow.connection.scalar(
            select(func.count()).select_from(table).where(_leads_nowhere(column, target))
        )
    ]


async def _cut(uow: UnitOfWork, ids: Ids) -> None:
    """A link without its end goes; what may be nobody's is. All else is left for a person."""
    for table, column, target in _references():
        name = f"{table.name}.{column.name}"
        if name not in ids:
            continue
        lost = _leads_nowhere(column, target)
        if table.name in _LINKS:
            await uow.connection.execute(delete(table).where(lost))
        elif name in _MAY_BE_EMPTY:
            await uow.connection.execute(update(table).where(lost).values({column.name: None}))


def _false_roots(table: Table) -> Any:
    parent = table.alias("parent")
    right = select(parent.c.root_id).where(parent.c.id == table.c.merged_into_id).scalar_subquery()
    return or_(
        and_(table.c.merged_into_id.is_(None), table.c.root_id != table.c.id),
        and_(table.c.merged_into_id.is_not(None), table.c.root_id != right),
    )


async def _roots(uow: UnitOfWork, table: Table) -> Ids:
    query = select(table.c.id).where(_false_roots(table)).order_by(table.c.id)
    return list(await uow.connection.scalars(query))


async def _resolve(uow: UnitOfWork, table: Table) -> None:
    """From the survivors down to what was merged into them, until nothing changes."""
    parent = table.alias("parent")
    right = select(parent.c.root_id).where(parent.c.id == table.c.merged_into_id).scalar_subquery()
    for root in (table.c.id, right):
        while ids := await _roots(uow, table):
            top = table.c.merged_into_id.is_(None)
            some = table.c.id.in_(ids)
            changed = await uow.connection.execute(
                update(table)
                .where(some, top if root is table.c.id else ~top)
                .values(root_id=root)
                .returning(table.c.id)
            )
            if not changed.all():
                break


async def _task_roots(uow: UnitOfWork) -> Ids:
    return await _roots(uow, t.task)


async def _card_roots(uow: UnitOfWork) -> Ids:
    return await _roots(uow, t.contact)


async def _resolve_tasks(uow: UnitOfWork, _ids: Ids) -> None:
    await _resolve(uow, t.task)


async def _resolve_cards(uow: UnitOfWork, _ids: Ids) -> None:
    await _resolve(uow, t.contact)


def _numbered() -> list[str]:
    return [one.name for one in t.metadata.sorted_tables if one.c.get("id") is not None
            and one.c.id.autoincrement is True]  # fmt: skip


async def _used_again(uow: UnitOfWork) -> Ids:
    """Tables whose next id is one that there is already, as after a restore by hand."""
    found = []
    for name in _numbered():
        highest = await uow.connection.scalar(select(func.max(t.metadata.tables[name].c.id)))
        if int(highest or 0) > await _last_given(uow, name):
            found.append(name)
    return found


async def _last_given(uow: UnitOfWork, name: str) -> int:
    query = (
        "select seq from sqlite_sequence where name = :name"
        if uow.sqlite
        else "select pg_sequence_last_value(pg_get_serial_sequence(:name, 'id')::regclass)"
    )
    return int(await uow.connection.scalar(text(query), {"name": name}) or 0)


async def _go_on(uow: UnitOfWork, ids: Ids) -> None:
    for name in ids:
        highest = await uow.connection.scalar(select(func.max(t.metadata.tables[str(name)].c.id)))
        query = (
            "insert into sqlite_sequence (name, seq) values (:name, :n)"
            if uow.sqlite
            else "select setval(pg_get_serial_sequence(:name, 'id'), :n)"
        )
        if uow.sqlite:
            await uow.connection.execute(
                text("delete from sqlite_sequence where name = :name"), {"name": name}
            )
        await uow.connection.execute(text(query), {"name": name, "n": highest})


CHECKS = (
    Check("dangling", _dangling, _cut),
    Check("task_root", _task_roots, _resolve_tasks),
    Check("contact_root", _card_roots, _resolve_cards),
    Check("ids", _used_again, _go_on),
)
