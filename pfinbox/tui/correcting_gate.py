"""The part of the gateway for what is put right afterwards, and for inviting a client."""

from pfinbox.services.comments import corrections
from pfinbox.services.comments.corrections import Outlook
from pfinbox.services.merging import invitations
from pfinbox.services.merging.invitations import Invitation
from pfinbox.store.uow import Store


class CorrectingGate:
    """Needs the store and the agent of the gateway it is a part of."""

    _store: Store
    agent_id: int

    async def outlook(self, comment_id: int, *, deleting: bool) -> Outlook:
        """What a correction would do outside; Refused where it cannot be done."""
        async with self._store.read() as uow:
            return await corrections.outlook(uow, self.agent_id, comment_id, deleting=deleting)

    async def edit_comment(self, comment_id: int, text: str) -> None:
        """Another text, also at the clients who have it (R11)."""
        me = self.agent_id
        await self._store.run(lambda uow: corrections.edit_comment(uow, me, comment_id, text))

    async def delete_comment(self, comment_id: int) -> None:
        """Marked as deleted here, taken away from the clients who have it (R11)."""
        me = self.agent_id
        await self._store.run(lambda uow: corrections.delete_comment(uow, me, comment_id))

    async def hide_comment(self, comment_id: int, hidden: bool) -> None:
        """From every contact's page, or no longer (R38)."""
        me = self.agent_id
        await self._store.run(lambda uow: corrections.set_hidden(uow, me, comment_id, hidden))

    async def inviters(self, task_id: int) -> tuple[str, ...]:
        """By which accounts a client can be invited to this task; Refused: by none, and why."""
        async with self._store.read() as uow:
            return await invitations.inviters(uow, self.agent_id, task_id)

    async def invite(self, task_id: int, account: str) -> Invitation:
        """A link that joins the chat of whoever follows it to this task (R30)."""
        me = self.agent_id
        return await self._store.run(lambda uow: invitations.invite(uow, me, task_id, account))
