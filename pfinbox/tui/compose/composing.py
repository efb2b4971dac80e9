"""What is being written, in which mode, and what of the conversation the agent has seen.

Opening never waits: what the store knows (draft, whom to notify, the plan) comes later, and never
in place of what was typed meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from textual.containers import Vertical
from textual.message import Message

from pfinbox.domain.model import Who
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan
from pfinbox.i18n import _
from pfinbox.services.tasks import drafts
from pfinbox.store.rows import CommentRow, DraftRow, TaskRow
from pfinbox.tui.compose.draft_keeper import DraftKeeper
from pfinbox.tui.compose.writing import Mode, Writing
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets.text_box import TextBox

# News count as seen when they have been on the screen for so long.
A_LOOK = timedelta(seconds=2)


class Composing(Vertical):
    """The state of the composer; :class:`Composer` adds the text, the files and the sending."""

    @dataclass
    class DraftRead(Message):
        writing: Writing
        row: DraftRow | None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.writing: Writing | None = None
        self.plan: DeliveryPlan | None = None
        self.names: dict[Who, str] = {}
        # The last comment that the agent has seen; None until the task is read.
        self.seen: int | None = None
        # What has come since: id of the last comment, and when it came on the screen.
        self.news: tuple[int, datetime] | None = None
        # The task as it is on the screen, where it was read since the writing began.
        self.shown_task: TaskRow | None = None
        # What can be quoted: the comments on the screen.
        self.comments: tuple[CommentRow, ...] = ()
        self._draft_known = False
        # A look-up failed that what is being written waits for.
        self._missing = False

    def on_mount(self) -> None:
        self.drafts = DraftKeeper(self)

    @property
    def box(self) -> TextBox:
        return self.query_one(TextBox)

    def show(self) -> None:
        """Draw again with what is known now."""

    def go_on(self) -> None:
        """Something became known that sending may have waited for."""

    def preselect(self) -> None:
        """Find whom it goes to, with what is known now."""

    # --- beginning and ending -------------------------------------------------------------------

    def begin(self, task_id: int, mode: Mode) -> None:
        """Write in this task from now on; what was being written elsewhere is kept."""
        self.keep()
        self.drafts.forget()
        self.writing = writing = Writing(task_id, mode)
        self.plan = self.seen = self.news = self.shown_task = None
        self._draft_known = False
        self.box.fix(False)
        self.box.load_text("")
        self._read_draft(writing)

    def _read_draft(self, writing: Writing) -> None:
        inbox = context(self).inbox
        workers.read(
            self,
            "draft to load",
            lambda: inbox.read(drafts.load, writing.task_id, writing.mode),
            lambda row: self.DraftRead(writing, row),
        )

    def on_failed(self, message: workers.Failed) -> None:
        """What could not be looked up is asked for again with the next news."""
        if message.job in ("draft to load", "preselect", "plan"):
            self._missing = True

    def catch_up(self) -> None:
        """The store answers: go on where it did not."""
        missing, self._missing = self._missing, False
        if not missing or self.writing is None:
            return
        if not self._draft_known:
            self._read_draft(self.writing)
        else:
            self.preselect()

    def end(self) -> None:
        """Nothing is being written any more."""
        self.drafts.forget()
        self.writing = self.plan = self.seen = self.news = None
        self.remove_class("-open")
        self.box.fix(False)
        self.box.load_text("")

    def keep(self) -> None:
        """Store the draft now."""
        if self.writing is not None and not self._draft_known:
            self.drafts.add(self.writing, self.box.text)
        else:
            self.changed()
            self.drafts.flush()

    def changed(self) -> None:
        """The text or a choice is another one: the draft follows."""
        # Before the draft is known, saving would overwrite it.
        if self.writing is not None and self._draft_known:
            self.drafts.changed(self.writing, self.box.text)

    def on_composing_draft_read(self, message: DraftRead) -> None:
        message.stop()
        writing = self.writing
        if writing is not message.writing:
            return
        self._draft_known = True
        self.drafts.begin(writing, message.row.text if message.row else "")
        if message.row is not None:
            self._take_over(writing, message.row)
        self.changed()
        self.preselect()
        self.show()

    def _take_over(self, writing: Writing, draft: DraftRow) -> None:
        """Take a draft over; what the agent typed or chose meanwhile stays, behind its words."""
        chosen, typed = writing.template, self.box.text
        writing.restore(draft.choices)
        if chosen is not None:
            words = draft.choices["own_text"] if "template" in draft.choices else draft.text
            writing.own_text = _one_below_other(words, writing.own_text)
        elif writing.template is not None:
            writing.own_text = _one_below_other(writing.own_text, typed)
            self.box.fix(True)
            self.box.put(draft.text)
        elif typed:
            self.box.put_before(draft.text)
        else:
            self.box.put(draft.text)

    # --- what the agent has before the eyes -----------------------------------------------------

    def known(
        self,
        task: TaskRow,
        answers: int | None,
        comments: tuple[CommentRow, ...],
        names: dict[Who, str],
        selected: bool,
    ) -> None:
        """These comments are on the screen; ``answers`` is replied to, quoted where selected."""
        writing = self.writing
        if writing is None or writing.task_id != task.id:
            return
        self.shown_task = task
        self.names |= names
        self.comments = comments
        self.catch_up()
        last = max((row.id for row in comments), default=0)
        if self.seen is None:
            self.seen = last
            if writing.mode == "reply":
                writing.answer_to(answers, selected=selected)
            self.preselect()
        elif last > self.seen and (self.news is None or self.news[0] != last):
            self.news = (last, context(self).present().now)
        self.show()
        self.go_on()

    def look(self) -> int | None:
        """The last comment seen; news count when they have been there for a moment."""
        if self.news is not None:
            last, since = self.news
            if context(self).present().now - since >= A_LOOK:
                self.seen, self.news = last, None
        return self.seen

    # --- what is quoted -------------------------------------------------------------------------

    @property
    def quoted(self) -> CommentRow | None:
        """The comment answered, where it is on the screen."""
        answers = self.writing.answers if self.writing is not None else None
        return next((row for row in self.comments if row.id == answers), None)

    def quote(self, comment_id: int | None) -> None:
        """Quote a comment, None: the one answered, once it is known."""
        writing = self.writing
        if writing is not None:
            writing.quotes = writing.decided = True
            if comment_id is not None:
                writing.answers = comment_id
            self.changed()
            self.show()
            self.preselect()

    def toggle_quote(self) -> None:
        """Leave the quotation out, or put it back."""
        writing = self.writing
        if writing is None or writing.answers is None:
            context(self).say(_("There is nothing to quote here."))
            return
        writing.quotes, writing.decided = not writing.quotes, True
        self.changed()
        self.show()


def _one_below_other(*texts: str) -> str:
    return "\n\n".join(text for one in texts if (text := one.strip("\n")))
