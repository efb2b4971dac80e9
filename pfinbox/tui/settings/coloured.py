"""An app that wears our colours."""

from pfinbox.tui.settings import colours
from pfinbox.tui.shell.key_queue import KeyQueue


class Coloured(KeyQueue):
    """The stylesheets find every colour that they name."""

    def get_css_variables(self) -> dict[str, str]:
        return colours.complete(self.current_theme, super().get_css_variables())

    def refresh_css(self, animate: bool = True) -> None:
        """Colours for what is there; before the first screen, for what it will be made with."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())
