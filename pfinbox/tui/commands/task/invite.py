"""Inviting a client into a task by another channel: a link that joins their chat to it (R30)."""

from textual.content import Content

from pfinbox.domain.people.named_addresses import named_addresses
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.services.merging import contact_merging, invitations
from pfinbox.services.merging.invitations import Invitation
from pfinbox.services.people import same_person
from pfinbox.services.people.same_person import OtherCard
from pfinbox.store.rows import Conversation
from pfinbox.tui.commands.changes import Changes, about
from pfinbox.tui.commands.family import Family
from pfinbox.tui.conversation.joined_apart import joined_apart
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.main.layout import Layout
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.cards import cards_together


class InviteCommands(Family):
    """The link is shown once: the store keeps only its hash."""

    def __init__(self, layout: Layout, changes: Changes) -> None:
        super().__init__(layout, changes)
        self._asked: set[int] = set()
        # By task, the card on which an address stands that its client has named.
        self._named: dict[int, OtherCard] = {}

    def invite(self, argument: str = "") -> None:
        """By which account is asked, unless it is said."""
        row, inbox = self.layout.target, self.context.inbox
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
                self.context.hold_keys("invite", 30)
                workers.do(
                    self.layout,
                    "invite",
                    lambda inbox: inbox.write(invitations.invite, task_id, name),
                    self._show,
                )

        if argument:
            chosen(argument)
        else:
            title = Content(_("Invite to #{id}").format(id=task_id))
            self.push(Ask(title, load), chosen)

    # --- whoever followed the link ----------------------------------------------------------------

    def tell_of_joined(self, held: Conversation) -> None:
        """Said once for each task that is opened: it waits for a person's word."""
        if not self.layout.task_pane.opened or held.task.id in self._asked:
            return
        self._asked.add(held.task.id)
        joined = joined_apart(held)
        if joined is None:
            self._look_for_another_card(held)
            return
        words = _("{name} joined by the invitation: is it the client? {key} makes the cards one")
        key = spelled(self.context.keymap.shown("same_person"))
        self.context.say(words.format(name=joined.name, key=key))

    def _look_for_another_card(self, held: Conversation) -> None:
        """The client may have named an address that is on another card: perhaps their own."""
        client, inbox = held.task.contact, self.context.inbox
        texts = [row.text for row in held.comments if row.direction == "incoming"]
        addresses = named_addresses(texts)
        if client is None or not addresses:
            return

        def found(other: OtherCard | None) -> None:
            if other is None:
                return
            self._named[held.task.id] = other
            words = _("{address} is on the card of {name}: {key} makes the cards one")
            key = spelled(self.context.keymap.shown("same_person"))
            self.context.say(words.format(address=other.address, name=other.name, key=key))

        workers.ask(
            self.layout,
            "other card",
            lambda: inbox.read(same_person.same_person, client.id, addresses),
            found,
        )

    def same_person(self, argument: str = "") -> None:
        """The card that joined by an invitation, or whose address the client named, comes into
        the client's: that one stays.
        """
        held, row, inbox = (
            self.layout.task_pane.conversation,
            self.layout.target,
            self.context.inbox,
        )
        client = held.task.contact if held is not None else None
        comes = self._other_card(held) if held is not None else None
        if row is None or held is None or held.task.id != row.id or not comes or not client:
            self.context.say(_("No other card of this client is known here."))
            return
        stays = client.id

        async def load() -> Question:
            cards = (
                await inbox.read(queries.contact, stays),
                await inbox.read(queries.contact, comes),
            )
            yes = Item(Content(_("make them one card")), "yes")
            return Question(safe.lines(cards_together(*cards)), [yes])

        async def one_card(inbox: Inbox) -> None:
            await inbox.write(contact_merging.merge_contacts, stays, [comes])
            self._named.pop(held.task.id, None)

        def agreed(answer: str | None) -> None:
            if answer is not None:
                words = about(_("One card now"), [held.task])
                self.changes.act("merge cards", words, one_card)

        self.push(Ask(Content(_("What comes together")), load), agreed)

    def _other_card(self, held: Conversation) -> int | None:
        joined, named = joined_apart(held), self._named.get(held.task.id)
        if joined is not None:
            return joined.id
        return named.contact_id if named is not None else None

    def _show(self, made: Invitation) -> None:
        """Copied at once, since it is not to be had again; or put into an answer."""
        clock = self.context.present()
        self.context.copy_to_clipboard(made.link)
        until = clock.moment(made.expires_at)

        async def load() -> Question:
            lines = [
                safe.linked(made.link, "underline", "$foreground-muted"),
                Content(""),
                Content(_("Copied, where the terminal allows it; it is not shown again.")),
                Content(_("It can be used once, until {time}.").format(time=until)),
            ]
            return Question(lines, [Item(Content(_("write an answer with it")), "write")])

        def chosen(value: str | None) -> None:
            if value is not None:
                self.layout.open_task(made.task_id)
                self.layout.write("reply")
                self.layout.task_pane.composer.box.type(made.link)

        title = safe.line(_("An invitation by {account}").format(account=made.account.name))
        self.push(Ask(title, load), chosen)
        self.context.release_keys("invite")
        self.layout.changed()
