"""Spam, merges and comments in the wrong task: sorted by key, each with a way back."""

from collections.abc import Sequence
from functools import partial

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.services.merging import comment_moving, merge_preview, merging, unmerge_plan, unmerging
from pfinbox.services.merging.merge_preview import Together
from pfinbox.store.rows import TaskRow
from pfinbox.tui.commands.family import Family
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.inbox.choose_task import ChooseTask, task_items
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.command import TASK
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.shell.undo import Change
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.merges import apart_lines, together_lines


@record
class Agreed:
    """What was agreed to in the preview of a merge."""

    via: str | None
    force: bool


class MergeCommands(Family):
    """Commands that put conversations where they belong."""

    # --- merging --------------------------------------------------------------------------------

    def merge(self, argument: str = "") -> None:
        """The task at hand into another one; of several marked ones all into one of them."""
        rows, inbox = self.layout.targets, self.context.inbox
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

        title = self.changes.named(_("Merge #{id} into"), _("Merge {n} tasks into which of them"))
        self.push(ChooseTask(title, load, typed=argument), chosen)

    def _preview_merge(self, survivor: int, others: list[int], rows: Sequence[TaskRow]) -> None:
        inbox = self.context.inbox

        async def load() -> Question:
            found = await inbox.read(merge_preview.together, survivor, others)
            return Question(safe.lines(together_lines(found)), _answers(found))

        def agreed(answer: Agreed | None) -> None:
            if answer is None:
                return
            words = _("Merged into #{id} (z takes it apart)").format(id=survivor)
            step = Change(
                survivor, words, lambda inbox: inbox.write(unmerging.unmerge_tasks, others[::-1])
            )
            workers.write(
                self.layout,
                "merge",
                lambda inbox: inbox.write(
                    merging.merge_tasks, survivor, others, reply_via=answer.via, force=answer.force
                ),
                lambda task_id: self._joined(task_id, words, step, others),
            )
            self.changes.worked_on()

        self.push(Ask(Content(_("What comes together")), load), agreed)

    def _joined(
        self, task_id: int, words: str, step: Change, inside: Sequence[int] = ()
    ) -> workers.Result:
        """Tasks were merged, or a comment moved; ``task_id`` is where it is now.

        ``inside``: tasks that are a part of it now.
        """
        self.changes.undo_stack.push(step)
        return workers.Result(partial(self._show_joined, task_id, words, inside))

    def _show_joined(self, task_id: int, words: str, inside: Sequence[int]) -> None:
        layout = self.layout
        self.context.say(words)
        # Whoever is in a task goes along; in the list the cursor steps to the task below.
        if layout.shown == TASK and (not inside or layout.task_pane.task_id in inside):
            layout.task_pane.show_task(task_id, opened=layout.task_pane.opened)
        layout.changed(inside)

    def _show_moved_back(self, task_id: int, origin_id: int) -> None:
        """Whoever looks at where the comment was looks at where it is now."""
        pane = self.layout.task_pane
        if pane.task_id == task_id:
            pane.show_task(origin_id, opened=pane.opened)

    # --- taking apart ---------------------------------------------------------------------------

    def unmerge(self, argument: str = "") -> None:
        """Take one of the merged tasks out, after looking at what goes with it (R33)."""
        row, inbox = self.layout.target, self.context.inbox
        if row is not None:
            task_id = row.id
            self.context.hold_keys("choose")
            workers.ask(
                self.layout,
                "inside",
                lambda: inbox.read(queries.merged_into, task_id),
                partial(self._choose_inside, task_id),
            )

    def _choose_inside(self, root: int, inside: Sequence[tuple[int, str]]) -> None:
        def chosen(task_id: int | None) -> None:
            if task_id is not None:
                self._preview_unmerge(root, task_id)

        if not inside:
            self.context.say(_("Nothing was merged into this task."))
        elif not self.context.holding("choose"):
            # Too late: the keys are for something else by now.
            return
        elif len(inside) == 1:
            chosen(inside[0][0])
        else:
            items = [
                Item(
                    Content.assemble((f"#{number}  ", "$foreground-muted"), safe.line(title)),
                    number,
                )
                for number, title in inside
            ]
            self.push(Choose(Content(_("Take out which task")), items), chosen)
        self.context.release_keys("choose")

    def _preview_unmerge(self, root: int, task_id: int) -> None:
        inbox, clock = self.context.inbox, self.context.present()

        async def load() -> Question:
            found = await inbox.read(unmerge_plan.preview_unmerge, task_id)
            yes = Item(Content(_("take #{id} out").format(id=task_id)), "yes")
            return Question(safe.lines(apart_lines(found, clock)), [] if found.refusal else [yes])

        def agreed(answer: str | None) -> None:
            if answer is None:
                return

            words = _("#{id} is a task of its own again").format(id=task_id)

            async def merge(inbox: Inbox) -> None:
                await inbox.write(merging.merge_tasks, root, [task_id], force=True)

            step = Change(task_id, words, merge)
            self.changes.act(
                "unmerge",
                words,
                lambda inbox: inbox.write(unmerging.unmerge_tasks, [task_id]),
                step,
            )

        title = _("What goes with #{id}").format(id=task_id)
        self.push(Ask(Content(title), load), agreed)

    # --- one comment ----------------------------------------------------------------------------

    def move_comment(self, argument: str = "") -> None:
        """The selected comment into another task, or into a new one."""
        comment, held = (
            self.layout.task_pane.view.selected_comment,
            self.layout.task_pane.conversation,
        )
        inbox = self.context.inbox
        if comment is None or held is None:
            self.context.say(_("Select the comment first (J and K)."))
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

            def moved(task_id: int) -> workers.Result:
                words = _("The comment is in #{id} now (z moves it back)").format(id=task_id)
                made = task_id if target is None else None

                async def back(inbox: Inbox) -> None:
                    await inbox.write(comment_moving.move_back, comment_id, origin.id, made=made)
                    show = partial(self._show_moved_back, task_id, origin.id)
                    post_message(self.layout, workers.Result(show))

                return self._joined(task_id, words, Change(task_id, words, back))

            workers.write(
                self.layout,
                "move comment",
                lambda inbox: inbox.write(comment_moving.move_comment, comment_id, to_task=target),
                moved,
            )

        title = Content(_("Put the comment into"))
        self.push(ChooseTask(title, load, typed=argument), chosen)


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
