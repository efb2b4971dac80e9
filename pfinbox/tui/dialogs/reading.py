"""Show a text that is only to be read."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.tui.dialogs.ask import Ask


class Reading(Ask):
    """Only to be read."""

    def hints(self) -> Content:
        return Content(_("space page · esc leave"))
