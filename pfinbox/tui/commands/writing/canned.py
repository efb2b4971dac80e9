"""Canned replies: put one in, make or change one."""

from textual.content import Content

from pfinbox.domain.text.canned import fill, person_values
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.services.comments import canned
from pfinbox.store.rows import CannedRow
from pfinbox.tui.commands.family import Family
from pfinbox.tui.compose.canned_editor import CannedEditor, Edited
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item


class CannedCommands(Family):
    """Commands on the canned replies, from the composer."""

    def canned(self, argument: str = "") -> None:
        """Put one in at the cursor, filled in for this task."""
        composer = self.layout.task_pane.composer
        writing, held = composer.writing, self.layout.task_pane.conversation

        def chosen(row: CannedRow | None) -> None:
            if row is None or writing is None or composer.writing is not writing:
                return
            if held is None or held.task.id != writing.task_id:
                words = _("The conversation is still being read; try again.")
                self.context.say(words, trouble=True)
                return
            task, values = held.task, person_values("agent", self.layout.agent_name)
            values |= {"task.title": task.title, "task.number": f"#{task.id}"}
            values |= person_values("client", task.contact.name if task.contact else "")
            try:
                composer.box.type(fill(row.text, values))
            except UsageError as error:
                self.context.say(str(error), trouble=True)

        self.push(Choose(Content(_("Canned replies")), load=self._canned), chosen)

    async def _canned(self) -> list[Item]:
        rows = await self.context.inbox.read(canned.listed)
        return [
            Item(safe.line(row.name), row, safe.line(row.text, "$foreground-muted", 30))
            for row in rows
        ] or [Item(Content(_("None yet: ctrl+e makes one of what is written.")))]

    def canned_edit(self, argument: str = "") -> None:
        """Choose one to change, or make one of what is written."""
        text = self.layout.task_pane.composer.box.text

        async def load() -> list[Item]:
            new = Item(Content(_("a new one, of what is written here")), "new")
            rows = [item for item in await self._canned() if item.value is not None]
            return [new, *rows]

        def edited(result: Edited | None) -> None:
            if result is not None:
                values = (result.name, result.text, result.id)
                words = _("Kept") if result.text else _("Removed")
                self.changes.act("canned", words, lambda inbox: inbox.write(canned.keep, *values))

        def chosen(value: object) -> None:
            if isinstance(value, CannedRow):
                self.push(CannedEditor(value), edited)
            elif value == "new":
                self.push(CannedEditor(text=text), edited)

        self.push(Choose(Content(_("Change a canned reply")), load=load), chosen)
