"""The part of the gateway for searches that an agent keeps."""

from pfinbox.services.people import saved_searches
from pfinbox.store import read
from pfinbox.store.rows import SavedSearchRow, ViewCount
from pfinbox.store.uow import Store


class SearchGate:
    """Needs the store and the agent of the gateway it is a part of."""

    _store: Store
    agent_id: int

    async def saved_counts(self) -> tuple[ViewCount, ...]:
        """This agent's searches as views, ``search:NAME``, with their counts."""
        async with self._store.read() as uow:
            return await read.saved_counts(uow, self.agent_id)

    async def save_search(self, name: str, view: str, query: str) -> str:
        """Keep a search; its view's key."""
        me = self.agent_id
        return await self._store.run(lambda uow: saved_searches.save(uow, me, name, view, query))

    async def remove_search(self, name: str) -> SavedSearchRow:
        """Forget it; what it was, for the way back."""
        me = self.agent_id
        async with self._store.read() as uow:
            held = await read.saved_search(uow, me, name)
        await self._store.run(lambda uow: saved_searches.remove(uow, me, name))
        return held
