"""Spam, merges and comments in the wrong task: sorted by key, each with a way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from textual.content import Content
from textual.message import Message

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.merging import comment_moving, merge_preview, merging, unmerge_plan, unmerging
from pfinbox.services.merging.merge_preview import Together
from pfinbox.services.tasks import spam
from pfinbox.store.rows import TaskRow
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.inbox.choose_task import ChooseTask, task_items
from pfinbox.tui.main.acting import Acting
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.commands import TASK
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.shell.undo import Change
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.merges import apart_lines, together_lines


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed to in the preview of a merge."""

    via: str | None
    force: bool


class Joining(Acting):
    """Commands that put conversations where they belong."""

    @dataclass
    class Joined(Message):
        """Tasks were merged, or a comment moved; ``task_id`` is where it is now."""

        task_id: int
        words: str
        # Tasks that are a part of it now.
        inside: tuple[int, ...] = ()

    @dataclass
    class MovedBack(Message):
        """A comment is in ``origin_id`` again."""

        task_id: int
        origin_id: int

    @dataclass
    class InsideRead(Message):
        task_id: int
        inside: tuple[tuple[int, str], ...]

    # --- spam -----------------------------------------------------------------------------------

    def command_spam(self, argument: str = "") -> None:
        """Into Spam with its sender; in the Spam view out of it again (R42)."""
        rows, inbox = self.targets, context(self).inbox
        if not rows:
            return
        ids = [row.id for row in rows]
        mark, unmark = partial(inbox.write, spam.spam, ids), partial(inbox.write, spam.unspam, ids)
        if self.list_pane.view == "spam":
            words = self._many(_("Not spam; the sender can write again"), rows)
            self._act("unspam", words, unmark, Change(ids[0], words, mark))
        else:
            words = self._many(_("In Spam, the sender is blocked (z takes it back)"), rows)
            self._act("spam", words, mark, Change(ids[0], words, unmark))
        self._worked_on(rows)

    # --- merging --------------------------------------------------------------------------------

    def command_merge(self, argument: str = "") -> None:
        """The task at hand into another one; of several marked ones all into one of them."""
        rows, inbox = self.targets, context(self).inbox
        if not rows:
            return
        marked, first = len(rows) > 1, rows[0]

        async def load() -> Sequence[Item]:
            if marked:
                return task_items(rows)
            contact_id = first.contact.id if first.contact else None
            found = await inbox.read(merge_preview.merge_targets, contact_id)
            return task_items(row for row in found if row.id != first.id)

        def chosen(survivor: int | None) -> None:
            if survivor is not None:
                others = [row.id for row in rows if row.id != survivor]
                self._preview_merge(survivor, others or [first.id], rows)

        title = self._named(_("Merge #{id} into"), _("Merge {n} tasks into which of them"))
        self.app.push_screen(ChooseTask(title, load, typed=argument), chosen)

    def _preview_merge(self, survivor: int, others: list[int], rows: Sequence[TaskRow]) -> None:
        inbox = context(self).inbox

        async def load() -> Question:
            found = await inbox.read(merge_preview.together, survivor, others)
            return Question(safe.lines(together_lines(found)), _answers(found))

        def agreed(answer: Agreed | None) -> None:
            if answer is None:
                return
            words = _("Merged into #{id} (z takes it apart)").format(id=survivor)
            step = Change(
                survivor, words, lambda: inbox.write(unmerging.unmerge_tasks, others[::-1])
            )
            workers.write(
                self,
                "merge",
                lambda: inbox.write(
                    merging.merge_tasks, survivor, others, reply_via=answer.via, force=answer.force
                ),
                lambda task_id: self._joined(task_id, words, step, others),
            )
            self._worked_on(rows)

        self.app.push_screen(Ask(Content(_("What comes together")), load), agreed)

    def _joined(self, task_id: int, words: str, step: Change, inside: Sequence[int] = ()) -> Joined:
        self.undo_stack.push(step)
        return self.Joined(task_id, words, tuple(inside))

    def on_joining_joined(self, message: Joined) -> None:
        context(self).say(message.words)
        if self.task_list.cursor in message.inside:
            # What the cursor stood on is a part of that one; from another task it does not ride.
            self.task_list.move_to(message.task_id)
        shown = self.task_pane.task_id in message.inside
        if shown or (not message.inside and self._shown == TASK):
            self.task_pane.show_task(message.task_id, opened=self.task_pane.opened)
        self.changed()

    def on_joining_moved_back(self, message: MovedBack) -> None:
        """Whoever looks at where it was looks at where it is now."""
        if self.task_pane.task_id == message.task_id:
            self.task_pane.show_task(message.origin_id, opened=self.task_pane.opened)

    # --- taking apart ---------------------------------------------------------------------------

    def command_unmerge(self, argument: str = "") -> None:
        """Take one of the merged tasks out, after looking at what goes with it (R33)."""
        row, inbox = self.target, context(self).inbox
        if row is not None:
            task_id = row.id
            context(self).hold_keys("choose")
            workers.read(
                self,
                "inside",
                lambda: inbox.read(queries.merged_into, task_id),
                lambda inside: self.InsideRead(task_id, inside),
            )

    def on_joining_inside_read(self, message: InsideRead) -> None:
        inside, root = message.inside, message.task_id

        def chosen(task_id: int | None) -> None:
            if task_id is not None:
                self._preview_unmerge(root, task_id)

        if not inside:
            context(self).say(_("Nothing was merged into this task."))
        elif not context(self).holding("choose"):
            # Too late: the keys are for something else by now.
            return
        elif len(inside) == 1:
            chosen(inside[0][0])
        else:
            items = [
                Item(Content.assemble((f"#{number}  ", "dim"), safe.line(title)), number)
                for number, title in inside
            ]
            self.app.push_screen(Choose(Content(_("Take out which task")), items), chosen)
        context(self).release_keys("choose")

    def _preview_unmerge(self, root: int, task_id: int) -> None:
        inbox, clock = context(self).inbox, context(self).present()

        async def load() -> Question:
            found = await inbox.read(unmerge_plan.preview_unmerge, task_id)
            yes = Item(Content(_("take #{id} out").format(id=task_id)), "yes")
            return Question(safe.lines(apart_lines(found, clock)), [] if found.refusal else [yes])

        def agreed(answer: str | None) -> None:
            if answer is None:
                return

            words = _("#{id} is a task of its own again").format(id=task_id)

            async def merge() -> None:
                await inbox.write(merging.merge_tasks, root, [task_id], force=True)

            step = Change(task_id, words, merge)
            self._act(
                "unmerge", words, lambda: inbox.write(unmerging.unmerge_tasks, [task_id]), step
            )

        title = _("What goes with #{id}").format(id=task_id)
        self.app.push_screen(Ask(Content(title), load), agreed)

    # --- one comment ----------------------------------------------------------------------------

    def command_move_comment(self, argument: str = "") -> None:
        """The selected comment into another task, or into a new one."""
        comment, held = self.task_pane.view.selected_comment, self.task_pane.conversation
        inbox = context(self).inbox
        if comment is None or held is None:
            context(self).say(_("Select the comment first (J and K)."))
            return
        comment_id, origin = comment.id, held.task
        contact_id = origin.contact.id if origin.contact else None

        async def load() -> Sequence[Item]:
            found = await inbox.read(merge_preview.merge_targets, contact_id)
            new = Item(Content(_("a new task")), "new")
            return [new, *task_items(row for row in found if row.id != origin.id)]

        def chosen(value: int | str | None) -> None:
            if value is None:
                return
            target = value if isinstance(value, int) else None

            words = _("Moved (z moves it back)")

            def moved(task_id: int) -> Joining.Joined:
                made = task_id if target is None else None

                async def back() -> None:
                    await inbox.write(comment_moving.move_back, comment_id, origin.id, made=made)
                    post_message(self, self.MovedBack(task_id, origin.id))

                return self._joined(task_id, words, Change(task_id, words, back))

            workers.write(
                self,
                "move comment",
                lambda: inbox.write(comment_moving.move_comment, comment_id, to_task=target),
                moved,
            )

        title = Content(_("Put the comment into"))
        self.app.push_screen(ChooseTask(title, load, typed=argument), chosen)


def _answers(found: Together) -> list[Item]:
    """To merge; where a channel must be chosen, by which; to agree to what is in question."""
    force = found.preview.question is not None
    words = _("merge them all the same") if force else _("merge them")
    if not found.preview.accounts:
        return [Item(Content(words), Agreed(None, force))]
    return [
        Item(
            Content.assemble(words, _(", answers go by "), safe.line(account)),
            Agreed(account, force),
        )
        for account in found.preview.accounts
    ]
