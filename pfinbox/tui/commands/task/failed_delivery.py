"""Deliveries that failed: tried again, or left as they are (R24)."""

from functools import partial

from pfinbox.domain.outbound.delivery import TROUBLED
from pfinbox.i18n import _
from pfinbox.services.outbound import outbox
from pfinbox.store.rows import DeliveryRow
from pfinbox.tui.commands.family import Family


class FailedDeliveryCommands(Family):
    """Of the selected comment, else of the last comment that has some."""

    def retry(self, argument: str = "") -> None:
        inbox = self.context.inbox
        for row in self._troubled():
            call = partial(inbox.write, outbox.retry, row.id)
            self.changes.act("retry", _("Tried again"), call)

    def dismiss(self, argument: str = "") -> None:
        inbox = self.context.inbox
        for row in self._troubled():
            call = partial(inbox.write, outbox.dismiss, row.id)
            self.changes.act("dismiss", _("Left as it is"), call)

    def _troubled(self) -> list[DeliveryRow]:
        """Failed deliveries of the selected comment, else of the last comment that has some."""
        view = self.layout.task_pane.view
        chosen = view.selected_comment
        for comment in [chosen] if chosen else reversed(view.comments):
            rows = [row for row in comment.deliveries if row.state in TROUBLED]
            if rows := [row for row in rows if row.dismissed_at is None]:
                return rows
        self.context.say(_("Nothing has failed here."))
        return []
