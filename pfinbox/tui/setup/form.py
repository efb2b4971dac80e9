"""A page of questions: one line each, checked when all are answered."""

from collections.abc import Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from pfinbox.domain.contract.setup import Question
from pfinbox.i18n import _
from pfinbox.tui.setup.page import Page
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import safe

_LEFT_TO_THE_PAGE = ("up", "down", "tab", "shift+tab", "enter", "escape")


class Line(Input):
    """A field for text; the keys that move between fields are the page's."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in _LEFT_TO_THE_PAGE:
            event.prevent_default()


class ChoiceField(Static, can_focus=True):
    """One of several values; the arrows and space go through them."""

    class Changed(Message):
        """Another value is chosen."""

    def __init__(self, choices: Sequence[tuple[str, str]], value: str) -> None:
        super().__init__(classes="choice")
        self.choices = choices
        values = [one for one, _words in choices]
        self.number = values.index(value) if value in values else 0

    @property
    def value(self) -> str:
        return self.choices[self.number][0]

    def on_mount(self) -> None:
        self.step(0)

    def step(self, step: int) -> None:
        self.number = (self.number + step) % len(self.choices)
        words = Content(self.choices[self.number][1])
        self.update(Content.assemble("‹ ", words, " ›"))

    def on_key(self, event: events.Key) -> None:
        if event.key in ("left", "right", "space"):
            self.step(-1 if event.key == "left" else 1)
            event.stop()

    def on_click(self) -> None:
        self.step(1)


class Field(Horizontal):
    """A question's label and what is answered to it."""

    class Looked(Message):
        """The cursor has come to this field."""

    def __init__(self, question: Question, value: str, *, hidden: bool) -> None:
        super().__init__(classes="field")
        self.question = question
        self.field: Input | ChoiceField
        if question.kind == "choice":
            self.field = ChoiceField(question.choices, value)
        else:
            self.field = Line(value=value, password=hidden, compact=True, select_on_focus=hidden)

    def compose(self) -> ComposeResult:
        yield Static(Content(self.question.label), classes="field-label")
        yield self.field

    @property
    def value(self) -> str:
        return self.field.value

    def on_descendant_focus(self) -> None:
        post_message(self, self.Looked())


class Form(Page):
    """Answers with a mapping from the questions' names to texts. ``hidden``: nobody may look."""

    def __init__(
        self,
        title: Content,
        questions: Sequence[Question],
        given: Mapping[str, str],
        *,
        note: str = "",
        hidden: bool = False,
        problem: str = "",
    ) -> None:
        super().__init__(title)
        self.note = note
        self.fields = [
            Field(one, given.get(one.name, one.default), hidden=hidden) for one in questions
        ]
        self._problem = problem
        # What was answered when that was said.
        self._wrong_values = self._values()

    def _values(self) -> list[str]:
        return [one.value for one in self.fields]

    def body(self) -> list[Widget]:
        widgets: list[Widget] = []
        if self.note:
            widgets.append(Static(safe.block(self.note), classes="setup-words setup-note"))
        return [
            *widgets,
            VerticalScroll(*self.fields, classes="fields", can_focus=False),
            Static(classes="setup-help"),
        ]

    def hints(self) -> Content:
        if any(one.question.kind == "choice" for one in self.fields):
            return Content(_("↑↓ field · ←→ choose · enter go on · esc back"))
        return Content(_("enter go on · esc back"))

    def start(self) -> None:
        empty = [one for one in self.fields if not one.value.strip()]
        (empty or self.fields)[0].field.focus()
        if self._problem:
            self.say(self._problem)

    @property
    def at(self) -> int:
        """The number of the field with the cursor."""
        found = [n for n, one in enumerate(self.fields) if one.field.has_focus]
        return found[0] if found else 0

    def say(self, problem: str) -> None:
        """What is wrong, in place of the field's help."""
        self._problem, self._wrong_values = problem, self._values()
        words = self.fields[self.at].question.help
        shown = safe.block(problem) if problem else Content(words)
        bottom = self.query_one(".setup-help", Static)
        bottom.set_class(bool(problem), "-wrong")
        bottom.update(shown)

    def on_field_looked(self, message: Field.Looked) -> None:
        message.stop()
        self.say(self._problem)

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        # Textual tells of the first values, too.
        if self._problem and self._values() != self._wrong_values:
            self.say("")

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.answer(None)
        elif event.key == "enter":
            self._go_on()
        elif event.key in ("up", "shift+tab"):
            self._to(self.at - 1)
        elif event.key in ("down", "tab"):
            self._to(self.at + 1)
        else:
            return
        event.stop()
        event.prevent_default()

    def _to(self, number: int) -> None:
        self._problem = ""
        self.fields[number % len(self.fields)].field.focus()
        self.call_later(self.say, "")

    def _go_on(self) -> None:
        """To the next field that is still empty; from the last of them on to the next page."""
        at = self.at
        if problem := self._wrong(at):
            self.say(problem)
            return
        for number in range(at + 1, len(self.fields)):
            if not self.fields[number].value.strip():
                self._to(number)
                return
        for number in range(len(self.fields)):
            if problem := self._wrong(number):
                self.fields[number].field.focus()
                self._problem = problem
                self.call_later(self.say, problem)
                return
        self.answer({one.question.name: one.value for one in self.fields})

    def _wrong(self, number: int) -> str | None:
        return self.fields[number].question.problem(self.fields[number].value)
