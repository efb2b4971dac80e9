"""The way back from what was done last."""

from functools import partial

from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.services.inbox import Inbox
from pfinbox.services.outbound import undo_send
from pfinbox.services.outbound.undo_send import TakenBack
from pfinbox.services.people.revealing import WouldReveal
from pfinbox.tui.commands.family import Family
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.undo import Comment
from pfinbox.wording.outbound.deliveries import waits_seconds


class UndoCommands(Family):
    """One command, which takes back one step each time."""

    def undo(self, argument: str = "") -> None:
        """Take back the newest step: a comment that has not left, or a change."""
        waiting = self._waiting_comment()

        async def undo(inbox: Inbox) -> workers.Result:
            # What was done last is known only when all of it is stored.
            step = self.changes.undo_stack.pop() or waiting
            if step is None:
                return workers.Result(partial(self._say, _("There is nothing to take back.")))
            try:
                if isinstance(step, Comment):
                    return workers.Result(partial(self._show_taken, step, await _take(inbox, step)))
                words = _("Taken back: {what}").format(what=step.words)
                words = await step.back(inbox) or words
                return workers.Result(partial(self._show_undone, step.task_id, words))
            except (StoreError, WouldReveal):
                # A step that did not come about can be tried again, and agreed to.
                self.changes.undo_stack.push(step)
                raise

        self.changes.forget()
        # A comment that comes back is put before what is written in its task by now.
        self.layout.task_pane.composer.keep()
        workers.write(self.layout, "take back", undo, lambda message: message)

    def _say(self, words: str) -> None:
        self.context.say(words)
        self.layout.changed()

    def _show_undone(self, task_id: int, words: str) -> None:
        self.layout.undone(task_id)
        self._say(words)

    def _waiting_comment(self) -> Comment | None:
        """A comment of this agent in the open task that has not left yet, also after a restart."""
        now, held, task = (
            self.context.present().now,
            self.layout.task_pane.conversation,
            self.layout.target,
        )
        if held is None or task is None or held.task.id != task.id:
            return None
        for row in reversed(held.comments):
            mine = row.author.kind == "agent" and row.author.id == self.layout.agent_id
            if mine and waits_seconds(row, now) is not None:
                return Comment(task.id, row.id)
        return None

    def _show_taken(self, step: Comment, taken: TakenBack) -> None:
        """The comment is a draft again, in sight where its task is.

        Never with the focus: what is typed on are keys for the task at hand, or further steps.
        """
        draft = taken.draft
        if draft is None:
            words = _("#{id} is as before; the comment has left already")
            self._show_undone(step.task_id, words.format(id=step.task_id))
            return
        self.layout.show_draft(draft.task_id, "note" if draft.mode == "note" else "reply")
        if taken.restored:
            words = _("Not sent; it is a draft in #{id} again")
        else:
            words = _("Not sent; it is a draft in #{id} again, which stays closed or hidden")
        self._say(words.format(id=draft.task_id))


async def _take(inbox: Inbox, step: Comment) -> TakenBack:
    if step.back is not None:
        return await inbox.write(undo_send.take_back_with, step.comment_id, step.back)
    draft = await inbox.write(undo_send.take_back, step.comment_id)
    return TakenBack(draft, restored=True)
