"""What may be done at the server with a mail that is stored here: a flag, or another folder.

For people who look into the mailbox with other programs; nothing is read from it, and nothing
depends on whether it works.
"""

import logging

from pfinbox.channels.mail.imap.fetching import Plan
from pfinbox.channels.mail.imap.session.refused import ChangeRefused
from pfinbox.channels.mail.imap.session.session import Session
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.incoming import Incoming, Message

log = logging.getLogger(__name__)


class Marking:
    """Marks what came by the watched and visited folders, never history, spam or sent mail."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._refused = False

    def changes(self, folder: str) -> bool:
        """Whether the folder has to be opened for changes."""
        wanted = self._plan.stored_flag or self._plan.stored_move
        return bool(wanted) and folder in self._plan.folders

    async def mark(self, session: Session, batch: Batch) -> None:
        """After ``batch`` of the folder, open for changes, was stored."""
        uids = [int(item.key.rpartition(":")[2]) for item in batch.items if _is_read(item)]
        if not uids:
            return
        try:
            if self._plan.stored_flag:
                await session.add_flag(uids, self._plan.stored_flag)
            if self._plan.stored_move:
                await session.move(uids, self._plan.stored_move)
        except ChangeRefused as error:
            if not self._refused:
                log.warning("stored mail could not be marked: %s", error.reason.sentence())
            self._refused = True


def _is_read(item: Incoming) -> bool:
    """What could not be read stays where it was."""
    return isinstance(item.event, Message) and not item.history
