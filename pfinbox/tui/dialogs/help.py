"""The keys, from the command table."""

from collections.abc import Iterable, Sequence

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from pfinbox.domain.text.cleaning import fold
from pfinbox.i18n import _
from pfinbox.store.rows import AccountRow
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell.command import Command, first_groups, groups
from pfinbox.tui.shell.keymap import Keymap, spelled
from pfinbox.tui.widgets.pick_list import FilterField
from pfinbox.wording.names import channel_name


def signs(accounts: Iterable[AccountRow]) -> list[tuple[str, str]]:
    """What stands in the list where there is no room for a word; a sign for each channel."""
    channels = {row.sign: channel_name(row.channel) for row in accounts}
    return [
        ("●", _("New for you")),
        ("▌", _("Marked for the next command")),
        ("↳", _("We spoke last")),
        ("✎ ◉", _("A colleague answers it, or looks at it")),
        ("⏾", _("Hidden until then")),
        ("◔", _("For so long the client can still be answered")),
        *channels.items(),
    ]


class HelpScreen(Dialog[None]):
    """All commands with the keys that this agent has for them."""

    def __init__(self, keymap: Keymap, accounts: Sequence[AccountRow], place: str) -> None:
        """``place``: where the agent is; what is done there comes first."""
        super().__init__(Content(_("Keys")))
        self.place = place
        self.keymap = keymap
        self.accounts = accounts

    def body(self) -> list[Widget]:
        passed = ("up", "down", "pageup", "pagedown", "enter", "escape", "tab", "shift+tab")
        field = FilterField(passed, placeholder=_("type to filter"))
        return [field, VerticalScroll(Static(), id="help", can_focus=False)]

    def hints(self) -> Content:
        return Content(_("↑↓ scroll · esc close · : types any command by its name"))

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self.query_one("#help", VerticalScroll).scroll_to(y=0, animate=False)
        self._draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        width = self.query_one("#help", VerticalScroll).scrollable_content_region.width
        self.query_one("#help Static", Static).update(self._table(width))

    def _table(self, width: int) -> Content:
        """Keys, what they do, and the names where there is room; no keys: the name instead.

        Only what has all the words that were typed; its columns stay where they are by that.
        """
        commands = self.keymap.commands.values()
        keys = {command.name: self._keys(command.name) for command in commands}
        first = max(map(len, keys.values())) + 2
        second = max(len(command.help) for command in commands) + 2
        named = width >= 2 + first + second + max(len(command.name) + 1 for command in commands)

        def line(command: Command) -> Content:
            name = f":{command.name}"
            shown = keys[command.name] or (name if not named else "—")
            if command.argument:
                name += f" {command.argument.upper()}"
            return Content.assemble(
                (f"  {shown:<{first}}", "$text-accent"),
                f"{command.help:<{second}}" if named else command.help,
                (name if named else "", "$foreground-muted"),
            )

        lines: list[Content] = []
        named_groups, first_ones = groups(), first_groups(self.place)
        for group in dict.fromkeys((*first_ones, *named_groups)):
            heading = named_groups[group]
            of_group = [command for command in commands if command.group == group]
            texts = {c.name: (heading, keys[c.name], c.help, c.name) for c in of_group}
            found = [line(command) for command in of_group if self._fits(*texts[command.name])]
            lines += self._headed(heading, found)
        heading = _("Signs")
        lines += self._headed(
            heading,
            [
                Content.assemble((f"  {sign:<{first}}", "$text-accent"), meaning)
                for sign, meaning in signs(self.accounts)
                if self._fits(heading, sign, meaning)
            ],
        )
        if not lines:
            return Content("  " + _("No command has these words."))
        return Content("\n").join(lines[1:])

    def _fits(self, *texts: str) -> bool:
        text = fold(" ".join(texts)).replace("_", "-")
        typed = fold(self.query_one(FilterField).value).replace("_", "-")
        return all(word in text for word in typed.split())

    def _headed(self, heading: str, lines: list[Content]) -> list[Content]:
        """The lines under their heading; without any there is none."""
        title = Content.styled(f"  {heading}", "bold $text-primary")
        return [Content(""), title, *lines] if lines else []

    def _keys(self, name: str) -> str:
        return "  ".join(spelled(key) for key in self.keymap.keys[name] if key.isascii())

    def on_key(self, event: events.Key) -> None:
        scroll = self.query_one("#help", VerticalScroll)
        moves = {
            "up": scroll.scroll_up,
            "down": scroll.scroll_down,
            "pageup": scroll.scroll_page_up,
            "pagedown": scroll.scroll_page_down,
        }
        if event.key in moves:
            moves[event.key](animate=False)
        elif event.key in ("escape", "enter"):
            self.answer(None)
        elif event.key not in ("tab", "shift+tab"):
            return
        event.stop()
