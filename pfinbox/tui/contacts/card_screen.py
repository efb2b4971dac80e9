"""A client's card: addresses and all tasks, writing to the client, one card of two (R26-R31)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.merging import contact_merging
from pfinbox.services.queries import Card
from pfinbox.tui.contacts.beginning import ask_way
from pfinbox.tui.contacts.card_details import CardDetails
from pfinbox.tui.contacts.card_items import card_items
from pfinbox.tui.contacts.line_screen import LineScreen
from pfinbox.tui.contacts.pictures_screen import PicturesScreen
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.command import CARD
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.cards import card_head, cards_together


class CardScreen(CardDetails):
    """Answers with the number of the task to go to, or with how the contact is written to."""

    place: ClassVar[str] = CARD

    @dataclass
    class Read(Message):
        card: Card

    def reload(self, topics: frozenset[str] | None = None) -> None:
        inbox = context(self).inbox
        if topics is None or topics & {"contacts", "tasks"}:
            load = partial(inbox.read, queries.card, self.contact_id)
            workers.read(self, "overlay", load, self.Read)

    def on_card_screen_read(self, message: Read) -> None:
        fresh, self.card = self.card is None, message.card
        self.query_one(".dialog-title", Static).update(safe.worded(card_head(message.card.contact)))
        self.pick_list.show(card_items(message.card, context(self).present()), keep=True)
        tasks = message.card.contact.tasks
        if fresh and tasks:
            self.pick_list.put_cursor(tasks[0].id)
        notes = message.card.contact.notes
        shown = (
            safe.block(notes[:2000])
            if notes
            else Content.styled(_("no notes"), "$foreground-muted")
        )
        self.query_one(".overlay-detail", Static).update(
            Content.assemble((_("Notes, for us only") + "\n", "$foreground-muted"), shown)
        )
        context(self).release_keys("choose")

    def command_open(self) -> None:
        if isinstance(self.pick_list.value, int):
            self.answer(self.pick_list.value)

    def command_line(self) -> None:
        """Everything with this person in one scroll; a task chosen there is gone to."""
        if self.card is not None:
            contact = self.card.contact
            screen = LineScreen(contact.id, contact.name, context(self).inbox.actor.id)
            self.app.push_screen(screen, self._from_line)

    def _from_line(self, task_id: int | None) -> None:
        if task_id is not None:
            self.answer(task_id)

    def command_picture(self) -> None:
        """What services show of this person; a channel without pictures has none."""
        if self.card is None:
            return
        if all(one.picture is None for one in self.card.contact.addresses):
            self.say(_("No service has shown a picture of this contact."))
            return
        self.app.push_screen(PicturesScreen(self.card.contact))

    # --- writing to it --------------------------------------------------------------------------

    def command_message(self) -> None:
        """By which channel; one that cannot be used says why and cannot be chosen (R29)."""
        ask_way(self, self.contact_id, self.answer)

    # --- the same person ------------------------------------------------------------------------

    def command_merge_cards(self) -> None:
        """This card into another one: that one stays."""
        inbox, contact_id = context(self).inbox, self.contact_id

        async def load() -> Sequence[Item]:
            return [
                Item(
                    Content.assemble(
                        safe.line(row.name, "bold"),
                        "  ",
                        safe.line(
                            ", ".join(a.value for a in row.addresses), "$foreground-muted", 60
                        ),
                    ),
                    row.id,
                )
                for row in await inbox.read(queries.contacts, limit=1000)
                if row.id != contact_id
            ]

        def chosen(survivor: int | None) -> None:
            if survivor is not None:
                self._preview_merge(survivor)

        title = Content(_("The same person as (that card stays)"))
        self.app.push_screen(Choose(title, load=load), chosen)

    def _preview_merge(self, survivor: int) -> None:
        inbox, contact_id = context(self).inbox, self.contact_id

        async def load() -> Question:
            stays, comes = (
                await inbox.read(queries.contact, survivor),
                await inbox.read(queries.contact, contact_id),
            )
            yes = Item(Content(_("make them one card")), "yes")
            return Question(safe.lines(cards_together(stays, comes)), [yes])

        def agreed(answer: str | None) -> None:
            if answer is not None:
                words = _("One card now (W takes it apart)")
                self.act(
                    "merge cards",
                    words,
                    lambda inbox: inbox.write(
                        contact_merging.merge_contacts, survivor, [contact_id]
                    ),
                )

        self.app.push_screen(Ask(Content(_("What comes together")), load), agreed)

    def command_unmerge_cards(self) -> None:
        """Its addresses, chats and tasks go with it."""
        inside = self.card.inside if self.card is not None else ()
        if not inside:
            context(self).say(_("Nothing was merged into this card."))
            return
        items = [Item(safe.line(f"{name} ({number})"), number) for number, name in inside]

        def chosen(number: int | None) -> None:
            if number is not None:
                words = _("A card of its own again")
                self.act(
                    "unmerge cards",
                    words,
                    lambda inbox: inbox.write(contact_merging.unmerge_contact, number),
                )

        title = Content(_("Take out, with its addresses and tasks"))
        self.app.push_screen(Choose(title, items), chosen)
