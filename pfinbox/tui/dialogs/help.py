"""The keys, from the command table."""

from collections.abc import Iterable, Sequence

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.store.rows import AccountRow
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell.command import groups
from pfinbox.tui.shell.keymap import Keymap, spelled
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
        *channels.items(),
    ]


class HelpScreen(Dialog[None]):
    """All commands with the keys that this agent has for them."""

    def __init__(self, keymap: Keymap, accounts: Sequence[AccountRow]) -> None:
        super().__init__(Content(_("Keys")))
        self.keymap = keymap
        self.accounts = accounts

    def body(self) -> list[Widget]:
        return [VerticalScroll(Static(), id="help")]

    def hints(self) -> Content:
        return Content(_("j k scroll · esc close · : types any command by its name"))

    def on_mount(self) -> None:
        self.query_one("#help").focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        width = self.query_one("#help", VerticalScroll).scrollable_content_region.width
        self.query_one("#help Static", Static).update(self._table(width))

    def _table(self, width: int) -> Content:
        """Keys, what they do, and the names where there is room; no keys: the name instead."""
        commands = self.keymap.commands.values()
        keys = {command.name: self._keys(command.name) for command in commands}
        first = max(map(len, keys.values())) + 2
        second = max(len(command.help) for command in commands) + 2
        named = width >= 2 + first + second + max(len(command.name) + 1 for command in commands)
        lines: list[Content] = []
        for group, heading in groups().items():
            lines += [Content(""), Content.styled(f"  {heading}", "bold $text-primary")]
            for command in commands:
                if command.group != group:
                    continue
                name = f":{command.name}"
                shown = keys[command.name] or (name if not named else "—")
                if command.argument:
                    name += f" {command.argument.upper()}"
                lines.append(
                    Content.assemble(
                        (f"  {shown:<{first}}", "$text-accent"),
                        f"{command.help:<{second}}",
                        (name if named else "", "$foreground-muted"),
                    )
                )
        lines += [Content(""), Content.styled("  " + _("Signs"), "bold $text-primary")]
        for sign, meaning in signs(self.accounts):
            lines.append(Content.assemble((f"  {sign:<{first}}", "$text-accent"), meaning))
        return Content("\n").join(lines[1:])

    def _keys(self, name: str) -> str:
        return "  ".join(spelled(key) for key in self.keymap.keys[name] if key.isascii())

    def on_key(self, event: events.Key) -> None:
        scroll = self.query_one("#help", VerticalScroll)
        if event.key in ("escape", "enter", "q") or event.character == "?":
            self.answer(None)
        elif event.character in ("j", "о"):
            scroll.scroll_down(animate=False)
        elif event.character in ("k", "л"):
            scroll.scroll_up(animate=False)
        elif event.key == "space":
            scroll.scroll_page_down(animate=False)
        else:
            return
        event.stop()
