"""What each of several tasks has, and what all of them shall have: marks over a choice."""

from collections import Counter
from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.record import record

V = TypeVar("V", bound=Hashable)


@record
class Marked(Generic[V]):
    """The values that come to the tasks, and those that leave them."""

    add: tuple[V, ...]
    remove: tuple[V, ...]


class Marks(Generic[V]):
    """``held``: the values of each task; what is not marked anew stays as it is."""

    def __init__(self, held: Collection[Collection[V]]) -> None:
        self._tasks = len(held)
        self._on: Counter[V] = Counter(value for values in held for value in set(values))
        # True: all tasks shall have it, False: none.
        self._wanted: dict[V, bool] = {}

    @property
    def on(self) -> list[V]:
        """What any task has."""
        return list(self._on)

    @property
    def new(self) -> list[V]:
        """What is marked and no task has."""
        return [value for value in self._wanted if value not in self._on]

    def __contains__(self, value: V) -> bool:
        return value in self._wanted

    def toggle(self, value: V) -> None:
        """On all of them, then on none, then as it was."""
        on, wanted = self._on[value], self._wanted.get(value)
        if wanted is None:
            self._wanted[value] = on < self._tasks
        elif wanted and on:
            self._wanted[value] = False
        else:
            del self._wanted[value]

    def want(self, value: V, *, wanted: bool) -> None:
        """On all tasks, or on none; where that is so, nothing is to do."""
        self._wanted.pop(value, None)
        if self._on[value] != (self._tasks if wanted else 0):
            self._wanted[value] = wanted

    def checked(self, value: V) -> bool:
        """Whether all tasks have it, or shall."""
        return self._wanted.get(value, self._on[value] == self._tasks)

    def words(self, value: V) -> Content | None:
        """What becomes of it, or how many of the tasks have it; None where nothing is to say."""
        on, wanted = self._on[value], self._wanted.get(value)
        if wanted is not None:
            return (
                Content.styled(_("is added"), "$text-success")
                if wanted
                else Content.styled(_("is taken off"), "$text-error")
            )
        if 0 < on < self._tasks:
            words = _("on {n} of {all}").format(n=on, all=self._tasks)
            return Content.styled(words, "$foreground-muted")
        return None

    @property
    def marked(self) -> Marked[V]:
        """What was decided."""
        return Marked(
            tuple(value for value, wanted in self._wanted.items() if wanted),
            tuple(value for value, wanted in self._wanted.items() if not wanted),
        )
