"""The other side tells what became of a message of ours, after it took it (R24)."""

from pfinbox.domain.contract.incoming import Fate, Report
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound.deciding import Outcome
from pfinbox.domain.model import Account
from pfinbox.domain.outbound.bounces import Handed
from pfinbox.domain.outbound.delivery import State, Step
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.services.outbound import delivery_failure, send_recovery
from pfinbox.store.load.outbound import reports as load
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.outbound import deliveries


async def tell(uow: UnitOfWork, account: Account, report: Report) -> Outcome:
    """Reports move a delivery forward only, in whatever order they come."""
    handed = await _of(uow, account, report)
    if not handed:
        return Outcome("ignored", reason=Reason("ignored", {"detail": "report on nothing of ours"}))
    if report.nonce:
        await deliveries.name(uow, [one.part_id for one in handed], clean_line(report.source_id))
    if report.fate is Fate.FAILED:
        await _failed(uow, handed, report.reason or Reason("rejected", {"detail": ""}))
    else:
        for one in handed:
            # Whoever reports that has the message: an unknown delivery is sent.
            await send_recovery.proven(uow, one.part_id)
        if report.fate is not Fate.SENT:
            seen, ids = report.fate is Fate.SEEN, [one.delivery_id for one in handed]
            await deliveries.reported(uow, ids, report.at, seen=seen)
    uow.touch("tasks", "outbox")
    return Outcome("ignored", reason=Reason("report", {"fate": report.fate}))


async def _of(uow: UnitOfWork, account: Account, report: Report) -> list[Handed]:
    """The deliveries that a report is about."""
    found: list[Handed] = []
    if report.source_id or report.nonce:
        found = await load.reported(uow, account.id, clean_line(report.source_id), report.nonce)
    if report.until is not None:
        chat = report.chat_key or ""
        before = await load.reported_until(uow, account.id, chat, report.until)
        found += [one for one in before if one not in found]
    return found


async def _failed(uow: UnitOfWork, handed: list[Handed], reason: Reason) -> None:
    for one in handed:
        if one.state == State.FAILED:
            continue
        await send_recovery.proven(uow, one.part_id)
        if await delivery_failure.arise(uow, Step.BOUNCED, one.delivery_id, reason):
            await deliveries.move_parts(uow, Step.BOUNCED, [one.part_id])
