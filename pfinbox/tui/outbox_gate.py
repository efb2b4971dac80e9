"""The part of the gateway for the outbox (R18, R24)."""

from dataclasses import dataclass
from datetime import datetime

from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import Refused
from pfinbox.services.outbound import outbox, releasing, rerouting, restore_guard
from pfinbox.services.outbound.releasing import ReleaseList
from pfinbox.store import read
from pfinbox.store.rows import DeliveryRow
from pfinbox.store.uow import Store


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """All that is not over, next due first, and what the comments say, by their id."""

    rows: tuple[DeliveryRow, ...]
    texts: dict[int, str]
    # Why nothing is sent at all, after a restore or a move.
    held: Reason | None = None


class OutboxGate:
    """Needs the store and the agent of the gateway it is a part of."""

    _store: Store
    agent_id: int

    async def outbox(self) -> OutboxPage:
        async with self._store.read() as uow:
            rows = await read.deliveries(uow, self.agent_id)
            texts = await read.texts(uow, {row.comment_id for row in rows})
            return OutboxPage(rows, texts, await read.sending_held(uow))

    async def release_list(self) -> ReleaseList:
        """What would go out again, and what may have gone already."""
        async with self._store.read() as uow:
            return await releasing.look_over(uow, self.agent_id)

    async def release(self, *, resend: bool) -> None:
        """Send again after a restore; ``resend``: also what may have gone out already."""
        me = self.agent_id
        await self._store.run(lambda uow: restore_guard.release(uow, me, resend=resend))

    async def edit_waiting(self, delivery_id: int, text: str) -> None:
        """Another text for a comment that nobody outside has yet."""
        me = self.agent_id
        await self._store.run(lambda uow: outbox.edit(uow, me, delivery_id, text))

    async def send_now(self, delivery_id: int) -> None:
        me = self.agent_id
        await self._store.run(lambda uow: outbox.send_now(uow, me, delivery_id))

    async def reschedule(self, delivery_id: int, when: datetime, *, anyway: bool) -> None:
        """``anyway``: it goes out then even if the client writes before."""
        me = self.agent_id
        await self._store.run(
            lambda uow: outbox.reschedule(uow, me, delivery_id, when, anyway=anyway)
        )

    async def mark_sent(self, delivery_id: int) -> None:
        me = self.agent_id
        await self._store.run(lambda uow: outbox.mark_sent(uow, me, delivery_id))

    async def withdraw(self, row: DeliveryRow) -> bool:
        """It never goes out; True: the whole comment is its author's draft again.

        Where somebody has it already, or a colleague wrote it, only this delivery is stopped.
        """
        me = self.agent_id
        try:
            await self._store.run(lambda uow: outbox.take_back(uow, me, row.comment_id))
        except Refused:
            await self._store.run(lambda uow: outbox.withdraw(uow, me, row.id))
            return False
        return True

    async def reroute(
        self, delivery_id: int, *, via: str | None, address: str | None, force: bool
    ) -> None:
        """By another account, or to another address, of the same recipient."""
        me = self.agent_id
        await self._store.run(
            lambda uow: rerouting.reroute(
                uow, me, delivery_id, reply_via=via, address=address, force=force
            )
        )
