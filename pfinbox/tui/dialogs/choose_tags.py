"""Choose tags: those that exist complete what is typed, and a new one is a line like them."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.domain.text.tags import tag_name
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import MOVES, FilterField, Item, PickList


@record
class Tagging:
    """The tags to add, and those to take off."""

    add: tuple[str, ...]
    remove: tuple[str, ...]


class ChooseTags(Choose):
    """Space marks a tag or takes its mark away, so that several can be typed one after another.

    Enter is done; where a tag was looked for, by typing or with the arrows, it is added, too (R47).
    A tag is only taken off where its mark is taken away, or ``-`` is typed before it.
    """

    def __init__(
        self,
        title: Content,
        held: Sequence[tuple[str, ...]],
        known: Callable[[], Awaitable[Sequence[str]]],
    ) -> None:
        """``held``: the tags of each task that is changed; ``known`` brings those that exist."""

        async def load() -> Sequence[Item]:
            return [Item(safe.line(tag), tag) for tag in await known()]

        super().__init__(title, load=load, placeholder=_("a tag, also a new one"))
        self._tasks = len(held)
        self._on: Counter[str] = Counter(tag for tags in held for tag in set(tags))
        # True: to be added, False: to be taken off; what is not in it stays as it is.
        self._wanted: dict[str, bool] = {}
        # The arrows have led to the tag under the cursor.
        self._moved = False

    def body(self) -> list[Widget]:
        passed = (*MOVES, "enter", "escape", "tab", "space")
        return [FilterField(passed, value=self._typed, placeholder=self._placeholder), PickList()]

    def hints(self) -> Content:
        return Content(_("space mark · enter done · -tag takes off · esc leave"))

    # --- what is shown --------------------------------------------------------------------------

    def filter(self, typed: str) -> None:
        """Tags that fit, those of the tasks first; the cursor is on what enter would take."""
        self._typed = typed
        name = tag_name(typed.strip().lstrip("-"))
        on = sorted(self._on)
        others = sorted({item.value for item in self._items} - set(on))
        made = sorted(tag for tag in self._wanted if tag not in on and tag not in others)
        tags = [*on, *made, *others]
        new = bool(name) and name not in tags and not typed.startswith("-")
        items = [self._item(tag) for tag in tags]
        if new:
            items.append(
                Item(safe.line(name), name, Content.styled(_("a new tag"), "$foreground-muted"))
            )
        self.pick_list.show(items)
        if self.pick_list.set_filter(name):
            self._moved = False
        if name:
            begin = [tag for tag in tags if tag.startswith(name)]
            best = name if name in tags else next(iter(begin), name)
            if not self._moved:
                self.pick_list.put_cursor(best)

    def _item(self, tag: str) -> Item:
        on, wanted = self._on[tag], self._wanted.get(tag)
        aside = Content("")
        if wanted is True:
            aside = Content.styled(_("is added"), "$text-success")
        elif wanted is False:
            aside = Content.styled(_("is taken off"), "$text-error")
        elif 0 < on < self._tasks:
            words = _("on {n} of {all}").format(n=on, all=self._tasks)
            aside = Content.styled(words, "$foreground-muted")
        checked = on == self._tasks if wanted is None else wanted
        return Item(safe.line(tag), tag, aside, checked)

    # --- keys -----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        field = self.query_one(Input)
        if event.key in ("enter", "space", "tab"):
            # What was typed last may still be on its way as a message.
            self.filter(field.value)
            if event.key == "enter":
                self._done()
            else:
                self._toggle(self.pick_list.value)
        elif event.key == "escape":
            self.answer(None)
        elif self.pick_list.moved_by(event.key):
            self._moved = True
        else:
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self._toggle(message.value)

    def _toggle(self, tag: str | None) -> None:
        """A tag that was typed is added; another one is marked, or its mark is taken away."""
        if tag is None:
            return
        on, wanted = self._on[tag], self._wanted.get(tag)
        if self._typed.strip():
            self._want(tag, wanted=not self._typed.startswith("-"))
        elif wanted is None:
            self._wanted[tag] = on < self._tasks
        elif wanted and on:
            self._wanted[tag] = False
        else:
            del self._wanted[tag]
        self._clear()
        self.pick_list.put_cursor(tag)

    def _want(self, tag: str, *, wanted: bool) -> None:
        """The tag shall be on all the tasks, or on none; where that is so, nothing is to do."""
        self._wanted.pop(tag, None)
        if self._on[tag] != (self._tasks if wanted else 0):
            self._wanted[tag] = wanted

    def _clear(self) -> None:
        field = self.query_one(Input)
        field.value, self._moved = "", False
        self.filter("")

    def _done(self) -> None:
        tag = self.pick_list.value
        if self._typed.strip() and tag is None:
            # What was looked for is not here: nothing is settled by that.
            return
        if tag is not None and (self._typed.strip() or self._moved) and tag not in self._wanted:
            self._want(tag, wanted=not self._typed.startswith("-"))
        self.answer(
            Tagging(
                tuple(tag for tag, wanted in self._wanted.items() if wanted),
                tuple(tag for tag, wanted in self._wanted.items() if not wanted),
            )
        )
