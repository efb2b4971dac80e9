"""Choose a moment: one of a few that are often meant, or one typed in words (R18)."""

from dataclasses import dataclass
from datetime import datetime

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.domain.text.when import parse_when
from pfinbox.errors import PfinboxError
from pfinbox.i18n import _
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets.pick_list import FilterField, Item, PickList
from pfinbox.tui.widgets.words import Words

NOW = "now"


@dataclass(frozen=True, slots=True)
class Moment:
    """``when`` None: now. ``anyway``: also if the client writes before."""

    when: datetime | None
    anyway: bool = False


class ChooseMoment(Dialog[Moment]):
    """What is typed is shown as the moment that it means, before it is chosen."""

    def __init__(self, title: Content, *, sending: Moment | None = None) -> None:
        super().__init__(title)
        # Of a comment being written; None: only the moment is asked for.
        self._sending = sending
        self._anyway = sending.anyway if sending is not None else False
        # What the moments shown belong to; they stay while it is the same.
        self._typed: str | None = None

    def body(self) -> list[Widget]:
        passed = ("up", "down", "enter", "escape", "tab", "ctrl+o", "ctrl+l")
        example = _("tomorrow 9:00, mon 14:30, in 2h")
        return [FilterField(passed, placeholder=example), PickList(), Words(id="ways")]

    def hints(self) -> Content:
        if self._sending is None:
            return Content(_("type it, or ↑↓ choose · enter done · esc leave"))
        return Content(_("type it, or ↑↓ choose · ^o if the client writes · enter done"))

    @property
    def pick_list(self) -> PickList:
        return self.query_one(PickList)

    def on_mount(self) -> None:
        self._show()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._show()

    def _show(self) -> None:
        self._offer()
        if self._sending is not None:
            if self._anyway:
                words = _("it goes out even if the client writes before")
            else:
                words = _("it is held back if the client writes before")
            self.query_one("#ways", Words).write(Content.styled(words, "dim"))

    def _offer(self) -> None:
        """The moments to choose from: not others because time goes on (R47)."""
        clock, typed = context(self).present(), self.query_one(Input).value.strip()
        if typed == self._typed:
            return
        self._typed = typed
        if typed:
            try:
                when = parse_when(typed, clock.now, clock.zone)
                items = [Item(Content(clock.moment(when)), when)]
            except PfinboxError as error:
                items = [Item(Content(str(error)))]
        else:
            presets = clock.snooze_presets()
            items = [Item(Content(name), at, Content(clock.moment(at))) for name, at in presets]
            if self._sending is not None:
                items.append(Item(Content(_("now")), NOW))
        self.pick_list.show(items)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.answer(None)
        elif event.key == "enter":
            # What was typed last may still be on its way as a message.
            self._show()
            self._choose(self.pick_list.value)
        elif event.key in ("up", "down"):
            self.pick_list.move(-1 if event.key == "up" else 1)
        elif event.key == "ctrl+o" and self._sending is not None:
            self._anyway = not self._anyway
            self._show()
        elif event.key not in ("tab", "ctrl+l"):
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self._choose(message.value)

    def _choose(self, value: object) -> None:
        if value == NOW:
            self.answer(Moment(None))
        elif isinstance(value, datetime):
            self.answer(Moment(value, self._anyway))
