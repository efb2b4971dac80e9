"""The quarantine: what was received, kept whole, and could not be read."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pfinbox.i18n import _, ngettext
from pfinbox.services import queries
from pfinbox.services.inbound import quarantine_retry
from pfinbox.store.rows import QuarantineRow
from pfinbox.tui.dialogs.ask import Question
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.dialogs.reading import Reading
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.command import QUARANTINE
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import byte_size

# So much of the bytes is shown; the whole is for ``pfinbox quarantine show --raw``.
SHOWN = 20_000


class QuarantineScreen(Overlay):
    """Reading again needs the account's channel: the daemon does it when it is asked to."""

    place: ClassVar[str] = QUARANTINE
    on_row = frozenset(("open", "reread"))
    on_all = frozenset(("reread_all",))

    @dataclass
    class Read(Message):
        rows: tuple[QuarantineRow, ...]

    class Asked(Message):
        """The daemon knows what to read again."""

    def __init__(self) -> None:
        super().__init__(Content(_("Quarantine")))
        self.rows: tuple[QuarantineRow, ...] = ()
        # What this agent asked for, until it is done.
        self._asked: set[int] = set()

    def reload(self, topics: frozenset[str] | None = None) -> None:
        load = partial(context(self).inbox.read, queries.quarantine)
        workers.read(self, "overlay", load, self.Read)

    def on_quarantine_screen_read(self, message: Read) -> None:
        before, self.rows = self.rows, message.rows
        clock = context(self).present()
        items = [
            Item(
                Content.assemble(
                    safe.fit(safe.line(row.account, "bold"), 14),
                    "  ",
                    safe.line(_why(row)),
                ),
                row.id,
                safe.line(
                    _("… read again soon") if row.asked else clock.moment(row.received_at),
                    "$foreground-muted",
                ),
            )
            for row in message.rows
        ]
        self.show_rows(
            items,
            _("Everything could be read."),
            _("What cannot be is kept here whole, to be read again after a fix."),
        )
        self.changed()
        context(self).release_keys("choose")
        self._tell_outcome(before)

    @property
    def current(self) -> QuarantineRow | None:
        """What is under the cursor."""
        chosen = self.pick_list.value
        return next((row for row in self.rows if row.id == chosen), None)

    def changed(self) -> None:
        row, detail = self.current, Content("")
        if row is not None:
            size = byte_size(row.size)
            detail = Content("\n").join(
                [
                    safe.line(_why(row), "bold"),
                    safe.line(size, "$foreground-muted"),
                    safe.line(self._again(row), "$foreground-muted"),
                ]
            )
        self.query_one(".overlay-detail", Static).update(detail)

    def _again(self, row: QuarantineRow) -> str:
        """What became of reading it again, or how to."""
        if row.asked:
            return _("The daemon reads it again as soon as it runs.")
        if row.read_again_at is not None:
            when = context(self).present().moment(row.read_again_at)
            return _("Read again {time}, and still not readable.").format(time=when)
        return _("R lets the daemon read it again, after a fix.")

    def command_reread(self) -> None:
        """Once more, with the programs as they are now."""
        if (row := self.current) is not None:
            self._reread([row.id])

    def command_reread_all(self) -> None:
        self._reread([row.id for row in self.rows])

    def _reread(self, ids: list[int]) -> None:
        if ids:
            self._asked = set(ids)
            workers.write(
                self,
                "read again",
                lambda inbox: inbox.write(quarantine_retry.ask, ids),
                lambda _nothing: self.Asked(),
            )

    def on_quarantine_screen_asked(self) -> None:
        self.reload()

    def _tell_outcome(self, before: tuple[QuarantineRow, ...]) -> None:
        """What was asked for here and is over by now."""
        waits = {row.id for row in self.rows if row.asked}
        over = {row.id for row in before if row.asked} & self._asked - waits
        left = over & {row.id for row in self.rows}
        self._asked -= over
        if read := len(over) - len(left):
            words = ngettext("{n} could be read", "{n} could be read", read).format(n=read)
            context(self).say(words)
        elif left:
            context(self).say(_("It still cannot be read."))

    def command_open(self) -> None:
        """As it was received, made harmless."""
        row, inbox = self.current, context(self).inbox
        if row is None:
            return

        async def load() -> Question:
            text = (await inbox.read(queries.quarantine_raw, row.id))[:SHOWN].decode(
                "utf-8", "replace"
            )
            return Question([safe.block(text)], [])

        title = _("As it was received: {id}").format(id=row.id)
        self.app.push_screen(Reading(Content(title), load))


def _why(row: QuarantineRow) -> str:
    return row.reason.sentence() if row.reason else _("no reason given")
