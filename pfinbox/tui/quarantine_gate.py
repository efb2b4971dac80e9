"""The part of the gateway for what could not be read."""

from collections.abc import Sequence

from pfinbox.services.inbound import quarantine_retry
from pfinbox.store.uow import Store


class QuarantineGate:
    """Needs the store and the agent of the gateway it is a part of."""

    _store: Store
    agent_id: int

    async def reread(self, receipt_ids: Sequence[int]) -> None:
        """Ask the daemon to read these again; it says how that went at each of them."""
        me = self.agent_id
        await self._store.run(lambda uow: quarantine_retry.ask(uow, me, receipt_ids))
