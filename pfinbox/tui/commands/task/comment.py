"""What is done to the selected comment: asked why it is here, quoted, edited, deleted, hidden."""

from textual.content import Content

from pfinbox.domain.model import Who
from pfinbox.domain.text.cleaning import clean
from pfinbox.domain.text.links import links
from pfinbox.i18n import _
from pfinbox.services.comments import corrections
from pfinbox.store.rows import CommentRow
from pfinbox.tui.commands.changes import about
from pfinbox.tui.commands.family import Family
from pfinbox.tui.conversation.edit_comment import EditComment
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.shell.undo import Change
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.outbound.corrections import delete_words, edited_words, hidden_words


class CommentCommands(Family):
    """Commands on one comment of the task that is shown."""

    def _selected(self) -> CommentRow | None:
        """The selected comment of the task at hand; where there is none, that is said."""
        held, row = self.layout.task_pane.conversation, self.layout.target
        chosen = self.layout.task_pane.view.selected_comment
        if chosen is None or row is None or held is None or held.task.id != row.id:
            self.context.say(_("Select a comment first (J, K)."))
            return None
        return chosen

    def _own(self) -> CommentRow | None:
        """The selected comment, if this agent wrote it and it is not deleted."""
        chosen = self._selected()
        if chosen is None:
            return None
        if chosen.direction != "outgoing" or chosen.author.who != Who(
            "agent", self.layout.agent_id
        ):
            self.context.say(_("Only its author can change or delete a comment."))
            return None
        if chosen.deleted_at is not None:
            self.context.say(_("This comment is deleted already."))
            return None
        return chosen

    def why(self, argument: str = "") -> None:
        """The line that says why a message is in this task."""
        if not self.layout.task_pane.view.explain():
            self.context.say(_("There is no comment here yet."))

    def links(self, argument: str = "") -> None:
        """For whoever has no mouse: the links of the selected comment, else of the last with any.

        Copied, not opened: the agent's browser is seldom where this program runs.
        """
        view = self.layout.task_pane.view
        rows = [view.selected_comment] if view.selected_comment else view.comments[::-1]
        found = next((held for row in rows if row and (held := _targets(row))), ())

        def chosen(target: str | None) -> None:
            if target is not None:
                self.context.copy_to_clipboard(target)
                self.context.say(_("Copied: {link}").format(link=target))

        if not found:
            self.context.say(_("There is no link here."))
        elif len(found) == 1:
            chosen(found[0])
        else:
            items = [Item(safe.line(target), target) for target in found]
            self.push(Choose(Content(_("Copy a link")), items), chosen)

    def quote(self, argument: str = "") -> None:
        """An answer that quotes (R19): the composer opens within this very key press."""
        self.layout.write("reply")
        self.layout.task_pane.quote()

    def quoting(self, argument: str = "") -> None:
        """Leave the quotation out of what is being written, or put it back."""
        self.layout.task_pane.composer.toggle_quote()

    def edit_comment(self, argument: str = "") -> None:
        """One's own selected comment, also at the clients who have it (R11)."""
        chosen = self._own()
        if chosen is None:
            return

        dialog = EditComment(chosen)

        def edited(stored: bool | None) -> None:
            if stored:
                self.context.say(edited_words(dialog.outlook))
                self.layout.changed()

        self.push(dialog, edited)

    def delete_comment(self, argument: str = "") -> None:
        """It is asked first: what a client has lost does not come back."""
        chosen, row = self._own(), self.layout.target
        if chosen is None or row is None:
            return
        inbox, comment_id = self.context.inbox, chosen.id

        async def load() -> Question:
            outlook = await inbox.read(corrections.outlook, comment_id, deleting=True)
            lines = [
                safe.line(chosen.text or _("(only files)"), "italic", 200),
                Content(""),
                safe.line(delete_words(outlook)),
            ]
            return Question(lines, [Item(Content(_("delete it")), "yes")])

        def agreed(answer: str | None) -> None:
            if answer is not None:
                self.changes.act(
                    "delete",
                    about(_("Your comment is deleted"), [row]),
                    lambda inbox: inbox.write(corrections.delete_comment, comment_id),
                )

        self.push(Ask(Content(_("Delete your comment?")), load), agreed)

    def hide_comment(self, argument: str = "") -> None:
        """From every contact's page, whatever they may see; again: no longer (R38)."""
        chosen, row = self._selected(), self.layout.target
        if chosen is None or row is None:
            return
        comment_id, hidden = chosen.id, chosen.hidden
        words = hidden_words(chosen)
        step = Change(
            row.id, words, lambda inbox: inbox.write(corrections.set_hidden, comment_id, hidden)
        )
        self.changes.act(
            "hide",
            words,
            lambda inbox: inbox.write(corrections.set_hidden, comment_id, not hidden),
            step,
        )


def _targets(row: CommentRow) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link.target for link in links(clean(row.text))))
