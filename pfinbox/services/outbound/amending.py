"""A comment that a client has is changed there, too, or taken away (R11): queued and written down.

The change here and the changes to be made there are one transaction. The daemon carries them out;
done twice they do no harm, so a crash or a lost answer means *again*.
"""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.amending import AmendmentKind, AmendmentState
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.comments import CorrectionFailed
from pfinbox.domain.outbound.amending import AmendmentJob, PartChange, delete_parts, edit_parts
from pfinbox.domain.outbound.delivery import next_attempt
from pfinbox.errors import Refused
from pfinbox.services.events import reactions
from pfinbox.store.load.outbound import amendments as load
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.outbound import amendments as write


async def edit(uow: UnitOfWork, actor: AgentActor, comment_id: int, text: str) -> None:
    """Queue what brings ``text`` to every copy; Refused where one would keep its old text."""
    await _queue(uow, actor, comment_id, edit_parts(await load.sent_parts(uow, comment_id), text))


async def delete(uow: UnitOfWork, actor: AgentActor, comment_id: int) -> None:
    """Queue what takes every copy away; Refused where one would stay."""
    found = delete_parts(await load.sent_parts(uow, comment_id), uow.now)
    await _queue(uow, actor, comment_id, found)


async def _queue(
    uow: UnitOfWork, actor: AgentActor, comment_id: int, found: list[PartChange] | Reason
) -> None:
    if isinstance(found, Reason):
        raise Refused(found.sentence())
    if found:
        await write.queue(uow, actor.id, comment_id, found)


async def foresee(
    uow: UnitOfWork, comment_id: int, text: str | None
) -> tuple[tuple[str, ...], Reason | None]:
    """On which accounts ``text`` would come to the clients (None: be taken away), or why not."""
    parts = await load.sent_parts(uow, comment_id)
    found = delete_parts(parts, uow.now) if text is None else edit_parts(parts, text)
    accounts = tuple(dict.fromkeys(part.account.name for part in parts))
    return (accounts, None) if not isinstance(found, Reason) else ((), found)


async def due(uow: UnitOfWork, lease_id: int, limit: int = 50) -> list[AmendmentJob]:
    """What is to be done now on the accounts of this lease, oldest first."""
    return await load.due(uow, lease_id, limit)


async def next_due(uow: UnitOfWork, lease_id: int) -> float | None:
    """Seconds until the next change of this lease's accounts is due, None when none waits."""
    at = await load.next_due(uow, lease_id)
    return None if at is None else (at - uow.now).total_seconds()


async def done(uow: UnitOfWork, job: AmendmentJob) -> None:
    """The client's copy is as it should be."""
    await write.end(uow, [job.id], AmendmentState.DONE)
    if job.change.kind is AmendmentKind.EDIT:
        await write.has_text(uow, job.id, job.change.text)


async def not_now(
    uow: UnitOfWork, job: AmendmentJob, reason: Reason, retry_after: float | None, jitter: float
) -> None:
    """Back off, or give up after a day of trying."""
    before = await load.one(uow, job.id)
    at = next_attempt(uow.now, before.attempts + 1, before.created_at, retry_after, jitter)
    if at is None:
        await failed(uow, job, reason)
        return
    await write.put_off(uow, job.id, at, reason)


async def failed(uow: UnitOfWork, job: AmendmentJob, reason: Reason) -> None:
    """The client's copy stays as it was: shown at the comment, and news for who changed it."""
    if await write.end(uow, [job.id], AmendmentState.FAILED, reason):
        await tell_author(uow, await load.one(uow, job.id))


async def tell_author(uow: UnitOfWork, amendment: load.Queued) -> None:
    """Whoever made the change finds its comment among the news."""
    if amendment.agent_id is not None:
        failed = CorrectionFailed(amendment.comment_id, [amendment.agent_id])
        await reactions.follow(uow, amendment.task_id, failed)
