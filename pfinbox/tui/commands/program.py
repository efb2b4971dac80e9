"""The program itself: search, command line, help, palette, panes, settings, colours, the end."""

from pfinbox.tui.commands.family import Family
from pfinbox.tui.main.layout import STEP
from pfinbox.tui.settings.choose_theme import ChooseTheme
from pfinbox.tui.settings.themes import OWN
from pfinbox.tui.shell.command import COMPOSER, LIST


class ProgramCommands(Family):
    """Commands that are about no task."""

    def search(self, argument: str = "") -> None:
        self.layout.show_pane(LIST)
        self.layout.list_pane.open_search(argument)

    def command_line(self, argument: str = "") -> None:
        self.layout.open_command_line()

    def help(self, argument: str = "") -> None:
        self.context.open_help(self.layout.place)

    def writing_keys(self, argument: str = "") -> None:
        self.context.open_help(COMPOSER)

    def palette(self, argument: str = "") -> None:
        self.context.open_palette()

    def settings(self, argument: str = "") -> None:
        """What this agent may set for itself."""
        self.context.open_settings()

    def quit(self, argument: str = "") -> None:
        self.context.ask_to_quit()

    # --- how it looks ---------------------------------------------------------------------------

    def zoom(self, argument: str = "") -> None:
        self.layout.zoom()

    def wider(self, argument: str = "") -> None:
        self._share_room(STEP)

    def narrower(self, argument: str = "") -> None:
        self._share_room(-STEP)

    def _share_room(self, step: int) -> None:
        self.layout.list_share += step
        self.context.remember(list_share=self.layout.list_share)

    def theme(self, argument: str = "") -> None:
        """Choose a theme for now and for the next time."""
        app = self.layout.app
        # Our own first: they are made for this screen.
        own = {theme.name for theme in OWN}
        names = sorted(app.available_themes, key=lambda name: (name not in own, name))
        worn = app.theme

        def chosen(name: str | None) -> None:
            app.theme = name or worn
            if name is not None:
                self.context.remember(theme=name)

        if argument in names:
            chosen(argument)
        else:
            self.push(ChooseTheme(names, worn, argument), chosen)
