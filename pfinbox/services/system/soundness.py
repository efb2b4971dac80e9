"""``db check``: the checks of the store, and whether lists show what comments say (R41)."""

from collections.abc import AsyncIterator, Iterator

from pfinbox.domain.awaiting_reply import Shown
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import Step
from pfinbox.record import record
from pfinbox.services.events import awaiting_reply
from pfinbox.services.outbound import delivery_failure
from pfinbox.store.integrity import contents, counters, ledger, outbox, pages, references
from pfinbox.store.integrity.check import Check, Ids
from pfinbox.store.uow import Store, UnitOfWork
from pfinbox.store.write.outbound import deliveries

# Rows that are mended in one transaction: others want to write, too.
_AT_A_TIME = 200


@record
class Fault:
    """What one check found: a stable word and the rows; whether they are mended or could be."""

    kind: str
    ids: Ids
    mendable: bool
    mended: bool = False


async def faults(store: Store, *, repair: bool = False) -> AsyncIterator[Fault]:
    """Carry all checks out, each in a transaction of its own; ``repair``: mend what can be mended.

    What is not mended by that is found again, and said to be as it is.
    """
    for check in _checks():
        async with store.read() as uow:
            found = await check.find(uow)
        if not found:
            continue
        if not repair or check.mend is None:
            yield Fault(check.kind, found, check.mend is not None)
            continue
        for start in range(0, len(found), _AT_A_TIME):
            await _mend(store, check, found[start : start + _AT_A_TIME])
        async with store.read() as uow:
            left = set(await check.find(uow))
        if mended := [one for one in found if one not in left]:
            yield Fault(check.kind, mended, mendable=True, mended=True)
        if rest := [one for one in found if one in left]:
            yield Fault(check.kind, rest, mendable=False)


async def _mend(store: Store, check: Check, ids: Ids) -> None:
    async def mend(uow: UnitOfWork) -> None:
        if check.mend is not None:
            await check.mend(uow, ids)

    await store.run(mend)


def _checks() -> Iterator[Check]:
    yield from pages.CHECKS
    yield from references.CHECKS
    yield from outbox.CHECKS
    yield Check("delivery_without_parts", outbox.without_parts, _give_up)
    yield Check("delivery_half_sent", outbox.half_sent, _fail)
    yield from contents.CHECKS
    yield from ledger.CHECKS
    yield Check("task_list_entry", _false_lines, _refresh)


async def _give_up(uow: UnitOfWork, ids: Ids) -> None:
    """Nothing is there to send: a person writes anew."""
    await deliveries.move(uow, Step.RESTORED, [int(one) for one in ids])
    await _fail(uow, ids)


async def _fail(uow: UnitOfWork, ids: Ids) -> None:
    """The client has not all of it, and a person is told so as of any other failure (R24)."""
    for delivery_id in ids:
        why = Reason("internal_error", {"detail": "db check"})
        await delivery_failure.arise(uow, Step.BOUNCED, int(delivery_id), why)


async def _false_lines(uow: UnitOfWork) -> Ids:
    """Tasks that wait, are new or count as answered where their comments say something else."""
    return [
        root_id
        for root_id, shown in (await counters.shown(uow)).items()
        if _place(await awaiting_reply.foreseen(uow, root_id)) != _place(shown)
    ]


def _place(shown: Shown) -> tuple[bool, int, str | None]:
    """What decides in which views a task is; its last line is only for people to read."""
    return shown.waiting_since is None, shown.last_notable_id, shown.last_direction


async def _refresh(uow: UnitOfWork, ids: Ids) -> None:
    for root_id in ids:
        await awaiting_reply.refresh(uow, int(root_id))
    uow.touch("tasks")
