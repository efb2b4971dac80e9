"""Choose a task by typing its number, its client or words of its title."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.store.rows import TaskRow
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import status_name


def task_items(rows: Iterable[TaskRow]) -> list[Item]:
    """Lines to choose from; a finished task says so."""
    return [
        Item(
            Content.assemble(
                (f"#{row.id} ", "$foreground-muted"),
                safe.line(row.contact.name if row.contact else "", "bold", 24),
                "  ",
                safe.line(row.title, limit=60),
            ),
            row.id,
            safe.line(status_name(row.status), "$foreground-muted"),
        )
        for row in rows
    ]


class ChooseTask(Choose):
    """Answers with a number. One that is typed is a line of the list, also where it was not in it:
    enter takes the line under the cursor and nothing else (R47).
    """

    def __init__(
        self, title: Content, load: Callable[[], Awaitable[Sequence[Item]]], *, typed: str = ""
    ) -> None:
        super().__init__(title, load=load, typed=typed)

    def filter(self, typed: str) -> None:
        digits = typed.strip().lstrip("#")
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 15 else None
        items = list(self._items)
        if number is not None and number not in [item.value for item in items]:
            words = _("the task with this number")
            items.append(
                Item(Content(f"#{number}"), number, Content.styled(words, "$foreground-muted"))
            )
        if [item.value for item in items] != [item.value for item in self.pick_list.items]:
            self.pick_list.show(items)
        new = self.pick_list.set_filter(typed)
        known = number in [item.value for item in self._items]
        if new and (known or typed.strip().startswith("#")):
            self.pick_list.put_cursor(number)
