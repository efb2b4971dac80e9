"""What an agent does to tasks: assign, close, snooze, tag, trash, and take it all back."""

from collections.abc import Sequence

from textual.content import Content

from pfinbox.domain.model import Who
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.domain.text.tags import tag_name
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.tasks import read_marks, spam, tasks
from pfinbox.tui.commands.changes import about
from pfinbox.tui.commands.family import Family
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.choose_tags import ChooseTags
from pfinbox.tui.dialogs.marks import Marked
from pfinbox.tui.dialogs.moment import ChooseMoment, Moment
from pfinbox.tui.dialogs.people import person_item
from pfinbox.tui.shell.command import LIST, TASK
from pfinbox.tui.shell.undo import Change
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import status_name


class TriageCommands(Family):
    """Commands on the task under the cursor, or on the one that is open."""

    # --- who does it ----------------------------------------------------------------------------

    def mine(self, argument: str = "") -> None:
        self.changes.change(
            TaskChange(assignee=Who("agent", self.layout.agent_id)), _("Assigned to you")
        )

    def assign(self, argument: str = "") -> None:
        rows = self.layout.targets
        if not rows:
            return
        row, inbox = rows[0], self.context.inbox
        names: dict[Who, str] = {}

        async def load() -> Sequence[Item]:
            me, people = self.layout.agent_id, await inbox.read(queries.team, row.id)
            names.update({person.who: person.name for person in people})
            # The agent who chooses comes first, then colleagues, then contacts (R28).
            first = sorted(people, key=lambda one: one.who != Who("agent", me))
            items = [person_item(one, me) for one in first]
            return [*items, Item(Content(_("nobody")), "nobody")]

        def chosen(value: object) -> None:
            if value == "nobody":
                self.changes.change(TaskChange(unassign=True), _("Assigned to nobody"), rows)
            elif isinstance(value, Who):
                name = names.get(value, self.layout.agent_name)
                words = _("Assigned to {name}").format(name=name)
                self.changes.change(TaskChange(assignee=value), words, rows)

        title = self.changes.named(_("Assign #{id} to"), _("Assign {n} tasks to"))
        dialog = Choose(title, load=load, typed=argument)
        self.push(dialog, chosen)

    # --- how far it is --------------------------------------------------------------------------

    def close(self, argument: str = "") -> None:
        rows = [row for row in self.layout.targets if row.active]
        if not rows:
            self.context.say(_("This task is closed already.") if self.layout.targets else "")
            return
        finished = next((name for name, active in self.layout.statuses if not active), "done")
        self.changes.change(TaskChange(status=finished), _("Closed"), rows)

    def close_next(self, argument: str = "") -> None:
        self.close()
        if self.layout.place == LIST:
            self.layout.task_list.move(1)
        else:
            self.next_task()

    def next_task(self) -> None:
        """From inside a task to the next one of the list."""
        before = self.layout.task_list.cursor
        self.layout.task_list.move(1)
        after = self.layout.task_list.cursor
        if after is None or after == before:
            self.layout.go(LIST)
        else:
            self.layout.open_task(after)

    def status(self, argument: str = "") -> None:
        rows, inbox = self.layout.targets, self.context.inbox
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
                self.changes.change(TaskChange(status=value), words, rows)

        title = self.changes.named(_("Status of #{id}"), _("Status of {n} tasks"))
        self.push(Choose(title, load=load, typed=status_name(argument)), chosen)

    # --- when it comes back ---------------------------------------------------------------------

    def snooze(self, argument: str = "") -> None:
        rows = self.layout.targets
        if not rows:
            return
        clock = self.context.present()
        asleep = any(row.snoozed_until and row.snoozed_until > clock.now for row in rows)
        title = self.changes.named(
            _("Hide #{id} until the client writes, or until"),
            _("Hide {n} tasks until the client writes, or until"),
        )

        def chosen(moment: Moment | None) -> None:
            if moment is None:
                return
            if moment.when is None:
                self.changes.change(TaskChange(no_snooze=True), _("Awake"), rows)
            else:
                words = _("Back {when}").format(when=clock.moment(moment.when))
                self.changes.change(TaskChange(snooze_until=moment.when), words, rows)

        now = _("wake it now") if asleep else ""
        self.push(ChooseMoment(title, now=now, typed=argument), chosen)

    # --- tags, trash, spam ---------------------------------------------------------------------

    def tags(self, argument: str = "") -> None:
        """Add tags and take some off; the ``:`` line's are added, those with ``-`` taken off."""
        rows, inbox = self.layout.targets, self.context.inbox
        if not rows:
            return

        def chosen(tags: Marked[str] | None) -> None:
            if tags is not None and (tags.add or tags.remove):
                change = TaskChange(add_tags=tags.add, remove_tags=tags.remove)
                self.changes.change(change, _tagged(tags), rows)

        async def known() -> Sequence[str]:
            return (await inbox.read(queries.vocabulary)).tags

        if argument:
            typed = list(dict.fromkeys(argument.replace(",", " ").split()))
            added = (tag_name(word) for word in typed if not word.startswith("-"))
            removed = (tag_name(word[1:]) for word in typed if word.startswith("-"))
            chosen(Marked(tuple(filter(None, added)), tuple(filter(None, removed))))
            return
        title = self.changes.named(_("Tags of #{id}"), _("Tags of {n} tasks"))
        self.push(ChooseTags(title, [row.tags for row in rows], known), chosen)

    def trash(self, argument: str = "") -> None:
        """Into the trash; where all of them are in it, out of it."""
        rows = self.layout.targets
        thrown = [row for row in rows if row.deleted_at is None]
        if thrown:
            ids = [row.id for row in thrown]
            words = about(_("In the trash"), thrown)
            step = Change(ids[0], words, lambda inbox: inbox.write(tasks.restore, ids))
            self.changes.act(
                "delete", words, lambda inbox: inbox.write(tasks.delete, ids), step, ids
            )
        elif rows:
            ids = [row.id for row in rows]
            words = about(_("Out of the trash"), rows)
            step = Change(ids[0], words, lambda inbox: inbox.write(tasks.delete, ids))
            self.changes.act(
                "restore", words, lambda inbox: inbox.write(tasks.restore, ids), step, ids
            )
        self.changes.worked_on()

    def spam(self, argument: str = "") -> None:
        """Into Spam with its sender; in the Spam view out of it again (R42)."""
        rows = self.layout.targets
        if not rows:
            return
        ids = [row.id for row in rows]
        mark, unmark = (
            lambda inbox: inbox.write(spam.spam, ids),
            lambda inbox: inbox.write(spam.unspam, ids),
        )
        if self.layout.list_pane.view == "spam":
            words = about(_("Not spam; the sender can write again"), rows)
            self.changes.act("unspam", words, unmark, Change(ids[0], words, mark), ids)
        else:
            words = about(_("In Spam, the sender is blocked"), rows)
            self.changes.act("spam", words, mark, Change(ids[0], words, unmark), ids)
        self.changes.worked_on()

    # --- read and unread ------------------------------------------------------------------------

    def read(self, argument: str = "") -> None:
        self._mark_read(read=True)

    def unread(self, argument: str = "") -> None:
        """New again, for this agent only; an open task is left, or it would be read at once."""
        self._mark_read(read=False)

    def _mark_read(self, *, read: bool) -> None:
        rows = [row for row in self.layout.targets if row.unread is read]
        if not rows:
            self.context.say(_("Nothing here is unread.") if read else _("It is unread already."))
            return
        ids = [row.id for row in rows]
        read_it, unread_it = (
            lambda inbox: inbox.write(read_marks.mark_read, ids),
            lambda inbox: inbox.write(read_marks.mark_unread, ids),
        )
        if not read:
            self.layout.task_pane.keep_unread()
            if self.layout.place == TASK:
                self.layout.go(LIST)
        words = about(_("Read") if read else _("Unread again"), rows)
        step = Change(ids[0], words, unread_it if read else read_it)
        self.changes.act("mark", words, read_it if read else unread_it, step, ids)
        self.changes.worked_on()


def _tagged(tags: Marked[str]) -> str:
    """What was done, by name: ``#billing added, #shop taken off``."""
    parts = [_("{tag} added").format(tag=f"#{tag}") for tag in tags.add]
    parts += [_("{tag} taken off").format(tag=f"#{tag}") for tag in tags.remove]
    return ", ".join(parts)
