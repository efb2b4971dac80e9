"""A comment that a client has is changed there, too, or taken away (R11): queued and written down.

The change here and the changes to be made there are one transaction. The daemon carries them out;
done twice they do no harm, so a crash or a lost answer means *again*.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.amending import Amendment, AmendmentKind, AmendmentState
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.amending import PartChange, SentPart, delete_parts, edit_parts
from pfinbox.domain.outbound.delivery import State, next_attempt
from pfinbox.errors import Refused
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.settings import SENDING_IS_HELD
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import unread

_PENDING = t.amendment.c.state == AmendmentState.PENDING


@dataclass(frozen=True, slots=True)
class AmendmentJob:
    """One change to carry out now."""

    id: int
    account_id: int
    change: Amendment


async def edit(uow: UnitOfWork, actor: AgentActor, comment_id: int, text: str) -> None:
    """Queue what brings ``text`` to every copy; Refused where one would keep its old text."""
    await _queue(uow, actor, comment_id, edit_parts(await _parts(uow, comment_id), text))


async def delete(uow: UnitOfWork, actor: AgentActor, comment_id: int) -> None:
    """Queue what takes every copy away; Refused where one would stay."""
    found = delete_parts(await _parts(uow, comment_id), uow.now)
    await _queue(uow, actor, comment_id, found)


async def foresee(
    uow: UnitOfWork, comment_id: int, text: str | None
) -> tuple[tuple[str, ...], Reason | None]:
    """On which accounts ``text`` would come to the clients (None: be taken away), or why not."""
    parts = await _parts(uow, comment_id)
    found = delete_parts(parts, uow.now) if text is None else edit_parts(parts, text)
    accounts = tuple(dict.fromkeys(part.account.name for part in parts))
    return (accounts, None) if not isinstance(found, Reason) else ((), found)


async def _parts(uow: UnitOfWork, comment_id: int) -> list[SentPart]:
    """The parts that clients have or may get, each with the text that it will have."""
    alive = (
        select(t.delivery_part.c.part_id)
        .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
        .where(t.delivery.c.comment_id == comment_id, t.delivery.c.state != State.WITHDRAWN)
    )
    coming = (
        select(t.amendment.c.text)
        .where(
            t.amendment.c.part_id == t.part.c.id,
            _PENDING,
            t.amendment.c.kind == AmendmentKind.EDIT,
        )
        .scalar_subquery()
    )
    rows = await uow.connection.execute(
        select(t.part, coming.label("coming"))
        .where(
            t.part.c.comment_id == comment_id,
            # Without a chat: a notice to a colleague.
            t.part.c.chat_id.is_not(None),
            t.part.c.id.in_(alive),
        )
        .order_by(t.part.c.chat_id, t.part.c.position, t.part.c.id)
    )
    accounts = await snapshots.accounts(uow)
    under_way = await uow.connection.scalar(
        select(t.delivery.c.id)
        .where(
            t.delivery.c.comment_id == comment_id,
            t.delivery.c.state.in_((State.SENDING, State.TRANSMITTING)),
            t.delivery.c.notice.is_(None),
        )
        .limit(1)
    )
    return [
        SentPart(
            id=row.id,
            group=row.chat_id,
            account=accounts[row.account_id],
            state="transmitting" if under_way is not None else row.state,
            text=row.coming if row.coming is not None else row.content["text"],
            files=len(row.content["files"]),
            sent_at=row.sent_at,
        )
        for row in rows
    ]


async def _queue(
    uow: UnitOfWork, actor: AgentActor, comment_id: int, found: list[PartChange] | Reason
) -> None:
    if isinstance(found, Reason):
        raise Refused(found.sentence())
    if not found:
        return
    # Only the newest change counts; the daemon makes an account's changes one by one.
    ids = [change.part_id for change in found]
    await uow.connection.execute(
        update(t.amendment)
        .where(t.amendment.c.part_id.in_(ids), _PENDING)
        .values(state=AmendmentState.DROPPED)
    )
    accounts = {
        row.id: row.account_id
        for row in await uow.connection.execute(
            select(t.part.c.id, t.part.c.account_id).where(t.part.c.id.in_(ids))
        )
    }
    await uow.connection.execute(
        insert(t.amendment),
        [
            {
                "comment_id": comment_id,
                "part_id": change.part_id,
                "account_id": accounts[change.part_id],
                "agent_id": actor.id,
                "kind": change.kind.value,
                "state": AmendmentState.PENDING.value,
                "text": change.text,
                "attempts": 0,
                "due_at": uow.now,
                "created_at": uow.now,
            }
            for change in found
        ],
    )
    uow.touch("outbox", "tasks")


async def due(uow: UnitOfWork, lease_id: int, limit: int = 50) -> list[AmendmentJob]:
    """What is to be done now on the accounts of this lease, oldest first."""
    rows = (
        await uow.connection.execute(
            select(
                t.amendment,
                t.part.c.source_id,
                t.part.c.content,
                t.chat.c.key,
            )
            .join(t.part, t.part.c.id == t.amendment.c.part_id)
            .join(t.chat, t.chat.c.id == t.part.c.chat_id)
            .join(t.account, t.account.c.id == t.amendment.c.account_id)
            .where(
                _PENDING,
                t.amendment.c.due_at <= uow.now,
                t.account.c.lease_id == lease_id,
                # A database that was restored changes nothing outside either.
                ~SENDING_IS_HELD,
            )
            .order_by(t.amendment.c.id)
            .limit(limit)
        )
    ).all()
    also = await _also(uow, [row.part_id for row in rows])
    return [
        AmendmentJob(
            row.id,
            row.account_id,
            Amendment(
                kind=AmendmentKind(row.kind),
                chat_key=row.key,
                source_id=row.source_id or "",
                also=tuple(also.get(row.part_id, ())),
                text=row.text,
                captioned=bool(row.content["files"]),
            ),
        )
        for row in rows
    ]


async def _also(uow: UnitOfWork, part_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = await uow.connection.execute(
        select(t.comment_alias.c.part_id, t.comment_alias.c.source_id)
        .where(t.comment_alias.c.part_id.in_(part_ids))
        .order_by(t.comment_alias.c.source_id)
    )
    for row in rows:
        found.setdefault(row.part_id, []).append(row.source_id)
    return found


async def next_due(uow: UnitOfWork, lease_id: int) -> float | None:
    """Seconds until the next change of this lease's accounts is due, None when none waits."""
    at = await uow.connection.scalar(
        select(func.min(t.amendment.c.due_at))
        .join(t.account, t.account.c.id == t.amendment.c.account_id)
        .where(_PENDING, t.account.c.lease_id == lease_id, t.amendment.c.due_at > uow.now)
    )
    return None if at is None else float((at - uow.now).total_seconds())


