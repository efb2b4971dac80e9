"""What tab goes on with: names of commands and their arguments, operators of the search."""

from collections.abc import Sequence

from pfinbox.domain.text.typing_query import days, following, value_begun
from pfinbox.services import queries
from pfinbox.store.rows import ContactRow, Vocabulary
from pfinbox.tui.inbox.views import SEARCH
from pfinbox.tui.main.layout import Layout
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.command_line import CommandLine
from pfinbox.tui.widgets.completion import CompletionField

# By command, what its argument is one of.
ARGUMENTS = {
    "assign": "agent",
    "status": "status",
    "tags": "tag",
    "invite": "account",
    "acknowledge": "account",
    "view": "view",
    "forget_search": "kept",
    "theme": "theme",
}
# The operators whose values are people.
PEOPLE = ("from", "to")
# So many contacts are looked at; whoever wants another one types on.
CONTACTS = 50


class Completing:
    """Lends the fields of the main screen what they offer; names are read when one is opened."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._names = Vocabulary()
        # Contacts that fit what is typed, and what that is.
        self._contacts: tuple[str, ...] = ()
        self._begun = ""

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

    @property
    def _fields(self) -> tuple[CompletionField, CompletionField]:
        return self._search_field, self._command_line

    def read_names(self) -> None:
        inbox = context(self.layout).inbox
        workers.ask(self.layout, "names", lambda: inbox.read(queries.vocabulary), self._know)

    def _know(self, names: Vocabulary) -> None:
        self._names = names
        for field in self._fields:
            field.offer()

    # --- contacts -------------------------------------------------------------------------------

    def _people(self, text: str) -> tuple[str, ...]:
        """Agents, then the contacts that fit what is typed, as soon as these are read."""
        begun, inbox = value_begun(text, PEOPLE), context(self.layout).inbox
        if begun != self._begun:
            self._begun = begun
            for field in self._fields:
                field.awaits = bool(begun)
            if begun:
                workers.ask(
                    self.layout,
                    "contacts",
                    lambda: inbox.read(queries.contacts, query=begun, limit=CONTACTS),
                    lambda rows: self._know_contacts(begun, rows),
                )
        return ("me", *self._names.agents, *(self._contacts if begun else ()))

    def _know_contacts(self, begun: str, rows: Sequence[ContactRow]) -> None:
        if begun == self._begun:
            self._contacts = tuple(dict.fromkeys(_in_query(row, begun) for row in rows))
            for field in self._fields:
                field.found()

    def failed(self, job: str) -> None:
        """Without contacts the fields offer what they have."""
        if job == "contacts":
            self._begun = ""
            for field in self._fields:
                field.found()

    # --- the search field -----------------------------------------------------------------------

    def query(self, text: str) -> tuple[str, Sequence[str]]:
        clock = context(self.layout).present()
        names, dates = self._names, days(clock.now.astimezone(clock.zone).date())
        people = self._people(text)
        return following(
            text,
            {
                **dict.fromkeys(PEOPLE, people),
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


def _in_query(row: ContactRow, begun: str) -> str:
    """What finds the contact: the name, or the address that is being typed."""
    values = (one.value for one in row.addresses if one.value.lower().startswith(begun))
    name = safe.line(row.name).plain.replace('"', " ").strip()
    return name if begun in name.lower() else next(values, name)
