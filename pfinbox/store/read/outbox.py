"""Deliveries with their recipients: at a comment, and in the outbox."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select

from pfinbox.domain import naming
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import BLOCKING, TROUBLED, State
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.read.ids import IDS, rows_of
from pfinbox.store.read.names import COLUMNS, join_person, person_of
from pfinbox.store.read.visibility import Viewer, viewer, visible_among, visible_root
from pfinbox.store.rows import DeliveryRow, Person
from pfinbox.store.uow import UnitOfWork

_origin = t.task.alias("origin")


async def deliveries(
    uow: UnitOfWork,
    actor: AgentActor,
    *,
    states: Collection[str] | None = None,
    task_id: int | None = None,
    limit: int = 1000,
) -> tuple[DeliveryRow, ...]:
    """The outbox as this agent sees it, next due first; ``states`` None: all that is not over."""
    who = await viewer(uow, actor)
    statement = _deliveries().join(t.task, t.task.c.id == _origin.c.root_id)
    statement = statement.where(who.sees(), t.task.c.purged_at.is_(None))
    if task_id is not None:
        root = await visible_root(uow, who, task_id)
        statement = statement.where(_origin.c.root_id == root)
    if states is not None:
        statement = statement.where(t.delivery.c.state.in_(list(states)))
    else:
        waiting = t.delivery.c.state.in_([State.SCHEDULED, *BLOCKING])
        troubled = and_(t.delivery.c.state.in_(TROUBLED), t.delivery.c.dismissed_at.is_(None))
        statement = statement.where(or_(waiting, troubled))
    statement = statement.order_by(t.delivery.c.due_at, t.delivery.c.id).limit(limit)
    rows = (await uow.connection.execute(statement)).all()
    return tuple(await without_hidden_tasks(uow, who, [_row(row) for row in rows]))


async def delivery(uow: UnitOfWork, actor: AgentActor, delivery_id: int) -> DeliveryRow:
    """One delivery; NotFound when its task is not this agent's to see."""
    who = await viewer(uow, actor)
    statement = _deliveries().join(t.task, t.task.c.id == _origin.c.root_id)
    statement = statement.where(
        t.delivery.c.id == delivery_id, t.task.c.purged_at.is_(None), who.sees()
    )
    row = (await uow.connection.execute(statement)).first()
    if row is None:
        raise NotFound(_("there is no delivery {id}").format(id=delivery_id))
    return (await without_hidden_tasks(uow, who, [_row(row)]))[0]


async def without_hidden_tasks(
    uow: UnitOfWork, who: Viewer, rows: Sequence[DeliveryRow]
) -> list[DeliveryRow]:
    """Why one waits may name a task that the reader may not see (R46)."""
    named = set().union(*(naming.tasks_of_reason(row.error) for row in rows if row.error))
    hidden = named - await visible_among(uow, who, named)
    return [
        replace(row, error=naming.without_tasks(row.error))
        if row.error is not None and naming.tasks_of_reason(row.error) & hidden
        else row
        for row in rows
    ]


async def texts(uow: UnitOfWork, comment_ids: Collection[int]) -> dict[int, str]:
    """What these comments say, by their id; for deliveries that are to be seen already."""
    rows = await uow.connection.execute(
        select(t.comment.c.id, t.comment.c.text).where(t.comment.c.id.in_(list(comment_ids)))
    )
    return {row.id: row.text for row in rows}


async def by_comment(
    uow: UnitOfWork, who: Viewer, ids: Sequence[int]
) -> dict[int, list[DeliveryRow]]:
    """The deliveries of these comments, in their order."""
    found: dict[int, list[DeliveryRow]] = defaultdict(list)
    rows = await rows_of(uow, _by_comment(), ids)
    for row in await without_hidden_tasks(uow, who, [_row(row) for row in rows]):
        found[row.comment_id].append(row)
    return found


@cache
def _by_comment() -> Select[Any]:
    return _deliveries().where(t.delivery.c.comment_id.in_(IDS)).order_by(t.delivery.c.id)


@cache
def _deliveries() -> Select[Any]:
    # A delivery of several parts is known by its first one.
    source_id = (
        select(t.part.c.source_id)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .where(t.delivery_part.c.delivery_id == t.delivery.c.id, t.part.c.source_id.is_not(None))
        .order_by(t.part.c.position)
        .limit(1)
        .correlate(t.delivery)
        .scalar_subquery()
    )
    source = (
        join_person(t.delivery, t.delivery)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .join(_origin, _origin.c.id == t.comment.c.task_id)
        .join(t.account, t.account.c.id == t.delivery.c.account_id)
    )
    return select(
        t.delivery,
        t.comment.c.send_anyway,
        _origin.c.root_id.label("root_id"),
        t.account.c.name.label("account_name"),
        t.account.c.channel,
        source_id.label("source_id"),
        *COLUMNS,
    ).select_from(source)


def _row(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        task_id=row.root_id,
        comment_id=row.comment_id,
        recipient=person_of(row) or Person("contact", 0, row.address),
        account=row.account_name,
        channel=row.channel,
        address=row.address,
        state=row.state,
        attempts=row.attempts,
        error=Reason.from_json(row.error) if row.error else None,
        source_id=row.source_id,
        due_at=row.due_at,
        sent_at=row.sent_at,
        dismissed_at=row.dismissed_at,
        send_anyway=row.send_anyway,
        copy=row.copy,
        template=row.template,
        delivered_at=row.delivered_at,
        seen_at=row.seen_at,
        later_address=row.later_address,
    )
