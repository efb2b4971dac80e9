"""One reply to all tasks that are marked, and the way back from it."""

from pfinbox.i18n import _
from pfinbox.services.comments import bulk
from pfinbox.services.comments.bulk import Outcome
from pfinbox.services.inbox import Inbox
from pfinbox.services.tasks import drafts
from pfinbox.tui.commands.family import Family
from pfinbox.tui.compose.bulk_composer import MODE, NO_TASK, BulkComposer, BulkWriting
from pfinbox.tui.shell.undo import Change
from pfinbox.wording.outbound.bulk import back_words, done_words


class BulkCommands(Family):
    """The bulk reply of the list."""

    def reply_to_marked(self) -> None:
        """Open the composer for all marked tasks; one alone is answered like any other."""
        rows = self.layout.task_list.chosen
        if len(rows) == 1:
            # The cursor stays where it is.
            self.layout.task_list.unmark()
            self.layout.write("reply", rows[0].id)
            return
        composer = BulkComposer([row.id for row in rows], self.layout.agent_name)

        def sent(outcome: Outcome | None) -> None:
            if outcome is not None:
                self._sent_to_many(outcome, composer)

        self.push(composer, sent)

    def _sent_to_many(self, outcome: Outcome, composer: BulkComposer) -> None:
        """What was left out stays marked: it is what remains to be done."""
        rest = {row.task_id for row, _why in outcome.left_out}
        rest |= {row.task_id for row in outcome.not_tried}
        self.layout.task_list.keep_marks(self.layout.task_list.marked & rest)
        words = done_words(outcome)
        comments = [saved.comment_id for saved in outcome.saved.values()]
        kept = BulkWriting(files=composer.writing.files)
        text = composer.text

        async def back(inbox: Inbox) -> str:
            """The text is a draft again: ``r`` on the same tasks goes on with it."""
            self.context.say(_("Taking them back …"))
            taken, gone = await bulk.take_back(inbox, comments)
            if taken and await inbox.read(drafts.load, NO_TASK, MODE) is None:
                await inbox.write(drafts.save, NO_TASK, MODE, text, kept.choices())
            return back_words(len(taken), len(gone))

        if comments:
            task_id = next(iter(outcome.saved))
            self.changes.undo_stack.push(Change(task_id, words, back))
            if self.context.undo_seconds:
                words = _("{what} (z takes them back)").format(what=words)
        self.context.say(words)
        self.layout.changed(tuple(outcome.saved))
