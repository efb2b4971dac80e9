"""Changing clients' copies of what was sent: an account's amendments one by one, until done."""

import asyncio
import logging
import random
from functools import partial
from itertools import groupby

from pfinbox.daemon.chores.chore import Chore
from pfinbox.daemon.written import until_written
from pfinbox.domain.contract.amending import Amending
from pfinbox.domain.contract.channel import (
    AccountFailure,
    Channel,
    PermanentFailure,
    TemporaryFailure,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import LeaseGone
from pfinbox.domain.outbound.amending import AmendmentJob
from pfinbox.errors import StoreError
from pfinbox.services.outbound import amending
from pfinbox.services.system import leases

log = logging.getLogger(__name__)

# Without news from the store it looks again after so many seconds.
_LOOK = 15.0
_WHAT = "a change of a sent comment"


class Amender(Chore):
    """Carries out the amendments of one daemon's accounts."""

    what = "changes to sent comments"

    async def look(self) -> float:
        lease = self._lease
        async with self._store.read() as uow:
            jobs = await amending.due(uow, lease.id)
            wait = await amending.next_due(uow, lease.id)
        mine = [job for job in jobs if job.account_id in self._channels]
        by_account = groupby(sorted(mine, key=_order), key=lambda job: job.account_id)
        ends = await asyncio.gather(
            *(self._one_by_one(self._channels[id_], list(some)) for id_, some in by_account),
            return_exceptions=True,
        )
        # Only when all have ended: a running amendment must not be started a second time.
        for error in ends:
            if error is not None:
                raise error
        if mine:
            return 0.0
        return min(_LOOK, wait + 0.01) if wait is not None else _LOOK

    async def _one_by_one(self, channel: Channel, jobs: list[AmendmentJob]) -> None:
        for job in jobs:
            try:
                async with self._store.read() as uow:
                    await leases.hold(uow, self._lease, job.account_id)
            except LeaseGone:
                # An older amendment must not come after a newer one of another daemon.
                return
            await self._one(channel, job)

    async def _one(self, channel: Channel, job: AmendmentJob) -> None:
        run = partial(until_written, self._store, what=_WHAT)
        try:
            if not isinstance(channel, Amending):
                raise PermanentFailure(Reason("unsupported", {"detail": job.change.kind.value}))
            await channel.amend(job.change)
        except PermanentFailure as error:
            reason = error.reason
            await run(lambda uow: amending.failed(uow, job, reason))
        except (TemporaryFailure, AccountFailure) as error:
            reason = error.reason
            after = error.retry_after if isinstance(error, TemporaryFailure) else None
            await self._not_now(job, reason, after)
        except StoreError:
            raise
        except Exception as error:
            log.exception("changing a sent comment failed")
            reason = Reason("internal_error", {"detail": type(error).__name__})
            await self._not_now(job, reason, None)
        else:
            await run(lambda uow: amending.done(uow, job))

    async def _not_now(self, job: AmendmentJob, reason: Reason, after: float | None) -> None:
        jitter = random.random()  # noqa: S311
        await until_written(
            self._store,
            lambda uow: amending.not_now(uow, job, reason, after, jitter),
            _WHAT,
        )


def _order(job: AmendmentJob) -> tuple[int, int]:
    return job.account_id, job.id
