"""What an agent does to tasks: assign, close, snooze, tag, trash, and take it all back."""

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from pfinbox.domain.model import Who
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.tasks import read_marks, tasks
from pfinbox.services.tasks.tasks import TaskChange
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.main.acting import Acting
from pfinbox.tui.shell.commands import LIST, TASK
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.undo import Change
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import status_name


class Working(Acting):
    """Commands on the task under the cursor, or on the one that is open."""

    # --- who does it ----------------------------------------------------------------------------

    def command_mine(self, argument: str = "") -> None:
        self._change(TaskChange(assignee=Who("agent", self.agent_id)), _("Assigned to you"))

    def command_assign(self, argument: str = "") -> None:
        rows = self.targets
        if not rows:
            return
        row, inbox = rows[0], context(self).inbox

        async def load() -> Sequence[Item]:
            choices = await inbox.read(queries.choices, row.id)
            agents = [person for person in choices.people if person.kind == "agent"]
            me = Item(
                Content.assemble(safe.line(self.agent_name), (_(" (me)"), "dim")),
                Who("agent", self.agent_id),
            )
            items = [
                Item(safe.line(p.name), p.who, safe.line(p.login or "", "dim")) for p in agents
            ]
            return [me, *items, Item(Content(_("nobody")), "nobody")]

        def chosen(value: object) -> None:
            if value == "nobody":
                self._change(TaskChange(unassign=True), _("Assigned to nobody"), rows)
            elif isinstance(value, Who):
                self._change(TaskChange(assignee=value), _("Assigned"), rows)

        title = self._named(_("Assign #{id} to"), _("Assign {n} tasks to"))
        dialog = Choose(title, load=load, typed=argument)
        self.app.push_screen(dialog, chosen)

    # --- how far it is --------------------------------------------------------------------------

    def command_close(self, argument: str = "") -> None:
        rows = [row for row in self.targets if row.active]
        if not rows:
            context(self).say(_("This task is closed already.") if self.targets else "")
            return
        finished = next((name for name, active in self.statuses if not active), "done")
        self._change(TaskChange(status=finished), _("Closed (z opens it again)"), rows)

    def command_close_next(self, argument: str = "") -> None:
        self.command_close()
        if self.place == LIST:
            self.task_list.move(1)
        else:
            self.next_task()

    def next_task(self) -> None:
        """From inside a task to the next one of the list."""
        before = self.task_list.cursor
        self.task_list.move(1)
        after = self.task_list.cursor
        if after is None or after == before:
            self.go(LIST)
        else:
            self.open_task(after)

    def command_status(self, argument: str = "") -> None:
        rows, inbox = self.targets, context(self).inbox
        if not rows:
            return

        async def load() -> Sequence[Item]:
            return [
                Item(safe.line(status_name(name)), name, Content("" if active else _("closed")))
                for name, active in await inbox.read(queries.statuses)
            ]

        def chosen(value: object) -> None:
            if isinstance(value, str):
                words = _("Status: {status}").format(status=status_name(value))
                self._change(TaskChange(status=value), words, rows)

        title = self._named(_("Status of #{id}"), _("Status of {n} tasks"))
        self.app.push_screen(Choose(title, load=load, typed=status_name(argument)), chosen)

    # --- when it comes back ---------------------------------------------------------------------

    def command_snooze(self, argument: str = "") -> None:
        rows = self.targets
        if not rows:
            return
        clock = context(self).present()
        items = [
            Item(Content(label), moment, Content.styled(clock.moment(moment), "dim"))
            for label, moment in clock.snooze_presets()
        ]
        if any(row.snoozed_until and row.snoozed_until > clock.now for row in rows):
            items.append(Item(Content(_("wake it now")), "wake"))
        title = self._named(
            _("Hide #{id} until the client writes, or until"),
            _("Hide {n} tasks until the client writes, or until"),
        )

        def chosen(value: object) -> None:
            if value == "wake":
                self._change(TaskChange(no_snooze=True), _("Awake"), rows)
            elif isinstance(value, datetime):
                words = _("Back {when}").format(when=clock.moment(value))
                self._change(TaskChange(snooze_until=value), words, rows)

        self.app.push_screen(Choose(title, items, typed=argument), chosen)

    # --- tags and trash -------------------------------------------------------------------------

    def command_tags(self, argument: str = "") -> None:
        """One task: its tags as a line to edit; several: those to add, with ``-tag`` to remove."""
        rows = self.targets
        if not rows:
            return
        held = rows[0].tags if len(rows) == 1 else ()

        def answered(text: str | None) -> None:
            if text is None:
                return
            typed = list(dict.fromkeys(text.lower().replace(",", " ").replace("#", " ").split()))
            wanted = [tag for tag in typed if not tag.startswith("-")]
            dropped = {tag[1:] for tag in typed if tag.startswith("-")}
            if len(rows) == 1 and not argument:
                dropped |= {tag for tag in held if tag not in wanted}
            add, remove = tuple(t for t in wanted if t not in held), tuple(sorted(dropped))
            if add or remove:
                change = TaskChange(add_tags=add, remove_tags=remove)
                self._change(change, _("Tags changed"), rows)

        if argument:
            answered(argument)
            return
        title = self._named(_("Tags of #{id}"), _("Tags to add to {n} tasks (-tag removes)"))
        value = " ".join(held) + (" " if held else "")
        self.app.push_screen(Prompt(title, value, final=lambda _text: True), answered)

    def command_trash(self, argument: str = "") -> None:
        """Into the trash; where all of them are in it, out of it."""
        rows, inbox = self.targets, context(self).inbox
        thrown = [row for row in rows if row.deleted_at is None]
        if thrown:
            ids = [row.id for row in thrown]
            words = self._many(_("In the trash (z takes it out)"), thrown)
            step = Change(ids[0], words, lambda: inbox.write(tasks.restore, ids))
            self._act("delete", words, lambda: inbox.write(tasks.delete, ids), step)
        elif rows:
            ids = [row.id for row in rows]
            words = self._many(_("Out of the trash"), rows)
            step = Change(ids[0], words, lambda: inbox.write(tasks.delete, ids))
            self._act("restore", words, lambda: inbox.write(tasks.restore, ids), step)
        self._worked_on(rows)

    # --- read and unread ------------------------------------------------------------------------

    def command_read(self, argument: str = "") -> None:
        self._mark_read(read=True)

    def command_unread(self, argument: str = "") -> None:
        """New again, for this agent only; an open task is left, or it would be read at once."""
        self._mark_read(read=False)

    def _mark_read(self, *, read: bool) -> None:
        rows, inbox = [row for row in self.targets if row.unread is read], context(self).inbox
        if not rows:
            context(self).say(_("Nothing here is unread.") if read else _("It is unread already."))
            return
        ids = [row.id for row in rows]
        read_it, unread_it = (
            lambda: inbox.write(read_marks.mark_read, ids),
            lambda: inbox.write(read_marks.mark_unread, ids),
        )
        if not read:
            self.task_pane.passed_by()
            if self.place == TASK:
                self.go(LIST)
        words = self._many(_("Read") if read else _("Unread again"), rows)
        step = Change(ids[0], words, unread_it if read else read_it)
        self._act("mark", words, read_it if read else unread_it, step)
        self._worked_on(rows)
