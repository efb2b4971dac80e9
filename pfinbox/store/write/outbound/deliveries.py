"""The only place that writes the state of a delivery or of a part.

Every write names the states that the step moves, and where the step is its claimant's, the claim:
whatever has become of the row meanwhile by somebody else's hand stays as it is. The daemon writes
so at every message: each statement is put together once, with bound parameters.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, case, func, literal_column, select, update

from pfinbox.domain.outbound.delivery import MOVES, PART_MOVES, Claim, State, Step
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# A delivery in one of these is its claimant's; in the last one only to hear of a late answer.
_CLAIMED = (State.SENDING, State.TRANSMITTING, State.UNKNOWN)

_TASK = (
    select(t.comment.c.task_id)
    .where(t.comment.c.id == t.delivery.c.comment_id)
    .scalar_subquery()
    .label("task_id")
)


def _one_of(column: Any, states: Collection[StrEnum]) -> ColumnElement[bool]:
    # Written out: a list of parameters would be put together anew at every execution.
    is_one: ColumnElement[bool] = column.in_([_written(state) for state in sorted(states)])
    return is_one


def _written(state: StrEnum) -> ColumnElement[str]:
    return literal_column(f"'{state}'", String)


@cache
def _moving(step: Step, tried: bool, columns: tuple[str, ...]) -> Any:
    """The statement for a step; its parameters: moved_ids, lease, number, new_COLUMN."""
    move, delivery = MOVES[step], t.delivery.c
    written: dict[str, Any] = {
        name: bindparam(f"new_{name}", type_=delivery[name].type) for name in columns
    }
    changed = update(t.delivery).where(
        delivery.id.in_(bindparam("moved_ids", expanding=True)),
        _one_of(delivery.state, move.sources),
    )
    if step is Step.CLAIMED:
        written["lease_id"] = bindparam("lease", type_=delivery.lease_id.type)
        written["epoch"] = bindparam("number", type_=delivery.epoch.type)
    elif move.claimed:
        changed = changed.where(
            delivery.lease_id == bindparam("lease"), delivery.epoch == bindparam("number")
        )
    if step is Step.HANDED_OVER:
        now = bindparam("now", type_=delivery.first_tried_at.type)
        written["first_tried_at"] = func.coalesce(delivery.first_tried_at, now)
    if step is Step.PROVEN:
        # One that is under way ends here: its claimant's own answer finds it sent. An unknown one
        # was counted already.
        under_way = delivery.state == State.TRANSMITTING
        written["attempts"] = delivery.attempts + case((under_way, 1), else_=0)
    if tried:
        written["attempts"] = delivery.attempts + 1
    if move.to is not None:
        written["state"] = _written(move.to)
        if move.to not in _CLAIMED:
            written["lease_id"] = None
    elif not written:
        written["state"] = delivery.state
    return changed.values(written).returning(
        delivery.id, delivery.account_id, delivery.comment_id, _TASK
    )


async def move(
    uow: UnitOfWork,
    step: Step,
    delivery_ids: Collection[int],
    claim: Claim | None = None,
    *,
    tried: bool = False,
    **values: object,
) -> set[int]:
    """Take the step with those of these deliveries that may take it; returns them.

    ``claim``: the claimant's; with ``Step.CLAIMED`` the new one. ``tried``: it ends an attempt.
    ``values`` are written with it.
    """
    if claim is None and (step is Step.CLAIMED or MOVES[step].claimed):
        raise ValueError(f"{step}: only its claimant says so")
    given: dict[str, object] = {f"new_{name}": value for name, value in values.items()}
    given["moved_ids"] = list(delivery_ids)
    if claim is not None and (step is Step.CLAIMED or MOVES[step].claimed):
        given |= {"lease": claim.lease_id, "number": claim.epoch}
    if step is Step.HANDED_OVER:
        given["now"] = uow.now
    rows = await uow.connection.execute(_moving(step, tried, tuple(sorted(values))), given)
    uow.touch("outbox", "tasks")
    moved = rows.all()
    for row in moved:
        uow.note(
            "delivery",
            account=row.account_id,
            task=row.task_id,
            comment=row.comment_id,
            delivery=row.id,
            step=step.value,
            state=MOVES[step].to,
            reason=_kind(values.get("error")),
        )
    return {row.id for row in moved}


def _kind(error: object) -> str | None:
    """Of a reason only its kind: in its arguments may be an address, or what a server said."""
    return str(error.get("kind")) if isinstance(error, Mapping) else None


async def doubt(uow: UnitOfWork, delivery_ids: Collection[int]) -> None:
    """An attempt of these deliveries, which are to be repeated, may have arrived."""
    await uow.connection.execute(
        update(t.delivery).where(t.delivery.c.id.in_(delivery_ids)).values(doubted=True)
    )


async def move_each(
    uow: UnitOfWork,
    step: Step,
    claims: Mapping[int, Claim],
    *,
    tried: bool = False,
    **values: object,
) -> set[int]:
    """The same for deliveries of several claims, by their ids; most have one epoch."""
    by_claim: dict[Claim, list[int]] = {}
    for delivery_id, claim in claims.items():
        by_claim.setdefault(claim, []).append(delivery_id)
    moved: set[int] = set()
    for claim, delivery_ids in by_claim.items():
        moved |= await move(uow, step, delivery_ids, claim, tried=tried, **values)
    return moved


@cache
def _moving_part(step: Step, columns: tuple[str, ...], *, many: bool) -> Any:
    """The statement for a step; ``many``: one execution for each of many rows."""
    (sources, to), part = PART_MOVES[step], t.part.c
    is_meant = (
        part.id == bindparam("moved_id")
        if many
        else part.id.in_(bindparam("moved_ids", expanding=True))
    )
    changed = update(t.part).where(is_meant, _one_of(part.state, sources))
    written = {name: bindparam(f"new_{name}", type_=part[name].type) for name in columns}
    changed = changed.values(state=_written(to), **written)
    return changed if many else changed.returning(part.id)


async def move_each_part(
    uow: UnitOfWork, step: Step, source_ids: Mapping[int, str | None], **values: object
) -> None:
    """Take the step with these parts, each with its own source id."""
    given = {f"new_{name}": value for name, value in values.items()}
    rows = [
        {"moved_id": part_id, "new_source_id": source_id, **given}
        for part_id, source_id in source_ids.items()
    ]
    columns = ("source_id", *sorted(values))
    await uow.connection.execute(_moving_part(step, columns, many=True), rows)


async def move_parts(
    uow: UnitOfWork, step: Step, part_ids: Collection[int], **values: object
) -> set[int]:
    """Take the step with the parts of deliveries that took it; returns them."""
    given: dict[str, object] = {f"new_{name}": value for name, value in values.items()}
    given["moved_ids"] = list(part_ids)
    done = await uow.connection.scalars(
        _moving_part(step, tuple(sorted(values)), many=False), given
    )
    return set(done)


async def reported(
    uow: UnitOfWork, delivery_ids: Collection[int], at: datetime, *, seen: bool
) -> None:
    """The other side has told that a message was delivered, or seen; the first report counts."""
    delivery = t.delivery.c
    values: dict[str, Any] = {"delivered_at": func.coalesce(delivery.delivered_at, at)}
    if seen:
        values |= {"seen_at": func.coalesce(delivery.seen_at, at), "later_address": None}
    await uow.connection.execute(
        update(t.delivery).where(delivery.id.in_(delivery_ids)).values(values)
    )


async def name(uow: UnitOfWork, part_ids: Collection[int], source_id: str) -> None:
    """By which id the other side knows parts whose answer was lost."""
    await uow.connection.execute(
        update(t.part)
        .where(t.part.c.id.in_(part_ids), t.part.c.source_id.is_(None))
        .values(source_id=source_id)
    )
