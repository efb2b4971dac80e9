"""What a task is called, who takes part in it, by what it is answered, and its end for good."""

from collections.abc import Collection, Sequence
from dataclasses import asdict

from textual.content import Content

from pfinbox.domain.model import Who
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.services.privacy import trash
from pfinbox.store.rows import Details
from pfinbox.tui.commands.changes import about
from pfinbox.tui.commands.family import Family
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.choose_several import ChooseSeveral
from pfinbox.tui.dialogs.marks import Marked
from pfinbox.tui.dialogs.people import person_item
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import removed, whole
from pfinbox.wording.outbound.plans import way_name

# Of every task; the others are accounts.
WAYS = ("own", "last", "all")


class DetailCommands(Family):
    """Commands on the task at hand, or on all that are marked."""

    def title(self, argument: str = "") -> None:
        rows = self.layout.targets
        if not rows:
            return

        def answered(text: str | None) -> None:
            title = (text or "").strip()
            changes = [(row, TaskChange(title=title)) for row in rows if row.title != title]
            if title:
                self.changes.change_each(changes, _("Title changed"))

        if argument:
            answered(argument)
            return
        held = {row.title for row in rows}
        title = self.changes.named(_("Title of #{id}"), _("One title for {n} tasks"))
        self.push(Prompt(title, held.pop() if len(held) == 1 else ""), answered)

    # --- who takes part -------------------------------------------------------------------------

    def participants(self, argument: str = "") -> None:
        """Agents and cards that can be chosen in tasks; who is marked takes part (R28)."""
        rows, inbox = self.layout.targets, self.context.inbox
        if not rows:
            return
        before: dict[int, list[Who]] = {}
        names: dict[Who, str] = {}

        async def load() -> tuple[Sequence[Item], Collection[Collection[Who]]]:
            held = await inbox.read(queries.details, [row.id for row in rows])
            before.update({i: [one.who for one in of.participants] for i, of in held.items()})
            inside = (one for of in held.values() for one in of.participants)
            team = await inbox.read(queries.team, rows[0].id)
            people = dict.fromkeys((*inside, *team))
            names.update({one.who: one.name for one in people})
            items = [person_item(one, self.layout.agent_id) for one in people]
            return items, before.values()

        def chosen(who: Marked[Who] | None) -> None:
            if who is None:
                return
            changes = []
            for row in rows:
                come = tuple(one for one in who.add if one not in before[row.id])
                leave = tuple(one for one in who.remove if one in before[row.id])
                wanted = TaskChange(add_participants=come, remove_participants=leave)
                if come or leave:
                    changes.append((row, wanted))
            parts = [_("{name} takes part").format(name=names[one]) for one in who.add]
            parts += [_("{name} takes no part").format(name=names[one]) for one in who.remove]
            words = ", ".join(parts)
            self.changes.change_each(changes, words)

        title = self.changes.named(
            _("Who takes part in #{id}"), _("Who takes part in these {n} tasks")
        )
        self.push(ChooseSeveral(title, load), chosen)

    # --- by what it is answered -----------------------------------------------------------------

    def reply_via(self, argument: str = "") -> None:
        """The way of all comments to the client that choose no other one (R16)."""
        rows, inbox = self.layout.targets, self.context.inbox
        if not rows:
            return
        held: dict[int, Details] = {}

        async def load() -> Sequence[Item]:
            held.update(await inbox.read(queries.details, [row.id for row in rows]))
            accounts = (way for of in held.values() for way in (*of.accounts, of.reply_via))
            return [_way(way, list(held.values())) for way in dict.fromkeys((*WAYS, *accounts))]

        def chosen(way: str | None) -> None:
            if way is None:
                return
            # Who cannot be reached by it is answered as before.
            changed = [
                row
                for row in rows
                if held[row.id].reply_via != way and way in (*WAYS, *held[row.id].accounts)
            ]
            words = _("Answered by {way}").format(way=way_name(way))
            before = {i: of.reply_via for i, of in held.items()}
            change = TaskChange(reply_via=way)
            self.changes.change_each([(row, change) for row in changed], words, before)

        title = self.changes.named(
            _("Answer the client in #{id} by"), _("Answer the clients of {n} tasks by")
        )
        self.push(Choose(title, load=load, typed=argument), chosen)

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


def _way(way: str, held: Sequence[Details]) -> Item:
    """A way to the clients; of several tasks, how many have it, and how many can."""
    on = sum(of.reply_via == way for of in held)
    can = sum(way in (*WAYS, *of.accounts, of.reply_via) for of in held)
    asides = []
    if 0 < on < len(held):
        asides.append(_("on {n} of {all}").format(n=on, all=len(held)))
    if can < len(held):
        asides.append(_("reaches {n} of {all}").format(n=can, all=len(held)))
    aside = Content.styled(" · ".join(asides), "$foreground-muted")
    return Item(safe.line(way_name(way)), way, aside, checked=on == len(held), words=way)
