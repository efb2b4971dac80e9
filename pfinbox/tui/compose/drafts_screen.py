"""All that the agent has written and not sent; enter goes on with it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.tasks import drafts
from pfinbox.store.rows import ListedDraft
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.command import DRAFTS
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item

# So many lines of the text stand under the list.
SHOWN = 6


class DraftsScreen(Overlay):
    """Answers with the draft to go on with; ``dropped`` is called for one that was removed."""

    place: ClassVar[str] = DRAFTS
    on_row = frozenset(("open", "drop_draft"))

    @dataclass
    class Read(Message):
        rows: tuple[ListedDraft, ...]

    @dataclass
    class Dropped(Message):
        row: ListedDraft

    def __init__(self, dropped: Callable[[ListedDraft, str], None]) -> None:
        super().__init__(Content(_("Drafts")))
        self.rows: tuple[ListedDraft, ...] = ()
        self._dropped = dropped

    def reload(self, topics: frozenset[str] | None = None) -> None:
        if topics is None or "drafts" in topics:
            load = partial(context(self).inbox.read, queries.drafts)
            workers.read(self, "overlay", load, self.Read)

    def on_drafts_screen_read(self, message: Read) -> None:
        self.rows = message.rows
        items = [self._item(row) for row in message.rows]
        self.show_rows(
            items,
            _("There is no draft."),
            _("What you write and leave by esc is kept here until it is sent."),
        )
        if not context(self).keys_waiting:
            self.pick_list.step_off()
        self.changed()
        context(self).release_keys("choose")

    def _item(self, row: ListedDraft) -> Item:
        moment = context(self).present().moment(row.draft.updated_at)
        label = Content.assemble(
            safe.fit(Content.styled(_kind(row), "$foreground-muted"), 11),
            "  ",
            safe.line(row.whom, "bold", 28),
            "  ",
            safe.line(row.subject),
        )
        return Item(label, row.key, Content.styled(moment, "$foreground-muted"))

    @property
    def current(self) -> ListedDraft | None:
        """The draft under the cursor."""
        chosen = self.pick_list.value
        return next((row for row in self.rows if row.key == chosen), None)

    def changed(self) -> None:
        row, lines = self.current, []
        if row is not None:
            lines = [line for line in row.body.strip().splitlines() if line.strip()][:SHOWN]
        detail = Content("\n").join(safe.line(line) for line in lines)
        self.query_one(".overlay-detail", Static).update(detail)

    def command_open(self) -> None:
        if (row := self.current) is not None:
            self.answer(row)

    def command_drop_draft(self) -> None:
        row = self.current
        if row is not None:
            workers.write(
                self,
                "drop draft",
                lambda inbox: inbox.write(drafts.drop, row.draft.task_id, row.draft.mode),
                lambda _nothing: self.Dropped(row),
            )

    def on_drafts_screen_dropped(self, message: Dropped) -> None:
        row = message.row
        words = _("Draft removed: {name}").format(name=row.whom or row.subject)
        self._dropped(row, words)
        context(self).say(words)
        self.reload()


def _kind(row: ListedDraft) -> str:
    kinds = {
        "reply": _("Reply"),
        "note": _("Note"),
        "forward": _("Forward"),
        "bulk": _("To many"),
    }
    return kinds.get(row.draft.mode, _("New"))
