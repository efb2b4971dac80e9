"""What widgets may ask of the app they live in."""

from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.dom import DOMNode

from pfinbox.record import record
from pfinbox.tui.shell.keymap import Keymap
from pfinbox.tui.shell.machine import Machine
from pfinbox.wording.times import Clock

if TYPE_CHECKING:
    from pfinbox.services.inbox import Inbox


@record
class Notices:
    """``how`` a new message is told (``bell.HOW``); not in ``hours``, such as 20:00-08:00."""

    how: str
    hours: str = ""


class Context(Protocol):
    """What the app lends to its widgets: the inbox, the time, the keys."""

    inbox: "Inbox"
    agent_name: str
    keymap: Keymap
    undo_seconds: float
    # How long the cursor stays on a task before its conversation is read.
    rest_seconds: float
    read_after: float
    notices: Notices
    machine: Machine

    @property
    def keys_waiting(self) -> bool:
        """Whether a typed key is being handled or waits for its turn."""

    def present(self) -> Clock:
        """The time now and the zone to show times in."""

    def hold_keys(self, why: str, patience: float = ...) -> None:
        """Let typed keys wait for a result that decides where they go."""

    def release_keys(self, why: str) -> None:
        """The keys go on."""

    def drop_keys(self, why: str | None = None) -> None:
        """Keys waited for what does not come, or what comes up was not to be foreseen (None)."""

    def holding(self, why: str) -> bool:
        """Whether the keys still wait for this result; else it comes too late to move them."""

    def say(self, sentence: str, *, trouble: bool = False) -> None:
        """Show a sentence for a moment; it may hold text from outside."""

    def ring(self, unread: int, words: str) -> None:
        """Tell outside the screen how much is unread, and in ``words`` what has just come."""

    def set_notices(self, notices: Notices) -> None:
        """From now on, and the next time too."""

    def remember(self, **values: Any) -> None:
        """Keep how the screen shall look the next time."""

    def run_command(self, name: str) -> None:
        """Do a command of the main screen, from a screen over it."""

    def open_palette(self) -> None:
        """Let the agent find a command by typing."""

    def open_help(self, place: str) -> None:
        """Show the keys, those of this place first."""

    def open_settings(self) -> None:
        """Show what this agent may set."""

    def ask_to_quit(self) -> None:
        """End the program; where something stops with it, only if the agent agrees."""

    def copy_to_clipboard(self, text: str) -> None: ...


def context(node: DOMNode) -> Context:
    """The context of a mounted widget or screen."""
    return cast(Context, node.app)
