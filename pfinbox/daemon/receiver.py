"""Receiving for one account: store a batch, then ask for the next; that order loses nothing."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from pfinbox.daemon.backoff import Backoff
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountFailure, Channel, ChannelError, TemporaryFailure
from pfinbox.domain.contract.incoming import Incoming, Unreadable
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import Lease, LeaseGone
from pfinbox.errors import StoreBusy, StoreError
from pfinbox.i18n import _
from pfinbox.services.inbound import gaps, receiving
from pfinbox.services.inbound.receiving import Received
from pfinbox.services.system import leases
from pfinbox.store.load import accounts as load_accounts
from pfinbox.store.uow import Collision, Store, UnitOfWork
from pfinbox.store.write import accounts

log = logging.getLogger(__name__)

# A wrong password is not tried in a storm: servers lock accounts for that.
_ACCOUNT_RETRY = 300.0
# An account's state after a commit whose answer was lost.
_UNKNOWN: tuple[str, Reason | None] = ("", None)
# That the other side was reached is written down so often.
_NOTE_EVERY = timedelta(minutes=10)


class Receiver:
    """Receives for one account; ``run`` ends only by cancellation, ``run_once`` when idle."""

    def __init__(
        self,
        store: Store,
        account_id: int,
        name: str,
        channel: Channel,
        lease: Lease,
        fresh: Callable[[], bool],
        *,
        pushed: bool = False,
    ) -> None:
        self._store = store
        self._lease = lease
        # Whether the lease was renewed lately enough for the account to be ours for certain.
        self._fresh = fresh
        self._account_id = account_id
        self._name = name
        self._channel = channel
        # The door says when an account to which its service pushes can be reached.
        self._pushed = pushed
        self._reached_at: datetime | None = None
        self._state: tuple[str, Reason | None] | None = None
        self._backoff = Backoff()
        self._account_backoff = Backoff(first=10.0, longest=_ACCOUNT_RETRY)

    async def run(self) -> None:
        while True:
            delay = await self._poll(until_idle=False)
            await asyncio.sleep(delay or 0.0)

    async def run_once(self) -> bool:
        """Receive until nothing more waits; False when the account could not be reached."""
        return await self._poll(until_idle=True) is None

    async def _poll(self, *, until_idle: bool) -> float | None:
        """Receive until an error (returns the seconds to wait) or, if asked, until idle (None)."""
        if not self._fresh():
            # The supervisor says what is wrong, and goes on trying.
            return 1.0
        try:
            await self._receive(until_idle)
        except AccountFailure as error:
            await self._report("failed", error.reason)
            return self._account_backoff.next()
        except ChannelError as error:
            await self._report("retrying", error.reason)
            after = error.retry_after if isinstance(error, TemporaryFailure) else None
            return self._backoff.next(after)
        except LeaseGone as error:
            # The daemon that serves the account now receives this batch again.
            log.warning("%s: %s", self._name, error)
            return self._backoff.next()
        except StoreError as error:
            # The batch was not confirmed to the other side, so the same batch comes again.
            # What was written of the account's state is not known: its next state is written.
            self._state = _UNKNOWN
            log.error("%s: storing failed: %s", self._name, error)
            if not isinstance(error, StoreBusy):
                # A full disk without room for a mail may have room for the account's state.
                await self._report("retrying", Reason("not_stored", {"detail": str(error)}))
            return self._backoff.next()
        except Exception as error:
            log.exception("%s: receiving failed", self._name)
            detail = type(error).__name__
            await self._report("retrying", Reason("internal_error", {"detail": detail}))
            return self._backoff.next()
        return None

    async def _receive(self, until_idle: bool) -> None:
        if missing := await self._missing():
            raise AccountFailure(Reason("agent_missing", {"names": ", ".join(missing)}))
        if self._state is None:
            await self._report("connecting", None)
        async with contextlib.aclosing(self._batches(await self._cursor())) as batches:
            async for batch in batches:
                await self._store_batch(batch)
                await self._note_reached()
                self._backoff.reset()
                self._account_backoff.reset()
                await self._report("ok", batch.progress)
                if until_idle and batch.idle:
                    return
                self._look_at_lease()

    async def _note_reached(self) -> None:
        """Now and then: some services drop what nobody received for a day."""
        now = self._store.clock()
        before = self._reached_at
        if self._pushed or (before is not None and now - before < _NOTE_EVERY):
            return

        async def note(uow: UnitOfWork) -> None:
            await gaps.reached(uow, SystemActor("receiver"), [self._name])
            await leases.hold(uow, self._lease, self._account_id)

        await self._store.run(note)
        self._reached_at = now

    def _look_at_lease(self) -> None:
        """A daemon that was stopped and wakes must not ask the other side once more (R12)."""
        if not self._fresh():
            raise LeaseGone(_("another daemon may serve this account now"))

    async def _receive_batch(self, uow: UnitOfWork, batch: Batch) -> Received:
        done = await receiving.receive(uow, self._account_id, batch)
        # The lease is locked last: until the commit no other daemon can take the account over.
        await leases.hold(uow, self._lease, self._account_id)
        return done

    async def _receive_whole(self, uow: UnitOfWork, batch: Batch) -> Received:
        """Store the batch with the account's state, whose own commit would cost a few mails."""
        if self._state != ("ok", batch.progress):
            await accounts.set_state(uow, self._account_id, "ok", batch.progress)
        return await self._receive_batch(uow, batch)

    def _batches(self, cursor: str | None) -> AsyncGenerator[Batch, None]:
        return cast("AsyncGenerator[Batch, None]", self._channel.receive(cursor))

    async def _missing(self) -> tuple[str, ...]:
        """Agents whom the account waits for: others, or nobody, would see its tasks now."""
        async with self._store.read() as uow:
            missing = await load_accounts.awaited(uow)
            return missing[self._account_id].logins if self._account_id in missing else ()

    async def _cursor(self) -> str | None:
        async with self._store.read() as uow:
            return await load_accounts.cursor(uow, self._account_id)

    async def _store_batch(self, batch: Batch) -> None:
        if batch == Batch(idle=batch.idle, progress=batch.progress):
            return
        try:
            done = await self._store.run(lambda uow: self._receive_whole(uow, batch))
            if self._state != ("ok", batch.progress):
                self._log("ok", batch.progress)
                self._state = "ok", batch.progress
        except Collision:
            # Others write about the same people all the time: a short transaction finds a gap.
            if len(batch.items) == 1:
                raise
            await self._one_by_one(batch)
            return
        except (StoreError, LeaseGone):
            raise
        except Exception:
            # The item that fails goes to quarantine; the others are stored.
            log.exception("%s: a batch failed, trying its items one by one", self._name)
            await self._one_by_one(batch)
            return
        await self._reply(done.replies)

    async def _reply(self, replies: Sequence[Outgoing]) -> None:
        """Send replies once, after their transaction; a reply that fails is not repeated."""
        for reply in replies:
            try:
                await self._channel.send(reply, _nothing)
            except ChannelError as error:
                log.info("%s: not told: %s", self._name, error.reason.kind)

    async def _one_by_one(self, batch: Batch) -> None:
        for incoming in batch.items:
            single = Batch(items=(incoming,))
            try:
                receive = partial(self._receive_batch, batch=single)
                await self._reply((await self._store.run(receive)).replies)
            except (StoreError, LeaseGone):
                raise
            except Exception as error:
                log.exception("%s: %r goes to quarantine", self._name, incoming.key)
                kept = Batch(items=(_unreadable(incoming, error, self._store.clock()),))
                await self._store.run(partial(self._receive_batch, batch=kept))
        rest = replace(batch, items=(), idle=False, progress=None)
        await self._store.run(lambda uow: self._receive_batch(uow, rest))

    def _log(self, state: str, detail: Reason | None) -> None:
        if detail is not None and state != "ok":
            log.warning("%s: %s: %s", self._name, state, detail.sentence())
        else:
            log.info("%s: %s", self._name, state)

    async def _report(self, state: str, detail: Reason | None) -> None:
        if self._state == (state, detail):
            return
        self._log(state, detail)

        async def report(uow: UnitOfWork) -> None:
            await accounts.set_state(uow, self._account_id, state, detail)
            await leases.hold(uow, self._lease, self._account_id)

        try:
            await self._store.run(report)
            self._state = (state, detail)
        except (StoreError, LeaseGone) as error:
            self._state = _UNKNOWN
            log.error("%s: its state could not be stored: %s", self._name, error)


async def _nothing(_turned_away: object = None, /) -> None:
    """Write nothing: a reply of no delivery has no state."""


def _unreadable(incoming: Incoming, error: Exception, at: datetime) -> Incoming:
    event = Unreadable(
        reason=Reason("internal_error", {"detail": type(error).__name__}),
        sent_at=at,
    )
    # It may be the key that no database keeps: half of a surrogate pair, or a NUL.
    key = incoming.key.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    return replace(incoming, key=key, event=event)
