"""Choose a task by typing its number, its client or words of its title."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from textual import events
from textual.content import Content
from textual.widgets import Input

from pfinbox.store.rows import TaskRow
from pfinbox.tui import safe
from pfinbox.tui.screens.choose import Choose
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import status_name


def task_items(rows: Iterable[TaskRow]) -> list[Item]:
    """Lines to choose from; a finished task says so."""
    return [
        Item(
            Content.assemble(
                (f"#{row.id} ", "dim"),
                safe.line(row.contact.name if row.contact else "", "bold", 24),
                "  ",
                safe.line(row.title, limit=60),
            ),
            row.id,
            safe.line(status_name(row.status), "dim"),
        )
        for row in rows
    ]


class ChooseTask(Choose):
    """Answers with a number; one that is not in the list can be typed as well."""

    def __init__(
        self, title: Content, load: Callable[[], Awaitable[Sequence[Item]]], *, typed: str = ""
    ) -> None:
        super().__init__(title, load=load, typed=typed)

    def on_key(self, event: events.Key) -> None:
        typed = self.query_one(Input).value.strip().lstrip("#")
        if event.key == "enter" and typed.isascii() and typed.isdigit() and len(typed) < 15:
            event.stop()
            self.answer(int(typed))
        else:
            super().on_key(event)
