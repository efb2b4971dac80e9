"""Choose tags: those that exist complete what is typed, and a new one is a line like them."""

from collections.abc import Awaitable, Callable, Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.domain.text.tags import tag_name
from pfinbox.i18n import _
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.marks import Marks
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import MOVES, FilterField, Item, PickList


class ChooseTags(Choose):
    """Space marks a tag or takes its mark away, so that several can be typed one after another.

    Enter is done; where a tag was looked for, by typing or with the arrows, it is added, too (R47).
    A tag is only taken off where its mark is taken away, or ``-`` is typed before it. Answers with
    what is ``Marked``.
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
        self._marks = Marks(held)
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
        on, made = sorted(self._marks.on), sorted(self._marks.new)
        others = sorted({item.value for item in self._items} - {*on, *made})
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
        aside = self._marks.words(tag) or Content("")
        return Item(safe.line(tag), tag, aside, self._marks.checked(tag))

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
        if self._typed.strip():
            self._marks.want(tag, wanted=not self._typed.startswith("-"))
        else:
            self._marks.toggle(tag)
        self._clear()
        self.pick_list.put_cursor(tag)

    def _clear(self) -> None:
        field = self.query_one(Input)
        field.value, self._moved = "", False
        self.filter("")

    def _done(self) -> None:
        tag = self.pick_list.value
        if self._typed.strip() and tag is None:
            # What was looked for is not here: nothing is settled by that.
            return
        if tag is not None and (self._typed.strip() or self._moved) and tag not in self._marks:
            self._marks.want(tag, wanted=not self._typed.startswith("-"))
        self.answer(self._marks.marked)
