"""``@name`` in what is written adds that person, and a list helps with the name (R13).

A note stays inside: naming a client there adds nobody, and the head says so.
"""

from dataclasses import dataclass, replace
from typing import Any

from textual.content import Content
from textual.message import Message

from pfinbox.domain.model import Notify, Who
from pfinbox.domain.recipients.mentions import Named, begun, complete, fitting, mentioned
from pfinbox.domain.text.cleaning import fold
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import Choices, Person
from pfinbox.tui.compose.addressing import Addressing
from pfinbox.tui.compose.writing import Mode
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item, PickList

_KEYS = ("up", "down", "enter", "tab", "escape")


class Mentioning(Addressing):
    """What the composer knows about names in its text."""

    @dataclass
    class PeopleRead(Message):
        task_id: int
        choices: Choices

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._people: dict[Who, Person] = {}
        self._named: tuple[Named, ...] = ()
        self._people_of: int | None = None
        # What the list was last shown for; for the same again its cursor stays.
        self._offered: str | None = None
        # The list was put away for the name that is being typed here.
        self._unwanted: tuple[int, int] | None = None

    def on_mount(self) -> None:
        self.box.take_key = self.take_key
        self._open_offer(open_=False)

    def begin(self, task_id: int, mode: Mode) -> None:
        self._people_of, self._unwanted = None, None
        self._open_offer(open_=False)
        super().begin(task_id, mode)

    @property
    def offer(self) -> PickList:
        """The list under the text."""
        return self.query_one("#mentions", PickList)

    def _open_offer(self, *, open_: bool) -> None:
        """The list takes the room of the text's empty lines."""
        self.offer.display = open_
        self.set_class(open_, "-offering")

    # --- who can be named -----------------------------------------------------------------------

    def _know_people(self) -> bool:
        """Whether it is known whom the task has; it is asked when the first ``@`` is typed."""
        writing = self.writing
        if writing is None or "@" not in self.box.text:
            return False
        if self._people_of == writing.task_id:
            return bool(self._named)
        task_id, inbox = writing.task_id, context(self).inbox
        self._people_of, self._people, self._named = task_id, {}, ()
        # What is typed on may choose from the list.
        context(self).hold_keys("people")
        workers.read(
            self,
            "people",
            lambda: inbox.read(queries.choices, task_id),
            lambda choices: self.PeopleRead(task_id, choices),
        )
        return False

    def on_mentioning_people_read(self, message: PeopleRead) -> None:
        message.stop()
        if self.writing is not None and message.task_id == self.writing.task_id:
            people = message.choices.people
            self._people = {person.who: person for person in people}
            logins = {fold(person.login) for person in people if person.login}
            named = sorted(people, key=lambda person: person.kind != "agent")
            self._named = tuple(_named(person, logins) for person in named)
            self.changed()
        context(self).release_keys("people")

    def on_failed(self, message: workers.Failed) -> None:
        """Without the list the picker is still there."""
        if message.job == "people":
            self._people_of = None
            context(self).drop_keys("people")

    # --- what the text says ---------------------------------------------------------------------

    def changed(self) -> None:
        """Whoever is named gets it; a name taken out of the text takes its person with it."""
        if self.writing is not None and (self._know_people() or self.writing.mentioned):
            self.take_mentions()
        self._offer()
        super().changed()

    def take_mentions(self, *, final: bool = False) -> None:
        """``final``: the text is done, a name at its end is one."""
        writing = self.writing
        if writing is None or writing.notify is None or self._people_of != writing.task_id:
            return
        if not self._named and "@" in self.box.text:
            return
        box = self.box
        cursor = None if final else len(box.get_text_range((0, 0), box.cursor_location))
        named = mentioned(box.text, self._named, cursor)
        new = [who for who in named if who not in writing.mentioned]
        gone = [who for who in writing.mentioned if who not in named]
        if not new and not gone:
            return
        who = [one for one in writing.notify.who if one not in gone or one not in writing.by_name]
        for one in new:
            if one not in who and writing.may_get(one):
                who.append(one)
                writing.by_name.add(one)
        writing.by_name -= set(gone)
        writing.mentioned = named
        self.names |= {one: person.name for one, person in self._people.items()}
        if tuple(who) != writing.notify.who:
            self.set_notify(replace(writing.notify, who=tuple(who)))
        self.show()

    def set_notify(self, notify: Notify, names: dict[Who, str] | None = None) -> None:
        super().set_notify(notify, names)
        # Names may have been typed before it was known whom this agent would write to.
        self.take_mentions()

    def kept_inside(self) -> Content | None:
        """Clients who are named in a note and are not told of it."""
        writing = self.writing
        if writing is None:
            return None
        left = [who for who in writing.mentioned if not writing.may_get(who)]
        if not left:
            return None
        names = ", ".join(self.names.get(who, "…") for who in left)
        return safe.line(_("{names}: not told, this is a note").format(names=names))

    # --- the list -------------------------------------------------------------------------------

    def _typed(self) -> str | None:
        """The beginning of a name before the cursor, while a list for it is wanted."""
        row, column = self.box.cursor_location
        line = self.box.document.get_line(row)[:column]
        typed = begun(line)
        if typed is None or complete(typed.rstrip(), self._named):
            return None
        return typed if (row, column - len(typed)) != self._unwanted else None

    def _offer(self) -> None:
        """Show who fits what is being typed behind an ``@``."""
        writing, typed = self.writing, self._typed()
        who = fitting(typed, self._named) if typed is not None else ()
        people = [self._people[one] for one in who if writing is not None and writing.may_get(one)]
        self._open_offer(open_=bool(people))
        if people:
            self.offer.show([_item(person) for person in people])
            if typed != self._offered:
                self.offer.put_cursor(people[0])
        self._offered = typed if people else None

    def take_key(self, key: str) -> bool:
        """A key of the list while it is open; False: it is the text's."""
        if key not in _KEYS or not self.offer.display or self._typed() is None:
            return False
        if key in ("up", "down"):
            self.offer.move(-1 if key == "up" else 1)
        elif key == "escape":
            row, column = self.box.cursor_location
            self._unwanted = (row, column - len(self._typed() or ""))
            self._open_offer(open_=False)
        else:
            self._put(self.offer.value)
        return True

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        message.stop()
        if self._typed() is not None:
            self._put(message.value)
        self.screen.set_focus(self.box, scroll_visible=False)

    def _put(self, person: Person) -> None:
        """The whole name in place of its beginning."""
        typed, box = self._typed() or "", self.box
        row, column = box.cursor_location
        name = person.login or safe.line(person.name).plain
        box.replace(f"{name} ", (row, column - len(typed)), (row, column))
        box.move_cursor((row, column - len(typed) + len(name) + 1))
        self._open_offer(open_=False)


def _named(person: Person, logins: set[str]) -> Named:
    """A colleague may be called by the first name, unless that is somebody's login."""
    name = safe.line(person.name).plain
    handles = [name]
    if person.kind == "agent":
        first = name.split(" ")[0]
        handles += [person.login or "", first if fold(first) not in logins else ""]
    return Named(person.who, tuple(dict.fromkeys(filter(None, handles))))


def _item(person: Person) -> Item:
    aside = person.login or "" if person.kind == "agent" else _("a client: sees this comment")
    return Item(safe.line(person.name), person, safe.line(aside, "$foreground-muted"))
