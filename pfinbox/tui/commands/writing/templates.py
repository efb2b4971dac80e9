"""Approved texts, the way that is left once a reply window is closed (R25)."""

from collections.abc import Sequence

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.services.comments import templates
from pfinbox.services.comments.templates import Listed
from pfinbox.tui.commands.family import Family
from pfinbox.tui.compose.ready.template_form import TemplateForm
from pfinbox.tui.compose.writing import Writing
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item

_OWN_WORDS = "own words"


class TemplateCommands(Family):
    """The command on templates, from the composer."""

    def template(self, argument: str = "") -> None:
        """Choose a template of the task's accounts, fill it in, and have it in the composer."""
        composer, inbox = self.layout.task_pane.composer, self.context.inbox
        writing = composer.writing
        if writing is None or writing.mode != "reply":
            self.context.say(_("It goes to nobody outside."))
            return
        if writing.files:
            self.context.say(_("A template takes no files: take them out first."), trouble=True)
            return
        taken = writing.template is not None

        async def load() -> Sequence[Item]:
            rows = await inbox.read(templates.listed, task_id=writing.task_id)
            none = Item(Content(_("The accounts of this task have no templates.")))
            own = [Item(Content(_("no template: words of my own")), _OWN_WORDS)] if taken else []
            return [*own, *map(_item, rows)] if rows else [none]

        def chosen(value: Listed | str | None) -> None:
            if composer.writing is not writing or value is None:
                return
            if isinstance(value, Listed):
                self._fill(writing, value)
            else:
                composer.drop_template()

        self.push(Choose(Content(_("Send a template")), load=load, typed=argument), chosen)

    def _fill(self, writing: Writing, row: Listed) -> None:
        composer, one = self.layout.task_pane.composer, row.template
        if not one.parameters:
            composer.take_template(one, {})
            return
        before = writing.template
        known = before.values if before is not None and before.name == one.name else {}

        def filled(values: dict[str, str] | None) -> None:
            if values is not None and composer.writing is writing:
                composer.take_template(one, values)

        self.push(TemplateForm(one, known), filled)


def _item(row: Listed) -> Item:
    """Its name, language and kind, and how it begins."""
    one = row.template
    # What the service calls its kind often decides what it costs.
    kind = safe.line(f"{one.language} {one.category.lower()}", "$text-accent")
    text = safe.line(one.text, "$foreground-muted", 50)
    return Item(
        Content("  ").join((safe.line(one.name), kind)),
        row,
        text,
        words=f"{one.text} {row.account}",
    )
