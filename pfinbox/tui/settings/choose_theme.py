"""Choose the colours: the screen wears those under the cursor until some are taken."""

from collections.abc import Sequence

from textual import events
from textual.content import Content

from pfinbox.i18n import _
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.widgets.pick_list import Item


class ChooseTheme(Choose):
    """Answers with a theme's name; whoever asked gives back what was worn where it is None."""

    def __init__(self, names: Sequence[str], worn: str, typed: str) -> None:
        items = [Item(Content(name), name) for name in names]
        super().__init__(Content(_("Colours")), items, typed=typed)
        self._worn = worn
        self._begun = False

    def on_mount(self) -> None:
        self.call_later(self._begin)

    def _begin(self) -> None:
        """The items stand there."""
        if not self._typed:
            self.pick_list.put_cursor(self._worn)
        self._begun = True

    def on_key(self, event: events.Key) -> None:
        # Once the key has moved the cursor.
        self.call_later(self._wear)

    def filter(self, typed: str) -> None:
        super().filter(typed)
        self._wear()

    def _wear(self) -> None:
        name = self.pick_list.value
        if self._begun and self.is_current and name is not None and name != self.app.theme:
            self.app.theme = name