async def done(uow: UnitOfWork, job: AmendmentJob) -> None:
    """The client's copy is as it should be."""
    await _end(uow, job, AmendmentState.DONE, error=None, done_at=uow.now)
    if job.change.kind is AmendmentKind.EDIT:
        row: Any = (
            await uow.connection.execute(
                select(t.part.c.id, t.part.c.content)
                .join(t.amendment, t.amendment.c.part_id == t.part.c.id)
                .where(t.amendment.c.id == job.id)
            )
        ).one()
        await uow.connection.execute(
            update(t.part)
            .where(t.part.c.id == row.id)
            .values(content={**row.content, "text": job.change.text})
        )


async def not_now(
    uow: UnitOfWork, job: AmendmentJob, reason: Reason, retry_after: float | None, jitter: float
) -> None:
    """Back off, or give up after a day of trying."""
    row = (
        await uow.connection.execute(select(t.amendment).where(t.amendment.c.id == job.id))
    ).one()
    at = next_attempt(uow.now, row.attempts + 1, row.created_at, retry_after, jitter)
    if at is None:
        await failed(uow, job, reason)
        return
    await uow.connection.execute(
        update(t.amendment)
        .where(t.amendment.c.id == job.id, _PENDING)
        .values(attempts=row.attempts + 1, due_at=at, error=reason.as_json())
    )
    uow.touch("outbox", "tasks")


async def failed(uow: UnitOfWork, job: AmendmentJob, reason: Reason) -> None:
    """The client's copy stays as it was: shown at the comment, and news for who changed it."""
    if not await _end(uow, job, AmendmentState.FAILED, error=reason.as_json()):
        return
    row = (
        await uow.connection.execute(
            select(t.amendment.c.comment_id, t.amendment.c.agent_id, t.task.c.root_id)
            .join(t.comment, t.comment.c.id == t.amendment.c.comment_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .where(t.amendment.c.id == job.id)
        )
    ).one()
    if row.agent_id is not None:
        await unread.notice(uow, row.root_id, row.comment_id, {row.agent_id})


async def _end(uow: UnitOfWork, job: AmendmentJob, state: AmendmentState, **values: Any) -> bool:
    """End the amendment; False when a newer one has replaced it."""
    changed = await uow.connection.execute(
        update(t.amendment)
        .where(t.amendment.c.id == job.id, _PENDING)
        .values(state=state.value, attempts=t.amendment.c.attempts + 1, **values)
    )
    uow.touch("outbox", "tasks")
    return changed.rowcount > 0
