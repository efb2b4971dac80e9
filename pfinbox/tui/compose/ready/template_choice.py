"""Choosing an approved text and filling it in (R25), wherever one is written."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from textual.app import App
from textual.content import Content

from pfinbox.domain.contract.template import Template
from pfinbox.domain.outbound.planning.templates import TemplateChoice
from pfinbox.i18n import _
from pfinbox.services.comments.templates import Listed
from pfinbox.tui.compose.ready.template_form import TemplateForm
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item

Taken = Callable[[Template | None, Mapping[str, str]], None]
_OWN_WORDS = "own words"


def ask_template(
    app: App[Any],
    listed: Callable[[], Awaitable[Sequence[Listed]]],
    before: TemplateChoice | None,
    taken: Taken,
    typed: str = "",
) -> None:
    """``taken`` gets the template with what stands in its places; None: own words again.

    ``before``: what stands there now.
    """

    async def load() -> Sequence[Item]:
        rows = await listed()
        none = Item(Content(_("The accounts of this task have no templates.")))
        own = [Item(Content(_("no template: words of my own")), _OWN_WORDS)] if before else []
        return [*own, *map(_item, rows)] if rows else [none]

    def chosen(value: Listed | str | None) -> None:
        if isinstance(value, Listed):
            fill(value.template)
        elif value is not None:
            taken(None, {})

    def fill(one: Template) -> None:
        if not one.parameters:
            taken(one, {})
            return
        known = before.values if before is not None and before.name == one.name else {}

        def filled(values: dict[str, str] | None) -> None:
            if values is not None:
                taken(one, values)

        app.push_screen(TemplateForm(one, known), filled)

    app.push_screen(Choose(Content(_("Send a template")), load=load, typed=typed), chosen)


def about_files(template: Template, files: int) -> str:
    """What is to be done with the files before it can be sent; empty where nothing is."""
    if template.header and not files:
        return _("Attach {kind}: it stands above the text.").format(kind=template.header_words)
    if files and not template.header:
        return _("This template takes no files: take them out before sending.")
    return ""


def _item(row: Listed) -> Item:
    """Its name, language and kind, and how it begins."""
    one = row.template
    # What the service calls its kind often decides what it costs.
    kind = safe.line(f"{one.language} {one.category.lower()}", "$text-accent")
    above = f"[{one.header_words}] " if one.header else ""
    text = safe.line(f"{above}{one.text}", "$foreground-muted", 50)
    return Item(
        Content("  ").join((safe.line(one.name), kind)),
        row,
        text,
        words=f"{one.text} {row.account}",
    )
