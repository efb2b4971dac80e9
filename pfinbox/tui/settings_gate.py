"""The part of the gateway for the agent's own settings (R22, R44)."""

from datetime import datetime

from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.services.people import agents
from pfinbox.services.system import absence
from pfinbox.store import read
from pfinbox.store.rows import AgentRow
from pfinbox.store.uow import Store, UnitOfWork


class SettingsGate:
    """Needs the store and the agent of the gateway it is a part of."""

    _store: Store
    agent_id: int

    async def me(self) -> tuple[AgentRow, tuple[AgentRow, ...]]:
        """This agent, and the colleagues who can stand in."""
        async with self._store.read() as uow:
            rows = await read.agents(uow)
        mine = [row for row in rows if row.id == self.agent_id]
        if not mine:
            raise NotFound(_("you are no agent of this inbox any more"))
        return mine[0], tuple(row for row in rows if row.active and row.id != self.agent_id)

    async def set_me(
        self,
        login: str,
        *,
        name: str | None = None,
        email: str | None = None,
        notices: str | None = None,
    ) -> None:
        """``notices``: mail or off; an empty ``email`` means none."""
        me = self.agent_id

        async def change(uow: UnitOfWork) -> None:
            await agents.set_(uow, me, login, name=name, email=email, notices=notices)

        await self._store.run(change)

    async def away(self, login: str, until: datetime | None, deputy: str | None) -> None:
        """Away until then, None: here again."""
        me = self.agent_id

        async def change(uow: UnitOfWork) -> None:
            await absence.away(uow, me, login, until, deputy)

        await self._store.run(change)
