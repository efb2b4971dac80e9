"""Choose a moment: one of a few that are often meant, or one typed in words (R18, R35)."""

from datetime import datetime

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.domain.text.cleaning import fold
from pfinbox.domain.text.moments.when import parse_when
from pfinbox.errors import PfinboxError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import FilterField, Item, PickList
from pfinbox.tui.widgets.words import Words

NOW = "now"


@record
class Moment:
    """``when`` None: now. ``anyway``: also if the client writes before."""

    when: datetime | None
    anyway: bool = False


class ChooseMoment(Dialog[Moment]):
    """What is typed is shown as the moment that it means, before it is chosen."""

    def __init__(
        self, title: Content, *, now: str = "", anyway: bool | None = None, typed: str = ""
    ) -> None:
        """``now`` is said for the answer that waits for no moment, where there is one. ``anyway``:
        whether a comment goes out even if the client writes before; None: nothing is sent.
        """
        super().__init__(title)
        self._now = now
        self._anyway = anyway
        self._prefilled = typed
        # What the moments shown belong to; they stay while it is the same.
        self._typed: str | None = None

    def body(self) -> list[Widget]:
        passed = ("up", "down", "enter", "escape", "tab", "ctrl+o", "ctrl+l")
        example = _("tomorrow 9:00, mon 14:30, in 2h")
        field = FilterField(passed, value=self._prefilled, placeholder=example)
        return [field, PickList(), Words(id="moment-trouble"), Words(id="ways")]

    def hints(self) -> Content:
        if self._anyway is None:
            return Content(_("type it, or ↑↓ choose · enter done · esc leave"))
        return Content(_("type it, or ↑↓ choose · ^o if the client writes · enter done"))

    @property
    def pick_list(self) -> PickList:
        return self.query_one(PickList)

    def on_mount(self) -> None:
        self.query_one("#ways").display = self._anyway is not None
        self._show()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._show()

    def _show(self) -> None:
        self._offer()
        if self._anyway is not None:
            if self._anyway:
                words = _("it goes out even if the client writes before")
            else:
                words = _("it is held back if the client writes before")
            self.query_one("#ways", Words).write(Content(words))

    def _offer(self) -> None:
        """The moments to choose from: not others because time goes on (R47)."""
        typed = self.query_one(Input).value.strip()
        if typed == self._typed:
            return
        self._typed = typed
        trouble = ""
        try:
            items = [self._meant(typed)] if typed else self._usual()
        except PfinboxError as error:
            # The beginning of one that is offered is no mistake yet.
            items = [item for item in self._usual() if fold(typed) in fold(item.label.plain)]
            trouble = "" if items else str(error)
        picks = self.pick_list
        picks.show(items)
        picks.display = not trouble
        said = self.query_one("#moment-trouble", Words)
        said.write(safe.line(trouble))
        said.display = bool(trouble)

    def _usual(self) -> list[Item]:
        clock = context(self).present()
        presets = clock.snooze_presets()
        items = [
            Item(Content(name), at, Content.styled(clock.date(at), "$foreground-muted"))
            for name, at in presets
        ]
        return [*items, Item(Content(self._now), NOW)] if self._now else items

    def _meant(self, typed: str) -> Item:
        clock = context(self).present()
        when = parse_when(typed, clock.now, clock.zone)
        ahead = Content.styled(clock.ahead(when), "$foreground-muted")
        return Item(Content(clock.date(when)), when, ahead)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.answer(None)
        elif event.key == "enter":
            # What was typed last may still be on its way as a message.
            self._show()
            self._choose(self.pick_list.value)
        elif event.key in ("up", "down"):
            self.pick_list.move(-1 if event.key == "up" else 1)
        elif event.key == "ctrl+o" and self._anyway is not None:
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
            self.answer(Moment(value, bool(self._anyway)))
