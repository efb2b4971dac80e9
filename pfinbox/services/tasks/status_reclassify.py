"""A status that becomes active or inactive in the configuration changes its tasks, too (R4, R6).

A status that becomes active opens tasks, and one chat has at most one open task: where it would
have two, the change is refused before anything else happens.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, func, select, update

from pfinbox.errors import ConfigError
from pfinbox.i18n import _
from pfinbox.services.tasks import bindings
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Pairs of tasks that are named at most; an agent merges them one by one.
_NAMED = 5


async def follow(uow: UnitOfWork, wanted: Mapping[str, bool]) -> None:
    """Make every task as active as its status now is. ConfigError names the tasks to merge."""
    opening = await _changing(uow, wanted, True)
    closing = await _changing(uow, wanted, False)
    if closing:
        await uow.connection.execute(
            update(t.task)
            .where(t.task.c.status.in_(closing), t.task.c.active)
            .values(
                active=False,
                closed_at=func.coalesce(t.task.c.closed_at, uow.now),
                snoozed_until=None,
                waiting_since=None,
                last_notable_id=0,
            )
        )
    if opening:
        await uow.connection.execute(
            update(t.task)
            .where(t.task.c.status.in_(opening), t.task.c.active.is_(False))
            .values(active=True, closed_at=None)
        )
        await _one_open_task_a_chat(uow, opening)


async def _changing(uow: UnitOfWork, wanted: Mapping[str, bool], active: bool) -> list[str]:
    names = [name for name, is_active in wanted.items() if is_active == active]
    return list(
        await uow.connection.scalars(
            select(t.task.c.status)
            .where(t.task.c.status.in_(names), t.task.c.active != active)
            .distinct()
            .order_by(t.task.c.status)
        )
    )


async def _one_open_task_a_chat(uow: UnitOfWork, names: Collection[str]) -> None:
    by_chat: dict[int, set[int]] = defaultdict(set)
    has_current: set[tuple[int, int]] = set()
    for row in await uow.connection.execute(_open_tasks(_chats_of(names))):
        by_chat[row.chat_id].add(row.id)
        if row.current:
            has_current.add((row.chat_id, row.id))
    pairs = {tuple(sorted(roots)) for roots in by_chat.values() if len(roots) > 1}
    if pairs:
        raise ConfigError(_refusal(names, sorted(pairs)))
    for root in sorted(
        {
            root
            for chat, roots in by_chat.items()
            for root in roots
            if (chat, root) not in has_current
        }
    ):
        await bindings.take_chats_back(uow, await snapshots.task(uow, root))


def _chats_of(names: Collection[str]) -> Select[Any]:
    """The chats of tasks, merged ones included, whose root has one of these statuses."""
    root = t.task.alias("root")
    return (
        select(t.binding.c.chat_id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .join(root, root.c.id == t.task.c.root_id)
        .where(root.c.status.in_(names))
    )


def _open_tasks(chats: Select[Any]) -> Select[Any]:
    root = t.task.alias("root")
    return (
        select(t.binding.c.chat_id, t.binding.c.current, root.c.id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .join(root, root.c.id == t.task.c.root_id)
        .where(
            t.binding.c.chat_id.in_(chats),
            root.c.active,
            root.c.deleted_at.is_(None),
            root.c.purged_at.is_(None),
        )
        .order_by(t.binding.c.id)
    )


def _refusal(names: Collection[str], pairs: list[tuple[int, ...]]) -> str:
    told = [" ".join(f"#{one}" for one in pair) for pair in pairs[:_NAMED]]
    more = len(pairs) - len(told)
    listed = ", ".join(told) + (_(" and {n} more").format(n=more) if more else "")
    return _(
        "[inbox] statuses: with {names} active these tasks of one chat would be open together: "
        "{tasks}; merge them first (pfinbox task merge), or leave the status inactive"
    ).format(names=", ".join(names), tasks=listed)
