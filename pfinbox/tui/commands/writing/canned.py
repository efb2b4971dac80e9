"""Canned replies: put one in, make or change one."""

from collections.abc import Sequence

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services.comments import canned
from pfinbox.store.rows import CannedRow
from pfinbox.tui.commands.family import Family
from pfinbox.tui.compose.ready.canned_editor import CannedEditor, Edited
from pfinbox.tui.compose.ready.canned_offer import canned_items
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.widgets.pick_list import Item


@record
class _Change:
    """The highlighted reply is to be changed; None: a new one is to be made."""

    row: CannedRow | None


class CannedCommands(Family):
    """Commands on the canned replies, from the composer."""

    def canned(self, argument: str = "") -> None:
        """Put one in at the cursor, filled in for this task."""
        composer = self.layout.task_pane.composer
        writing = composer.writing

        def chosen(value: CannedRow | _Change | None) -> None:
            if isinstance(value, _Change):
                self._edit(value.row)
            elif value is not None and writing is not None and composer.writing is writing:
                composer.put_in(value)

        others = {"ctrl+e": _Change}
        title, hint = Content(_("Canned replies")), _("^e change or make one")
        self.push(Choose(title, load=self._listed, others=others, hint=hint), chosen)

    async def _listed(self) -> Sequence[Item]:
        rows = await self.context.inbox.read(canned.listed)
        none = Item(Content(_("None yet: ^e makes one of what is written.")))
        return canned_items(rows) or [none]

    def canned_edit(self, argument: str = "") -> None:
        """Choose one to change, or make one of what is written."""

        async def load() -> Sequence[Item]:
            new = Item(Content(_("a new one, of what is written here")), _Change(None))
            rows = await self.context.inbox.read(canned.listed)
            return [new, *canned_items(rows)]

        def chosen(value: CannedRow | _Change | None) -> None:
            if value is not None:
                self._edit(value if isinstance(value, CannedRow) else None)

        self.push(Choose(Content(_("Change a canned reply")), load=load), chosen)

    def _edit(self, row: CannedRow | None) -> None:
        def edited(result: Edited | None) -> None:
            if result is not None:
                words = _("Canned reply {name}: kept") if result.text else _("Canned reply removed")
                words = words.format(name=result.name)
                values = (result.name, result.text, result.id)
                self.changes.act(
                    "canned", words, lambda inbox: inbox.write(canned.keep, *values, own=result.own)
                )

        self.push(CannedEditor(row, self.layout.task_pane.composer.box.text), edited)
