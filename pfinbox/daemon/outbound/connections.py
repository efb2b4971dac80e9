"""A few connections an account, each of which works through one chain after the other.

The promise is kept here: before the hand-over a failure means *again*, after it means *unknown*,
and unknown is never repeated by a program.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pfinbox.daemon.outbound.committer import Committer
from pfinbox.daemon.outbound.outcomes import Outcomes, all_written
from pfinbox.daemon.outbound.rests import Pace, Rests
from pfinbox.daemon.outbound.stamp import NotHandedOver, Stamps
from pfinbox.domain.contract.channel import (
    Abreast,
    AccountFailure,
    Channel,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import Job
from pfinbox.domain.outbound.outgoing import Draft, outgoing
from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.services.outbound import message_building, sending
from pfinbox.services.outbound.sending import HandOver, LeaseLost, Taken
from pfinbox.store.load.outbound import messages
from pfinbox.store.uow import Store

log = logging.getLogger(__name__)

# Messages under way on one account at a time, where its channel does not say.
_ABREAST = 4


@dataclass(slots=True)
class Chain:
    """The claimed messages of one chat; ``blocked`` when a later one must not go now."""

    jobs: list[Job]
    # What the first message is built from.
    draft: Draft | None = None
    blocked: bool = False
    # Outcomes that will be written with another message's hand-over.
    written: "list[asyncio.Future[Any]]" = field(default_factory=list)


class Connections:
    """Hands chains over; while ``stopping``, messages that are not under way are given back."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[int, Channel],
        committer: Committer,
        stamps: Stamps,
        rests: Rests,
        fresh: Callable[[], bool],
    ) -> None:
        self._store = store
        self._channels = channels
        self._committer = committer
        self._outcomes = Outcomes(committer)
        self._stamps = stamps
        self._rests = rests
        self._fresh = fresh
        self._gates: dict[int, asyncio.Semaphore] = {}
        self.stopping = False

    async def load(self, chains: list[Chain]) -> None:
        """What the first message of each chain is built from: nothing of this claim changes it."""
        parts = {chain.jobs[0].part_ids[0]: chain for chain in chains if chain.jobs[0].part_ids}
        try:
            async with self._store.read() as uow:
                for part_id, draft in (await messages.drafts(uow, list(parts))).items():
                    if not draft.content["files"]:  # these may be large
                        parts[part_id].draft = draft
        except StoreError as error:
            log.debug("each message is loaded by itself: %s", error)

    async def work(self, chain: Chain, loading: asyncio.Task[None]) -> None:
        """Return when the chain's outcomes are written; messages that must not go now go back."""
        rest = chain.jobs
        try:
            async with self._gate(chain.jobs[0].account_id):
                await loading
                with self._committer.connection():
                    while rest and not chain.blocked:
                        job, *rest = rest
                        await self._send(job, chain)
        finally:
            for job in rest:
                await self._give_back(job, chain)
            await all_written(chain.written)
        for writing in chain.written:
            writing.result()

    def _gate(self, account_id: int) -> asyncio.Semaphore:
        channel = self._channels.get(account_id)
        abreast = channel.abreast if isinstance(channel, Abreast) else _ABREAST
        return self._gates.setdefault(account_id, asyncio.Semaphore(abreast))

    async def _send(self, job: Job, chain: Chain) -> None:
        channel = self._channels.get(job.account_id)
        if channel is None or self.stopping or self._rests.resting(job.account_id):
            await self._give_back(job, chain)
            return
        rest: Job | None = job
        for part_id in job.part_ids:
            if rest is not None:
                rest = await self._part(rest, part_id, channel, chain)

    async def _part(self, claimed: Job, part_id: int, channel: Channel, chain: Chain) -> Job | None:
        """Hand one part over; what of the job goes on, None when nothing must follow now."""
        handed = False
        job = claimed

        async def transmitting(turned_away: Mapping[str, ChannelError] | None = None, /) -> None:
            nonlocal handed, job
            if turned_away:
                chain.blocked = True
                job = await self._leaves_without(job, part_id, source_id, turned_away)
            else:
                await self._committer.hand_over(HandOver(job, part_id, source_id))
            self._look_at_lease()
            handed = True

        source_id: str | None = None
        try:
            part, nonce = await self._outgoing(job, part_id, chain)
            source_id = part.source_id or channel.mint(part.reply_token or "", nonce)
            sent = await channel.send(replace(part, source_id=source_id, nonce=nonce), transmitting)
        except LeaseLost:
            await self._give_back(job, chain)
            return None
        except (TemporaryFailure, AccountFailure) as error:
            chain.blocked = True
            await self._not_now(job, part_id, error)
            return None
        except PermanentFailure as error:
            await self._outcomes.never(job, part_id, error)
            await self._reached(job.account_id)
            return None
        except UnknownOutcome as error:
            # Before it is written: the next message of the chain must not be lost in the same way.
            self._begin_rest(job.account_id, Pace.UNANSWERED, error.reason)
            await self._perhaps(job, part_id, error.reason, chain)
            await self._outcomes.account_gives_no_answer(job.account_id, error.reason)
            return None
        except (asyncio.CancelledError, Exception) as error:
            await self._fault(error, job, part_id, chain, handed=handed)
            if isinstance(error, asyncio.CancelledError):
                raise
            return None
        await self._reached(job.account_id)
        taken = Taken(job, part_id, sent)
        if part_id == job.part_ids[-1]:
            chain.written.append(self._outcomes.taken(taken))
            return None
        return job if await self._outcomes.part_taken(taken) else None

    def _look_at_lease(self) -> None:
        """A daemon that was stopped once the hand-over was written must not send when it wakes.

        Another one may have said by then that the fate is unknown, and a person has had it sent.
        """
        if not self._fresh():
            detail = _("another daemon may serve this account now")
            raise NotHandedOver(Reason("internal_error", {"detail": detail}))

    async def _not_now(
        self, job: Job, part_id: int, error: TemporaryFailure | AccountFailure
    ) -> None:
        """Nothing has left: the message is tried again, or its account as a whole rests."""
        after = error.retry_after if isinstance(error, TemporaryFailure) else None
        if isinstance(error, TemporaryFailure) and not error.unreachable:
            await self._outcomes.not_now(job, part_id, error.reason, after, error.refused)
            if not isinstance(error, NotHandedOver):
                await self._reached(job.account_id)
            return
        failed = isinstance(error, AccountFailure)
        pace = Pace.REFUSED if failed else Pace.UNREACHED
        self._begin_rest(job.account_id, pace, error.reason)
        state = "failed" if failed else "retrying"
        await self._outcomes.account_rests(job, part_id, state, error.reason, after)

    def _begin_rest(self, account_id: int, pace: Pace, reason: Reason) -> None:
        if self._rests.begin(account_id, pace):
            # Its kind alone: a server's answer may quote the client.
            log.warning("account %d sends nothing now: %s", account_id, reason.kind)

    async def _reached(self, account_id: int) -> None:
        if self._rests.end(account_id):
            log.info("account %d sends again", account_id)
            await self._outcomes.account_sends(account_id)

    async def _fault(
        self, error: BaseException, job: Job, part_id: int, chain: Chain, *, handed: bool
    ) -> None:
        """After our crash, or a shut-down: before the hand-over nothing has left."""
        detail = {"detail": type(error).__name__}
        if handed:
            await self._perhaps(job, part_id, Reason("outcome_unknown", detail), chain)
        elif isinstance(error, asyncio.CancelledError | StoreError):
            await self._give_back(job, chain)
        else:
            chain.blocked = True
            log.error("delivery of comment %s failed", job.comment_id, exc_info=error)
            await self._outcomes.not_now(job, part_id, Reason("internal_error", detail))

    async def _perhaps(self, job: Job, part_id: int, reason: Reason, chain: Chain) -> None:
        if await self._outcomes.perhaps(job, part_id, reason):
            # It goes again; what follows in its chat waits for it.
            chain.blocked = True

    async def _outgoing(self, job: Job, part_id: int, chain: Chain) -> tuple[Outgoing, str]:
        draft, chain.draft = chain.draft, None
        if draft is not None and draft.part_id == part_id:
            return outgoing(draft, job.delivery_ids), draft.nonce
        async with self._store.read() as uow:
            return await message_building.outgoing(uow, job, part_id)

    async def _leaves_without(
        self,
        job: Job,
        part_id: int,
        source_id: str | None,
        turned_away: Mapping[str, ChannelError],
    ) -> Job:
        """Hand the part over for recipients who were not turned away; returns their job."""
        jitter = random.random()  # noqa: S311
        await self._committer.settled()
        going, number = await self._store.run(
            lambda uow: sending.transmitting(uow, job, part_id, source_id, turned_away, jitter)
        )
        await self._stamps.write(number)
        return going

    async def _give_back(self, job: Job, chain: Chain) -> None:
        chain.blocked = True
        await self._outcomes.given_back(job)
