"""What stops when the program ends, and whether to end it all the same."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.widgets.pick_list import Item


class Quitting(Choose):
    """True: quit. A second ctrl+q says so too."""

    def __init__(self, stops: str) -> None:
        items = [Item(Content(_("Quit")), True), Item(Content(_("Stay")), False)]
        super().__init__(Content(stops), items)
