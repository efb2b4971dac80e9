"""Inviting a client into a task by another channel: a link that joins their chat to it (R30)."""

from dataclasses import dataclass

from textual.content import Content
from textual.message import Message

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.merging import contact_merging, invitations
from pfinbox.services.merging.invitations import Invitation
from pfinbox.tui.conversation.joined_apart import joined_apart
from pfinbox.tui.conversation.task_pane import TaskPane
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.main.acting import Acting
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.cards import cards_together


class Inviting(Acting):
    """The link is shown once: the store keeps only its hash."""

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        self._asked: set[int] = set()

    @dataclass
    class Invited(Message):
        made: Invitation

    def command_invite(self, argument: str = "") -> None:
        """By which account is asked, unless it is said."""
        row, inbox = self.target, context(self).inbox
        if row is None:
            return
        task_id = row.id

        async def load() -> Question:
            names = await inbox.read(invitations.inviters, task_id)
            lines = [
                Content(_("A link for the client: whoever follows it joins their chat to this ")),
                Content(_("task. It can be used once; you send it by the way you have.")),
            ]
            items = [
                Item(safe.line(_("make a link by {account}").format(account=name)), name)
                for name in names
            ]
            return Question([Content("").join(lines)], items)

        def chosen(name: str | None) -> None:
            if name is not None:
                # The link opens a dialog: what is typed on is for that.
                context(self).hold_keys("invite", 30)
                workers.write(
                    self,
                    "invite",
                    lambda: inbox.write(invitations.invite, task_id, name),
                    self.Invited,
                )

        if argument:
            chosen(argument)
        else:
            title = Content(_("Invite to #{id}").format(id=task_id))
            self.app.push_screen(Ask(title, load), chosen)

    # --- whoever followed the link ----------------------------------------------------------------

    def on_task_pane_conversation_read(self, message: TaskPane.ConversationRead) -> None:
        """Said once for each task that is opened: it waits for a person's word."""
        held = message.conversation
        joined = joined_apart(held)
        if joined is None or not self.task_pane.opened or held.task.id in self._asked:
            return
        self._asked.add(held.task.id)
        words = _("{name} joined by the invitation: is it the client? {key} makes the cards one")
        key = spelled(context(self).keymap.shown("same_person"))
        context(self).say(words.format(name=joined.name, key=key))

    def command_same_person(self, argument: str = "") -> None:
        """The card that joined by an invitation into the client's: that one stays."""
        held, row, inbox = self.task_pane.conversation, self.target, context(self).inbox
        joined = joined_apart(held) if held is not None else None
        client = held.task.contact if held is not None else None
        if row is None or held is None or held.task.id != row.id or not joined or not client:
            context(self).say(_("Nobody has joined here on another card."))
            return
        stays, comes = client.id, joined.id

        async def load() -> Question:
            cards = (
                await inbox.read(queries.contact, stays),
                await inbox.read(queries.contact, comes),
            )
            yes = Item(Content(_("make them one card")), "yes")
            return Question(safe.lines(cards_together(*cards)), [yes])

        async def one_card() -> None:
            await inbox.write(contact_merging.merge_contacts, stays, [comes])

        def agreed(answer: str | None) -> None:
            if answer is not None:
                self._act("merge cards", _("One card now"), one_card)

        self.app.push_screen(Ask(Content(_("What comes together")), load), agreed)

    def on_inviting_invited(self, message: Invited) -> None:
        """Copied at once, since it is not to be had again; or put into an answer."""
        made, clock = message.made, context(self).present()
        context(self).copy_to_clipboard(made.link)
        until = clock.moment(made.expires_at)

        async def load() -> Question:
            lines = [
                safe.linked(made.link, "underline", "dim"),
                Content(""),
                Content(_("Copied, where the terminal allows it; it is not shown again.")),
                Content(_("It can be used once, until {time}.").format(time=until)),
            ]
            return Question(lines, [Item(Content(_("write an answer with it")), "write")])

        def chosen(value: str | None) -> None:
            if value is not None:
                self.open_task(made.task_id)
                self.write("reply")
                self.task_pane.composer.box.type(made.link)

        title = safe.line(_("An invitation by {account}").format(account=made.account.name))
        self.app.push_screen(Ask(title, load), chosen)
        context(self).release_keys("invite")
        self.changed()
