"""``/name`` in what is written offers canned replies, and the one that is taken stands there.

It takes no key from whoever types a path or a date: the list is open only where a word begins
with ``/`` and what follows begins a word of a reply's name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from textual.content import Content
from textual.message import Message

from pfinbox.domain.text import canned as rules
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.services.comments import canned
from pfinbox.store.rows import CannedRow, TaskRow
from pfinbox.tui.compose.mentioning import Mentioning
from pfinbox.tui.compose.writing import Mode
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item, PickList


class CannedOffer(Mentioning):
    """What the composer knows about canned replies."""

    @dataclass
    class RepliesRead(Message):
        rows: tuple[CannedRow, ...]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # None until the first ``/`` asks for them.
        self._replies: tuple[CannedRow, ...] | None = None
        self._reading_replies = False
        # The list was put away for the ``/`` that stands here.
        self._put_away: tuple[int, int] | None = None

    def begin(self, task_id: int, mode: Mode) -> None:
        self._replies, self._put_away = None, None
        super().begin(task_id, mode)

    # --- what can be offered --------------------------------------------------------------------

    def _replies_known(self) -> bool:
        """Whether they are read, and the task that they are filled in for; keys wait for that."""
        if self._replies is not None and self.shown_task is not None:
            return True
        context(self).hold_keys("replies")
        if self._replies is None and not self._reading_replies:
            self._reading_replies = True
            inbox = context(self).inbox
            workers.read(self, "replies", lambda: inbox.read(canned.listed), self.RepliesRead)
        return False

    def on_canned_offer_replies_read(self, message: RepliesRead) -> None:
        message.stop()
        self._replies, self._reading_replies = message.rows, False
        self._go_on_offering()

    def known(self, *args: Any, **values: Any) -> None:
        super().known(*args, **values)
        self._go_on_offering()

    def _go_on_offering(self) -> None:
        if self._replies is not None and self.shown_task is not None:
            if context(self).holding("replies"):
                self._offer()
            context(self).release_keys("replies")

    def on_failed(self, message: workers.Failed) -> None:
        """Without the list ``^r`` is still there."""
        if message.job == "replies":
            self._reading_replies = False
            context(self).drop_keys("replies")

    # --- the list -------------------------------------------------------------------------------

    def _begun(self) -> str | None:
        """What is typed of a name, while a list for it is wanted."""
        row, column = self.box.cursor_location
        typed = rules.begun(self.box.document.get_line(row)[:column])
        if typed is None or (row, column - len(typed)) == self._put_away:
            return None
        return typed

    def _offer(self) -> None:
        typed = self._begun() if self.writing is not None else None
        if typed is None:
            super()._offer()
            return
        rows = self._fitting(typed) if self._replies_known() else []
        self._open_offer(open_=bool(rows))
        if rows:
            self.offer.show(canned_items(rows))
            if typed != self._offered:
                self.offer.put_cursor(rows[0])
        self._offered = typed if rows else None

    def _fitting(self, typed: str) -> list[CannedRow]:
        return [row for row in self._replies or () if rules.fits(typed, row.name)]

    def take_key(self, key: str) -> bool:
        """A key of the list while it is open; False: it is the text's."""
        typed = self._begun() if self.offer.display else None
        if typed is None:
            return super().take_key(key)
        if key in ("up", "down"):
            self.offer.move(-1 if key == "up" else 1)
        elif key == "escape":
            row, column = self.box.cursor_location
            self._put_away = (row, column - len(typed))
            self._open_offer(open_=False)
        elif key in ("enter", "tab"):
            self._take(self.offer.value, typed)
        else:
            return False
        return True

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        typed = self._begun()
        if typed is None:
            super().on_pick_list_clicked(message)
            return
        message.stop()
        self._take(message.value, typed)
        self.screen.set_focus(self.box, scroll_visible=False)

    def _take(self, row: CannedRow | None, typed: str) -> None:
        """The reply in place of the beginning of its name."""
        if row is not None and self.put_in(row, over=len(typed) + 1):
            self._open_offer(open_=False)

    def put_in(self, reply: CannedRow, *, over: int = 0) -> bool:
        """Type a reply, filled in for the task, over so many letters before the cursor."""
        if self.shown_task is None:
            words = _("The conversation is still being read; try again.")
            context(self).say(words, trouble=True)
            return False
        try:
            text = rules.fill(reply.text, _values(self.shown_task, context(self).agent_name))
        except UsageError as error:
            context(self).say(str(error), trouble=True)
            return False
        if over:
            row, column = self.box.cursor_location
            self.box.replace("", (row, column - over), (row, column))
        self.box.type(text)
        return True


def canned_items(rows: Iterable[CannedRow]) -> Sequence[Item]:
    """Replies to choose from: the name with its folders, whose it is, how it begins."""
    return [
        Item(
            safe.line(row.name) + Content.styled(_("  mine") if row.own else "", "$text-accent"),
            row,
            safe.line(row.text, "$foreground-muted", 30),
        )
        for row in rows
    ]


def _values(task: TaskRow, agent_name: str) -> dict[str, str]:
    values = rules.person_values("agent", agent_name)
    values |= {"task.title": task.title, "task.number": f"#{task.id}"}
    return values | rules.person_values("client", task.contact.name if task.contact else "")
