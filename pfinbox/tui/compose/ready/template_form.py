"""The places of a template, filled in one by one; below them what the client will read."""

from collections.abc import Mapping

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.domain.contract.template import Template
from pfinbox.i18n import _
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import FilterField
from pfinbox.tui.widgets.words import Words


class TemplateForm(Dialog[dict[str, str]]):
    """Enter goes on to the next empty place, and is done when there is none."""

    def __init__(self, template: Template, values: Mapping[str, str]) -> None:
        super().__init__(safe.line(f"{template.name}  {template.language}"))
        self._template = template
        self._values = values

    def body(self) -> list[Widget]:
        passed = ("enter", "escape", "tab", "shift+tab", "up", "down")
        fields = [
            FilterField(
                passed,
                value=self._values.get(name, ""),
                placeholder=_("what stands for {name}").format(name=f"{{{{{name}}}}}"),
            )
            for name in self._template.parameters
        ]
        return [*fields, VerticalScroll(Words(self._show, id="template"), classes="ask-body")]

    def hints(self) -> Content:
        return Content(_("enter next, then done · ↑↓ field · esc leave"))

    @property
    def fields(self) -> list[Input]:
        return list(self.query(Input))

    @property
    def values(self) -> dict[str, str]:
        given = zip(self._template.parameters, self.fields, strict=True)
        return {name: field.value.strip() for name, field in given}

    def on_mount(self) -> None:
        self._show()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._show()

    def _show(self) -> None:
        self.query_one("#template", Words).write(safe.block(self._template.said(self.values)))

    def on_key(self, event: events.Key) -> None:
        fields = self.fields
        here = next((n for n, field in enumerate(fields) if field.has_focus), 0)
        if event.key == "escape":
            self.answer(None)
        elif event.key in ("tab", "down"):
            self.set_focus(fields[(here + 1) % len(fields)])
        elif event.key in ("shift+tab", "up"):
            self.set_focus(fields[here - 1])
        elif event.key == "enter":
            after = [*fields[here + 1 :], *fields[: here + 1]]
            empty = next((field for field in after if not field.value.strip()), None)
            if empty is None:
                self.answer(self.values)
            else:
                self.set_focus(empty)
        else:
            return
        event.stop()
