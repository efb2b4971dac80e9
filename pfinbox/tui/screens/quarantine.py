"""The quarantine: what was received, kept whole, and could not be read."""

from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.store.rows import QuarantineRow
from pfinbox.tui import jobs, safe
from pfinbox.tui.commands import QUARANTINE
from pfinbox.tui.desk import desk
from pfinbox.tui.screens.ask import Question
from pfinbox.tui.screens.seeing import Reading
from pfinbox.tui.screens.sheet import Sheet
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import byte_size

# So much of the bytes is shown; the whole is for ``pfinbox quarantine show --raw``.
SHOWN = 20_000


class QuarantineScreen(Sheet):
    """Reading again needs the account's channel: that is the command line's."""

    place: ClassVar[str] = QUARANTINE

    @dataclass
    class Read(Message):
        rows: tuple[QuarantineRow, ...]

    def __init__(self) -> None:
        super().__init__(Content(_("Quarantine")))
        self.rows: tuple[QuarantineRow, ...] = ()

    def reload(self, topics: frozenset[str] | None = None) -> None:
        jobs.read(self, "sheet", desk(self).gateway.quarantine, self.Read)

    def on_quarantine_screen_read(self, message: Read) -> None:
        self.rows = message.rows
        clock = desk(self).present()
        items = [
            Item(
                Content.assemble(
                    safe.fit(safe.line(row.account, "bold"), 14),
                    "  ",
                    safe.line(row.reason.sentence() if row.reason else _("no reason given")),
                ),
                row.id,
                Content.styled(clock.moment(row.received_at), "dim"),
            )
            for row in message.rows
        ]
        self.pick_list.show(items or [Item(Content(_("Everything could be read.")))])
        self.changed()
        desk(self).release_keys("choose")

    @property
    def current(self) -> QuarantineRow | None:
        """What is under the cursor."""
        chosen = self.pick_list.value
        return next((row for row in self.rows if row.id == chosen), None)

    def changed(self) -> None:
        row, detail = self.current, Content("")
        if row is not None:
            why = row.reason.sentence() if row.reason else _("no reason given")
            again = _("After a fix: pfinbox quarantine reprocess {id}").format(id=row.id)
            size = byte_size(row.size)
            detail = Content("\n").join(
                [safe.line(why, "bold"), safe.line(size, "dim"), Content.styled(again, "dim")]
            )
        self.query_one(".sheet-detail", Static).update(detail)

    def command_open(self) -> None:
        """As it was received, made harmless."""
        row, gateway = self.current, desk(self).gateway
        if row is None:
            return

        async def load() -> Question:
            text = (await gateway.quarantined(row.id))[:SHOWN].decode("utf-8", "replace")
            return Question([safe.block(text)], [])

        title = _("As it was received: {id}").format(id=row.id)
        self.app.push_screen(Reading(Content(title), load))
