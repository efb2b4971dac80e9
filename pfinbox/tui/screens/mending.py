"""Failed deliveries, and the way back from what was done."""

from dataclasses import dataclass

from textual.message import Message

from pfinbox.domain.delivery import TROUBLED
from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.store.rows import DeliveryRow, DraftRow
from pfinbox.tui import jobs
from pfinbox.tui.delivery_words import waits_seconds
from pfinbox.tui.desk import desk
from pfinbox.tui.screens.acting import Acting
from pfinbox.tui.undo import Comment, Step


class Mending(Acting):
    """Commands that put right what went wrong, outside or by our own hand."""

    @dataclass
    class TakenBack(Message):
        draft: DraftRow

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        self._undoing: Step | None = None

    # --- deliveries -----------------------------------------------------------------------------

    def command_retry(self, argument: str = "") -> None:
        gateway = desk(self).gateway
        for row in self._troubled():
            self._act("retry", _("Tried again"), lambda row=row: gateway.retry(row.id))  # type: ignore[misc]

    def command_dismiss(self, argument: str = "") -> None:
        gateway = desk(self).gateway
        for row in self._troubled():
            self._act("dismiss", _("Left as it is"), lambda row=row: gateway.dismiss(row.id))  # type: ignore[misc]

    def _troubled(self) -> list[DeliveryRow]:
        """Failed deliveries of the selected comment, else of the last comment that has some."""
        view = self.task_pane.view
        chosen = view.selected_comment
        for comment in [chosen] if chosen else reversed(view.comments):
            rows = [row for row in comment.deliveries if row.state in TROUBLED]
            if rows := [row for row in rows if row.dismissed_at is None]:
                return rows
        desk(self).say(_("Nothing has failed here."))
        return []

    # --- the way back ---------------------------------------------------------------------------

    def command_undo(self, argument: str = "") -> None:
        """Take back the newest step: a comment that has not left, or a change."""
        step = self.undo_stack.pop() or self._waiting_comment()
        gateway = desk(self).gateway
        if step is None:
            desk(self).say(_("There is nothing to take back."))
        elif isinstance(step, Comment):
            comment_id = step.comment_id
            desk(self).hold_keys("take back")
            jobs.write(self, "take back", lambda: gateway.take_back(comment_id), self.TakenBack)
        else:
            words = _("Taken back: {what}").format(what=step.words)
            self._undoing = step
            self._act("undo", words, step.back)

    def on_failed(self, message: jobs.Failed) -> None:
        """It bubbles on to the app. A step that the database did not hear of can be tried again."""
        if message.job == "undo" and self._undoing and isinstance(message.error, StoreError):
            self.undo_stack.push(self._undoing)

    def _waiting_comment(self) -> Comment | None:
        """A comment of this agent in the open task that has not left yet, also after a restart."""
        now = desk(self).present().now
        for row in reversed(self.task_pane.view.comments):
            mine = row.author.kind == "agent" and row.author.id == self.agent_id
            if mine and waits_seconds(row, now) is not None:
                return Comment(self.task_pane.task_id or 0, row.id)
        return None

    def on_mending_taken_back(self, message: TakenBack) -> None:
        draft = message.draft
        self.task_pane.show_task(draft.task_id, opened=True)
        self.task_pane.write("note" if draft.mode == "note" else "reply")
        desk(self).release_keys("take back")
        self.changed()
