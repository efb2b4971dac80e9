"""The notify picker: who gets the comment, at which address, by which way (R13, R16, R17)."""

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Notify, Who
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import queries
from pfinbox.store.rows import Choices, Person
from pfinbox.tui.compose.writing import Mode
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import FilterField, Item, PickList
from pfinbox.tui.widgets.words import Words
from pfinbox.wording.outbound.plans import way_name


@record
class Picked:
    """The choice, and the names of everyone offered."""

    notify: Notify
    names: dict[Who, str]


class NotifyPicker(Dialog[Picked]):
    """Space marks, typing filters, left and right change the address; enter is done.

    Where somebody is looked for by typing, enter takes who is under the cursor, too (R47).
    """

    @dataclass
    class Loaded(Message):
        choices: Choices

    def __init__(self, task_id: int, notify: Notify | None, mode: Mode = "reply") -> None:
        note = mode == "note"
        super().__init__(Content(_("Who gets this note?") if note else _("Who gets this comment?")))
        self.mode = mode
        self.task_id = task_id
        self.choices: Choices | None = None
        notify = notify or Notify()
        self.who: list[Who] = list(notify.who)
        self.addresses = dict(notify.addresses)
        self.separately = notify.separately
        self.reply_via = notify.reply_via
        # People of the answered mail who are on no card yet (R45).
        self.newcomers = notify.newcomers
        self.left_out: set[Party] = set()

    def body(self) -> list[Widget]:
        passed = (
            "up", "down", "enter", "escape", "tab", "space", "left", "right",
            "ctrl+r", "ctrl+o", "ctrl+s", "ctrl+t",
        )  # fmt: skip
        return [
            FilterField(passed, placeholder=_("type to filter")),
            PickList(),
            Words(id="ways"),
        ]

    def hints(self) -> Content:
        if self.mode == "note":
            return Content(_("space mark · enter done · esc leave"))
        return Content(_("space mark · ←→ address · ^r way · ^o separately · enter done"))

    @property
    def pick_list(self) -> PickList:
        return self.query_one(PickList)

    def on_mount(self) -> None:
        inbox, task_id = context(self).inbox, self.task_id
        # What is typed ahead must meet the people that it is meant for.
        context(self).hold_keys("choose")
        workers.read(self, "choices", lambda: inbox.read(queries.choices, task_id), self.Loaded)
        self._show()

    def on_notify_picker_loaded(self, message: Loaded) -> None:
        self.choices = message.choices
        self._show()
        context(self).release_keys("choose")

    def on_failed(self) -> None:
        self.answer(None)
        context(self).drop_keys("choose")

    # --- drawing --------------------------------------------------------------------------------

    def _show(self) -> None:
        choices = self.choices or Choices(())
        contacts = [person for person in choices.people if person.kind == "contact"]
        if self.mode == "note":
            # A note stays inside: for a client there is the reply.
            contacts = []
        agents = [person for person in choices.people if person.kind == "agent"]
        items: list[Item] = []
        if contacts:
            items.append(Item(Content(_("Clients: they will see it"))))
            items += [self._item(person) for person in contacts]
        if self.newcomers:
            items.append(Item(Content(_("New: on no card yet"))))
            items += [
                Item(
                    safe.line(one.name or one.value),
                    one,
                    safe.line(one.value, "$foreground-muted"),
                    one not in self.left_out,
                )
                for one in self.newcomers
            ]
        if agents:
            items.append(Item(Content(_("Colleagues"))))
            items += [self._item(person) for person in agents]
        self.pick_list.show(items)
        way = way_name(self.reply_via or choices.reply_via)
        words = [Content.styled(_("goes by  "), "$foreground-muted"), safe.line(way)]
        if self.separately:
            words.append(Content(_("  ·  to each separately")))
        if self.mode == "note":
            words = [
                Content.styled(
                    _("a note stays inside: no client can be chosen"), "$foreground-muted"
                )
            ]
        self.query_one("#ways", Words).write(Content.assemble(*words))

    def _item(self, person: Person) -> Item:
        aside = Content("")
        if person.kind == "contact" and self.choices is not None:
            known = self.choices.addresses.get(person.id, ())
            chosen = self.addresses.get(person.id)
            if chosen:
                aside = Content.assemble(safe.line(chosen), self._more(known))
            elif known:
                aside = Content.assemble(
                    safe.line(known[0], "$foreground-muted"), self._more(known)
                )
        elif person.login:
            aside = safe.line(person.login, "$foreground-muted")
        return Item(safe.line(person.name), person.who, aside, person.who in self.who)

    def _more(self, known: tuple[str, ...]) -> Content:
        return (
            Content.styled(f" ◂▸ {len(known)}", "$foreground-muted")
            if len(known) > 1
            else Content("")
        )

    # --- choosing -------------------------------------------------------------------------------

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self.pick_list.set_filter(message.value)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.answer(None)
        elif event.key in ("enter", "tab", "ctrl+t", "ctrl+s"):
            self._done()
        elif event.key == "space":
            self.pick_list.set_filter(self.query_one(Input).value)
            self._toggle(self.pick_list.value)
        elif event.key in ("up", "down"):
            self.pick_list.move(-1 if event.key == "up" else 1)
        elif event.key in ("left", "right") and self.mode == "reply":
            self._turn_address(-1 if event.key == "left" else 1)
        elif event.key == "ctrl+r" and self.mode == "reply":
            self._turn_way()
        elif event.key == "ctrl+o" and self.mode == "reply":
            self.separately = not self.separately
            self._show()
        else:
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self._toggle(message.value)

    def _toggle(self, who: Who | Party | None) -> None:
        if who is None:
            return
        if isinstance(who, Party):
            self.left_out ^= {who}
        elif who in self.who:
            self.who.remove(who)
        else:
            self.who.append(who)
        field = self.query_one(Input)
        if field.value:
            # The name has done its work: the next one can be typed at once.
            field.value = ""
        self._show()

    def _turn_address(self, step: int) -> None:
        who = self.pick_list.value
        if not isinstance(who, Who) or who.kind != "contact" or self.choices is None:
            return
        known = self.choices.addresses.get(who.id, ())
        if len(known) > 1:
            held = self.addresses.get(who.id, known[0])
            at = known.index(held) if held in known else 0
            self.addresses[who.id] = known[(at + step) % len(known)]
            self._show()

    def _turn_way(self) -> None:
        accounts = self.choices.accounts if self.choices else ()
        ways: list[str | None] = [None, "last", "all", *accounts]
        at = ways.index(self.reply_via) if self.reply_via in ways else 0
        self.reply_via = ways[(at + 1) % len(ways)]
        self._show()

    def _done(self) -> None:
        typed = self.query_one(Input).value
        if typed.strip():
            self.pick_list.set_filter(typed)
            found = self.pick_list.value
            if found is None:
                # Who was looked for is not here: nothing is settled by that.
                return
            if isinstance(found, Party):
                self.left_out.discard(found)
            elif found not in self.who:
                self.who.append(found)
        kept = {who.id for who in self.who if who.kind == "contact"}
        addresses = {key: value for key, value in self.addresses.items() if key in kept}
        people = self.choices.people if self.choices else ()
        names = {person.who: person.name for person in people}
        newcomers = tuple(one for one in self.newcomers if one not in self.left_out)
        notify = Notify(tuple(self.who), addresses, self.separately, self.reply_via, newcomers)
        self.answer(Picked(notify, names))
