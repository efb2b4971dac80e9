"""Failed deliveries, and the way back from what was done."""

from dataclasses import dataclass
from functools import partial

from textual.message import Message

from pfinbox.domain.outbound.delivery import TROUBLED
from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.services.outbound import outbox
from pfinbox.store.rows import DeliveryRow, DraftRow
from pfinbox.tui.main.acting import Acting
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.undo import Comment
from pfinbox.wording.deliveries import waits_seconds


class Mending(Acting):
    """Commands that put right what went wrong, outside or by our own hand."""

    @dataclass
    class TakenBack(Message):
        draft: DraftRow

    @dataclass
    class Undone(Message):
        words: str

    # --- deliveries -----------------------------------------------------------------------------

    def command_retry(self, argument: str = "") -> None:
        inbox = context(self).inbox
        for row in self._troubled():
            call = partial(inbox.write, outbox.retry, row.id)
            self._act("retry", _("Tried again"), call)

    def command_dismiss(self, argument: str = "") -> None:
        inbox = context(self).inbox
        for row in self._troubled():
            call = partial(inbox.write, outbox.dismiss, row.id)
            self._act("dismiss", _("Left as it is"), call)

    def _troubled(self) -> list[DeliveryRow]:
        """Failed deliveries of the selected comment, else of the last comment that has some."""
        view = self.task_pane.view
        chosen = view.selected_comment
        for comment in [chosen] if chosen else reversed(view.comments):
            rows = [row for row in comment.deliveries if row.state in TROUBLED]
            if rows := [row for row in rows if row.dismissed_at is None]:
                return rows
        context(self).say(_("Nothing has failed here."))
        return []

    # --- the way back ---------------------------------------------------------------------------

    def command_undo(self, argument: str = "") -> None:
        """Take back the newest step: a comment that has not left, or a change."""
        waiting, inbox = self._waiting_comment(), context(self).inbox

        async def undo() -> Mending.TakenBack | Mending.Undone:
            # What was done last is known only when all of it is stored.
            step = self.undo_stack.pop() or waiting
            if step is None:
                return self.Undone(_("There is nothing to take back."))
            try:
                if isinstance(step, Comment):
                    return self.TakenBack(await inbox.write(outbox.take_back, step.comment_id))
                context(self).release_keys("take back")
                words = _("Taken back: {what}").format(what=step.words)
                return self.Undone(await step.back() or words)
            except StoreError:
                # A step that the database did not hear of can be tried again.
                self.undo_stack.push(step)
                raise

        # What is shown is as good as what we left, from now on.
        self._changed_rows.clear()
        # A comment comes back as a draft, and what is typed on is for that.
        context(self).hold_keys("take back", 30)
        workers.write(self, "take back", undo, lambda message: message)

    def on_mending_undone(self, message: Undone) -> None:
        context(self).say(message.words)
        context(self).release_keys("take back")
        self.changed()

    def _waiting_comment(self) -> Comment | None:
        """A comment of this agent in the open task that has not left yet, also after a restart."""
        now, held, task = context(self).present().now, self.task_pane.conversation, self.target
        if held is None or task is None or held.task.id != task.id:
            return None
        for row in reversed(held.comments):
            mine = row.author.kind == "agent" and row.author.id == self.agent_id
            if mine and waits_seconds(row, now) is not None:
                return Comment(task.id, row.id)
        return None

    def on_mending_taken_back(self, message: TakenBack) -> None:
        draft = message.draft
        if not context(self).holding("take back"):
            # Too late: the agent is at something else by now.
            words = _("Not sent; it is a draft in #{id} again")
            context(self).say(words.format(id=draft.task_id))
            self.changed()
            return
        # Pressed again before the draft was to be seen, the key does not mean a letter of it.
        again = context(self).take_keys(context(self).keymap.keys["undo"])
        self.task_pane.show_task(draft.task_id, opened=True)
        self.write("note" if draft.mode == "note" else "reply", draft.task_id)
        context(self).release_keys("take back")
        for _time in range(again):
            self.command_undo()
        self.changed()
