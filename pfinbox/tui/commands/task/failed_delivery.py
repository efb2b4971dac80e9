"""Deliveries that failed: tried again, or left as they are (R24)."""

from collections.abc import Awaitable, Callable

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.outbound.delivery import TROUBLED, State
from pfinbox.i18n import _
from pfinbox.services.inbox import Inbox, UseCase
from pfinbox.services.outbound import outbox
from pfinbox.store.rows import DeliveryRow
from pfinbox.tui.commands.family import Family
from pfinbox.wording.outbound.deliveries import delivery_about


class FailedDeliveryCommands(Family):
    """Of the selected comment, else of the last comment that has some."""

    def retry(self, argument: str = "") -> None:
        self._each("retry", _("Tried again"), outbox.retry, certain_first(self._troubled()))

    def dismiss(self, argument: str = "") -> None:
        self._each("dismiss", _("Left as it is"), outbox.dismiss, self._troubled())

    def _each(
        self,
        job: str,
        words: str,
        use_case: UseCase[AgentActor, [int], None],
        rows: list[DeliveryRow],
    ) -> None:
        task = self.layout.target
        ids = [task.id] if task is not None else []
        for row in rows:
            call = _of(use_case, row.id)
            self.changes.act(job, delivery_about(row, words), call, ids=ids)

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


def certain_first(rows: list[DeliveryRow]) -> list[DeliveryRow]:
    """What failed for certain; where there is nothing of the kind, what may have arrived."""
    return [row for row in rows if row.state == State.FAILED] or rows


def _of(
    use_case: UseCase[AgentActor, [int], None], delivery_id: int
) -> Callable[[Inbox], Awaitable[None]]:
    return lambda inbox: inbox.write(use_case, delivery_id)
