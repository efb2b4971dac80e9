"""What became of the messages that a daemon has in hand, written down even while it is stopped."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from pfinbox.daemon.outbound.committer import Committer
from pfinbox.domain.contract.channel import PermanentFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import Job
from pfinbox.services.inbound import chat_events
from pfinbox.services.outbound import sending
from pfinbox.services.outbound.sending import Taken
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import accounts


class Outcomes:
    """Writes down what became of messages; every method returns when that is written."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer

    async def given_back(self, job: Job) -> None:
        """Give a claimed message back: nothing of the message has left."""
        await self._write(lambda uow: sending.give_back(uow, job))

    async def not_now(
        self,
        job: Job,
        part_id: int,
        reason: Reason,
        retry_after: float | None = None,
        refused: Mapping[str, Reason] | None = None,
    ) -> None:
        jitter = random.random()  # noqa: S311
        await self._write(
            lambda uow: sending.not_now(uow, job, part_id, reason, retry_after, jitter, refused)
        )

    async def account_rests(
        self, job: Job, part_id: int, state: str, reason: Reason, retry_after: float | None = None
    ) -> None:
        """Write down that the account sends nothing now, and that the message is tried again."""
        jitter = random.random()  # noqa: S311

        async def write(uow: UnitOfWork) -> None:
            await sending.not_now(uow, job, part_id, reason, retry_after, jitter, soon=True)
            await accounts.set_sending(uow, job.account_id, state, reason)

        await self._write(write)

    async def account_gives_no_answer(self, account_id: int, reason: Reason) -> None:
        """Write down that nobody knows what becomes of the account's messages now."""
        await self._write(lambda uow: accounts.set_sending(uow, account_id, "retrying", reason))

    async def account_sends(self, account_id: int) -> None:
        """Write down that the account's server is reached again."""
        await self._write(lambda uow: accounts.set_sending(uow, account_id, "ok"))

    async def never(self, job: Job, part_id: int, error: PermanentFailure) -> None:
        async def write(uow: UnitOfWork) -> None:
            ours = await sending.never(uow, job, part_id, error.reason)
            if ours and not error.chat_writable and job.chat_id is not None:
                await chat_events.cannot_write(uow, job.chat_id, error.reason)

        await self._write(write)

    async def perhaps(self, job: Job, part_id: int, reason: Reason) -> bool:
        """Whether the message, or what is left of it, goes again."""
        jitter = random.random()  # noqa: S311
        return bool(
            await self._write(lambda uow: sending.perhaps(uow, job, part_id, reason, jitter))
        )

    async def part_taken(self, taken: Taken) -> bool:
        """Whether the parts that follow are still to be handed over."""
        return bool(await self._write(lambda uow: sending.part_sent(uow, taken)))

    def taken(self, taken: Taken) -> "asyncio.Future[Any]":
        """Write with the next hand-over, or before it; the caller does not wait."""
        return self._committer.taken(taken)

    async def _write(self, use_case: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
        writing = self._committer.write(use_case)
        await all_written([writing])
        return writing.result()


async def all_written(writings: "Collection[asyncio.Future[Any]]") -> None:
    """Wait until all are written, also while the daemon is being stopped."""
    if not writings:
        return
    try:
        await asyncio.wait(writings)
    except asyncio.CancelledError:
        await asyncio.wait(writings)
        raise
