"""What a task is called, who takes part in it, by what it is answered, and its end for good."""

from collections.abc import Sequence
from dataclasses import asdict

from textual.content import Content

from pfinbox.domain.model import Who
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.services.privacy import trash
from pfinbox.services.tasks import tasks
from pfinbox.store.rows import TaskRow
from pfinbox.tui.commands.changes import about
from pfinbox.tui.commands.family import Family
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.choose_several import ChooseSeveral
from pfinbox.tui.dialogs.people import person_item
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.shell.undo import Change
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import removed, whole
from pfinbox.wording.plans import way_name


class DetailCommands(Family):
    """Commands on one task; ``purge`` also on all that are marked."""

    def title(self, argument: str = "") -> None:
        row = self.layout.target
        if row is None:
            return

        def answered(text: str | None) -> None:
            if text and text.strip() != row.title:
                self.changes.change(TaskChange(title=text), _("Title changed"), [row])

        if argument:
            answered(argument)
        else:
            self.push(Prompt(Content(_("Title of #{id}").format(id=row.id)), row.title), answered)

    # --- who takes part -------------------------------------------------------------------------

    def participants(self, argument: str = "") -> None:
        """Agents and cards that can be chosen in tasks; who is marked takes part (R28)."""
        row, inbox = self.layout.target, self.context.inbox
        if row is None:
            return
        before: list[Who] = []

        async def load() -> Sequence[Item]:
            team = await inbox.read(queries.team, row.id)
            before[:] = [person.who for person in team.participants]
            people = dict.fromkeys((*team.participants, *team.people))
            return [
                person_item(one, self.layout.agent_id, checked=one.who in before) for one in people
            ]

        def chosen(who: tuple[Who, ...] | None) -> None:
            if who is not None:
                come = tuple(one for one in who if one not in before)
                self._take_part(row, come, tuple(one for one in before if one not in who))

        title = Content(_("Who takes part in #{id}").format(id=row.id))
        self.push(ChooseSeveral(title, load), chosen)

    def _take_part(self, row: TaskRow, come: tuple[Who, ...], leave: tuple[Who, ...]) -> None:
        wanted = TaskChange(add_participants=come, remove_participants=leave)
        back = TaskChange(add_participants=leave, remove_participants=come, undo=True)
        if come or leave:
            self._change(row, wanted, back, _("Participants changed"))

    # --- by what it is answered -----------------------------------------------------------------

    def reply_via(self, argument: str = "") -> None:
        """The way of all comments to the client that choose no other one (R16)."""
        row, inbox = self.layout.target, self.context.inbox
        if row is None:
            return
        before = ["own"]

        async def load() -> Sequence[Item]:
            choices = await inbox.read(queries.choices, row.id)
            before[:] = [choices.reply_via]
            ways = dict.fromkeys(("own", "last", "all", *choices.accounts, choices.reply_via))
            return [
                Item(safe.line(way_name(way)), way, checked=way == choices.reply_via, words=way)
                for way in ways
            ]

        def chosen(way: str | None) -> None:
            if way is not None and way != before[0]:
                words = _("Answered by {way}").format(way=way_name(way))
                back = TaskChange(reply_via=before[0], undo=True)
                self._change(row, TaskChange(reply_via=way), back, words)

        title = Content(_("Answer the client in #{id} by").format(id=row.id))
        self.push(Choose(title, load=load, typed=argument), chosen)

    def _change(self, row: TaskRow, wanted: TaskChange, back: TaskChange, words: str) -> None:
        words = about(words, [row])
        step = Change(row.id, words, lambda inbox: inbox.write(tasks.change, [row.id], back))

        async def change(inbox: Inbox) -> None:
            await inbox.write(tasks.change, [row.id], wanted)

        self.changes.act("change", words, change, step, [row.id])

    # --- for good -------------------------------------------------------------------------------

    def purge(self, argument: str = "") -> None:
        """Of tasks in the trash; what goes is said first, as nothing brings it back (R34)."""
        rows, inbox = self.layout.targets, self.context.inbox
        ids = [row.id for row in rows]
        if not rows or any(row.deleted_at is None for row in rows):
            self.context.say(_("Only what is in the trash can be purged: # puts a task there."))
            return

        async def load() -> Question:
            gone = await inbox.read(trash.preview_purge, ids)
            lines = [
                safe.line(whole(removed(asdict(gone), only_said=True))),
                Content.styled(_("Nothing brings it back."), "$text-warning"),
            ]
            return Question(lines, [Item(Content(_("purge it for good")), "yes")])

        def agreed(answer: str | None) -> None:
            if answer is None:
                return

            async def purge(inbox: Inbox) -> str:
                gone = await inbox.write(trash.purge, ids)
                return about(removed(asdict(gone), only_said=False), rows)

            self.changes.act("purge", "", purge, ids=ids)
            self.changes.worked_on()

        title = self.changes.named(_("Purge #{id}"), _("Purge {n} tasks"))
        self.push(Ask(title, load), agreed)
