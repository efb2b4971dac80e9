"""Make or change a canned reply."""

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from pfinbox.domain.text import canned
from pfinbox.domain.text.cleaning import clean
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store.rows import CannedRow
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import FilterField
from pfinbox.tui.widgets.words import Words


@record
class Edited:
    """What to store; an empty text with an id removes that one."""

    name: str
    text: str
    id: int | None = None
    own: bool = False


class CannedEditor(Dialog[Edited]):
    """Its name and its text. A place that means nothing is said here, and nothing is stored."""

    def __init__(self, row: CannedRow | None = None, text: str = "") -> None:
        title = _("Change a canned reply") if row else _("A new canned reply")
        super().__init__(Content(title))
        self._row = row
        self._text = row.text if row else text
        self._own = row.own if row else False

    def body(self) -> list[Widget]:
        name = FilterField(
            ("enter", "escape", "ctrl+o"),
            value=self._row.name if self._row else "",
            placeholder=_("name, or folder/name"),
        )
        area = TextArea(
            clean(self._text),
            id="canned-text",
            soft_wrap=True,
            compact=True,
            highlight_cursor_line=False,
        )
        places = Content(" ".join(f"{{{{{n}}}}}" for n in canned.NAMES))
        return [
            name,
            Words(self._show_whose, id="whose"),
            area,
            Static(places, classes="dialog-aside"),
        ]

    def hints(self) -> Content:
        remove = _(" · ctrl+d remove") if self._row else ""
        return Content(_("tab name or text · ^o whose · ^s keep · esc leave") + remove)

    def _show_whose(self) -> None:
        words = _("  for me alone") if self._own else _("  for all agents")
        self.query_one("#whose", Words).write(Content.styled(words, "$foreground-muted"))

    def on_mount(self) -> None:
        self._show_whose()

    @property
    def area(self) -> TextArea:
        return self.query_one(TextArea)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.answer(None)
        elif event.key == "ctrl+s":
            self._keep()
        elif event.key == "ctrl+o":
            self._own = not self._own
            self._show_whose()
        elif event.key == "ctrl+d" and self._row is not None:
            self.answer(Edited(self._row.name, "", self._row.id))
        elif event.key == "enter" and self.focused is not self.area:
            self.set_focus(self.area)
        else:
            return
        event.stop()

    def _keep(self) -> None:
        name, text = self.query_one(Input).value, self.area.text
        try:
            canned.check(text)
            if not name.strip() or not text.strip():
                raise UsageError(_("a canned reply needs a name and a text"))
        except UsageError as error:
            hint = safe.line(str(error), "bold")
            self.query_one(".dialog-hints", Static).update(hint)
            return
        self.answer(Edited(name, text, self._row.id if self._row else None, self._own))
