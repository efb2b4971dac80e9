"""The part of the gateway for files of comments (R20)."""

from pfinbox.store import read
from pfinbox.store.rows import AttachmentRow
from pfinbox.store.uow import Store


class FileGate:
    """Needs the store and the agent of the gateway it is a part of."""

    _store: Store
    agent_id: int

    async def files(self, task_id: int, comment_id: int | None) -> tuple[AttachmentRow, ...]:
        """The files of a comment; None: of the last comment that has some."""
        async with self._store.read() as uow:
            held = await read.conversation(uow, self.agent_id, task_id, limit=None)
        rows = [c for c in held.comments if comment_id in (None, c.id) and c.attachments]
        return rows[-1].attachments if rows else ()

    async def content(self, attachment_id: int) -> bytes:
        """The bytes of a file; NotFound where the agent may not see its task."""
        async with self._store.read() as uow:
            return await read.attachment_content(uow, self.agent_id, attachment_id)
