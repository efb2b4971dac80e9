"""What tab goes on with: names of commands and their arguments, operators of the search."""

from collections.abc import Sequence

from pfinbox.domain.text.typing_query import days, following
from pfinbox.services import queries
from pfinbox.store.rows import Vocabulary
from pfinbox.tui.inbox.views import SEARCH
from pfinbox.tui.main.layout import Layout
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets.command_line import CommandLine
from pfinbox.tui.widgets.completion import CompletionField

# By command, what its argument is one of.
ARGUMENTS = {
    "assign": "agent",
    "status": "status",
    "tags": "tag",
    "invite": "account",
    "view": "view",
    "forget_search": "kept",
    "theme": "theme",
}


class Completing:
    """Lends the fields of the main screen what they offer; names are read when one is opened."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._names = Vocabulary()

    def begin(self) -> None:
        """The fields of the layout know from now on whom to ask."""
        self._search_field.following = self.query
        self._command_line.following = self.command

    @property
    def _search_field(self) -> CompletionField:
        return self.layout.list_pane.search_bar.field

    @property
    def _command_line(self) -> CommandLine:
        return self.layout.query_one(CommandLine)

    def read_names(self) -> None:
        inbox = context(self.layout).inbox
        workers.ask(self.layout, "names", lambda: inbox.read(queries.vocabulary), self._know)

    def _know(self, names: Vocabulary) -> None:
        self._names = names
        self._search_field.offer()
        self._command_line.offer()

    # --- the search field -----------------------------------------------------------------------

    def query(self, text: str) -> tuple[str, Sequence[str]]:
        clock = context(self.layout).present()
        names, dates = self._names, days(clock.now.astimezone(clock.zone).date())
        return following(
            text,
            {
                "from": ("me", *names.agents),
                "to": ("me", *names.agents),
                "channel": names.channels,
                "account": names.accounts,
                "tag": names.tags,
                "status": [name for name, _active in self.layout.statuses],
                "assignee": ("me", "none", *names.agents),
                "before": dates,
                "after": dates,
            },
        )

    # --- the command line -----------------------------------------------------------------------

    def command(self, text: str) -> tuple[str, Sequence[str]]:
        """Names of commands; behind one, what its argument may be."""
        name, blank, argument = text.lstrip(":").partition(" ")
        commands = context(self.layout).keymap.commands
        typed = name.replace("-", "_").lower()
        if not blank:
            names = sorted(known for known in commands if known.startswith(typed))
            return ":", [known.replace("_", "-") for known in names]
        if typed == "search":
            stands, offered = self.query(argument)
            return f":{name} {stands}", offered
        if typed not in commands or typed not in ARGUMENTS:
            return text, ()
        # Of several tags the last one is being typed, perhaps to be taken off.
        several = len(argument) - len(argument.rpartition(" ")[2].removeprefix("-"))
        stands = argument[:several] if typed == "tags" else ""
        begun = argument[len(stands) :]
        known = self._arguments(ARGUMENTS[typed])
        fitting = [one for one in known if one.lower().startswith(begun.lower())]
        return f":{name} {stands}", [one for one in fitting if one != begun]

    def _arguments(self, kind: str) -> Sequence[str]:
        layout, names = self.layout, self._names
        known: dict[str, Sequence[str]] = {
            "tag": names.tags,
            "agent": names.agents,
            "account": names.accounts,
            "status": [name for name, _active in layout.statuses],
            "theme": sorted(layout.app.available_themes),
            "view": layout.views_pane.views,
            "kept": [row.key.removeprefix(SEARCH) for row in layout.views_pane.saved],
        }
        return known[kind]
