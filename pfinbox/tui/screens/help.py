"""The keys, from the command table."""

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.tui.commands import groups
from pfinbox.tui.keymap import Keymap, spelled
from pfinbox.tui.screens.dialog import Dialog


class HelpScreen(Dialog[None]):
    """All commands with the keys that this agent has for them."""

    def __init__(self, keymap: Keymap) -> None:
        super().__init__(Content(_("Keys")))
        self.keymap = keymap

    def body(self) -> list[Widget]:
        return [VerticalScroll(Static(self._table()), id="help")]

    def hints(self) -> Content:
        return Content(_("j k scroll · esc close · : types any command by its name"))

    def on_mount(self) -> None:
        self.query_one("#help").focus()

    def _table(self) -> Content:
        lines: list[Content] = []
        for group, heading in groups().items():
            lines += [Content(""), Content.styled(f"  {heading}", "bold $text-primary")]
            for command in self.keymap.commands.values():
                if command.group != group:
                    continue
                keys = self.keymap.keys[command.name]
                shown = "  ".join(spelled(key) for key in keys if key.isascii()) or "—"
                name = f":{command.name}"
                if command.argument:
                    name += f" {command.argument.upper()}"
                lines.append(
                    Content.assemble(
                        (f"  {shown:<20}", "$text-accent"),
                        f"{command.help:<46}",
                        (f" {name}", "dim"),
                    )
                )
        return Content("\n").join(lines[1:])

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
