"""Which command a key means in which place; sequences such as ``g t`` included."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from textual import events

from pfinbox.errors import ConfigError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.tui.shell.command import Command


@record
class Found:
    """A command, or only the beginning of a sequence."""

    command: str | None
    prefix: str = ""


class Keymap:
    """The command table with the agent's own keys; ``rebound`` maps command names to keys.

    ``without``: commands that there are not for this agent.
    """

    def __init__(
        self,
        commands: Iterable[Command],
        rebound: Mapping[str, str | Sequence[str]] | None = None,
        without: Collection[str] = (),
    ) -> None:
        self.commands: dict[str, Command] = {command.name: command for command in commands}
        self.keys: dict[str, tuple[str, ...]] = {
            name: command.keys for name, command in self.commands.items()
        }
        for name, keys in (rebound or {}).items():
            if name not in self.commands:
                raise ConfigError(_("[keys]: there is no command {name}").format(name=name))
            # A string holds alternatives with commas: "j, down"; "," alone is the comma key.
            parts = keys.split(",") if isinstance(keys, str) and keys != "," else list(keys)
            self.keys[name] = tuple(part.strip() for part in parts if part.strip())
        for name in without:
            del self.commands[name], self.keys[name]
        self._places: dict[str, dict[str, str]] = {}
        for name, command in self.commands.items():
            for place in command.where:
                for key in self.keys[name]:
                    # A rebound key wins over another command's default.
                    table = self._places.setdefault(place, {})
                    if key not in table or name in (rebound or {}):
                        table[key] = name

    def find(self, place: str, token: str, prefix: str = "") -> Found | None:
        """What ``token`` means in ``place`` after ``prefix``."""
        table = self._places.get(place, {})
        typed = f"{prefix} {token}" if prefix else token
        if typed in table:
            return Found(table[typed])
        if any(key.startswith(f"{typed} ") for key in table):
            return Found(None, typed)
        return None

    def shown(self, name: str) -> str:
        """The key to print for a command, "" when it has none."""
        keys = self.keys.get(name, ())
        return next((key for key in keys if key.isascii()), keys[0] if keys else "")


def token(event: events.Key) -> str:
    """A key as the table writes it: the character where there is one, else Textual's name."""
    if event.key == "space":
        return "space"
    if event.is_printable and event.character:
        return event.character
    return event.key


_SHORT = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup"}


def spelled(key: str) -> str:
    """A key as a person reads it: ``^s``, ``g t``, ``enter``."""
    return " ".join(
        f"^{part.removeprefix('ctrl+')}" if part.startswith("ctrl+") else _SHORT.get(part, part)
        for part in key.split()
    )
