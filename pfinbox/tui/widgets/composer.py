"""The composer: head line with the delivery plan, text, files. It owns what is being written."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import humanize
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from pfinbox.domain.model import Notify, Who
from pfinbox.domain.plan import DeliveryPlan
from pfinbox.i18n import _
from pfinbox.services.comments import ClientWrote, CommentRequest, Saved
from pfinbox.store.rows import DraftRow
from pfinbox.tui import jobs, paint, safe
from pfinbox.tui.desk import desk
from pfinbox.tui.draft_keeper import DraftKeeper
from pfinbox.tui.plan_words import INSIDE, OUTSIDE, QUIET, TROUBLE, plan_trouble, plan_words
from pfinbox.tui.tell import tell
from pfinbox.tui.widgets.text_box import TextBox
from pfinbox.tui.writing import Mode, Writing, read_file


class Composer(Vertical):
    """Hidden until something is written. Opening never waits for the store."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {OUTSIDE, INSIDE, TROUBLE, QUIET}

    @dataclass
    class Sent(Message):
        """A comment is stored and queued."""

        task_id: int
        saved: Saved
        internal: bool

    class Closed(Message):
        """Nothing is being written any more; the draft, if any, is kept."""

    class NobodyChosen(Message):
        """The agent must say whom the comment is for."""

    class NewsCame(Message):
        """The client wrote meanwhile; the conversation has to be read again."""

    @dataclass
    class DraftRead(Message):
        writing: Writing
        row: DraftRow | None

    @dataclass
    class Preselected(Message):
        writing: Writing
        notify: Notify

    @dataclass
    class PlanRead(Message):
        writing: Writing
        notify: Notify
        plan: DeliveryPlan

    @dataclass
    class CommentSaved(Message):
        writing: Writing
        saved: Saved

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.writing: Writing | None = None
        self.plan: DeliveryPlan | None = None
        self.names: dict[Who, str] = {}
        # The last comment that the agent has on the screen; None until the task is read.
        self.seen: int | None = None
        self._draft_known = False
        self._sending = False
        self._quotes = False

    def compose(self) -> ComposeResult:
        yield Static(id="plan")
        yield TextBox(id="text")
        yield Static(id="files")

    def on_mount(self) -> None:
        self.drafts = DraftKeeper(self)

    @property
    def box(self) -> TextBox:
        return self.query_one(TextBox)

    # --- opening and closing --------------------------------------------------------------------

    def open(self, task_id: int, mode: Mode) -> None:
        """Show the composer and give it the focus before anything is looked up."""
        same = self.writing is not None and (self.writing.task_id, self.writing.mode) == (
            task_id,
            mode,
        )
        if not same:
            self.drafts.flush()
            self.writing = writing = Writing(task_id, mode)
            self.plan, self.seen = None, None
            self._draft_known = self._sending = self._quotes = False
            self.drafts.forget()
            self.box.load_text("")
            self.set_class(mode == "note", "-note")
            gateway = desk(self).gateway
            jobs.read(
                self,
                "draft to load",
                lambda: gateway.draft(task_id, mode),
                lambda row: self.DraftRead(writing, row),
            )
        self.add_class("-open")
        self._show()
        self.screen.set_focus(self.box, scroll_visible=False)

    def known(
        self, task_id: int, answers: int | None, seen: int, names: dict[Who, str], quotes: bool
    ) -> None:
        """The conversation is on the screen: what is answered, and what the agent has seen."""
        writing = self.writing
        if writing is None or writing.task_id != task_id:
            return
        self.names |= names
        first = self.seen is None
        self.seen = seen
        if first:
            self._quotes = quotes
            if writing.mode == "reply" and writing.answers is None:
                writing.answers = answers
            self._preselect()
        self._show()
        self._send_when_ready()

    def close(self) -> None:
        """Put the composer away; the draft stays."""
        self.drafts.flush()
        self._shut()
        tell(self, self.Closed())

    def _shut(self) -> None:
        self.drafts.forget()
        self.writing = self.plan = self.seen = None
        self._sending = False
        self.remove_class("-open")
        self.box.load_text("")

    # --- what comes from the store, later -------------------------------------------------------

    def on_composer_draft_read(self, message: DraftRead) -> None:
        message.stop()
        writing = self.writing
        if writing is not message.writing:
            return
        self._draft_known = True
        typed = self.box.text
        self.drafts.begin(writing, message.row.text if message.row else "")
        if message.row is not None:
            writing.restore(message.row.choices)
            if typed:
                self.box.put_before(message.row.text)
            else:
                self.box.put(message.row.text)
        self._changed()
        self._preselect()
        self._show()

    def _preselect(self) -> None:
        """Ask whom this agent would write to, once draft and conversation are known."""
        writing = self.writing
        if writing is None or not self._draft_known or self.seen is None:
            return
        if writing.notify is not None:
            self._read_plan()
            return
        gateway, note = desk(self).gateway, writing.mode == "note"
        jobs.read(
            self,
            "preselect",
            lambda: gateway.preselect(writing.task_id, answers=writing.answers, note=note),
            lambda notify: self.Preselected(writing, notify),
        )

    def on_composer_preselected(self, message: Preselected) -> None:
        message.stop()
        if message.writing is self.writing and self.writing.notify is None:
            self.set_notify(message.notify)

    def set_notify(self, notify: Notify, names: dict[Who, str] | None = None) -> None:
        """Whom it goes to, by the picker or by default."""
        if self.writing is None:
            return
        self.names |= names or {}
        self.writing.notify = notify
        self.plan = None
        self._changed()
        self._read_plan()

    def _read_plan(self) -> None:
        writing = self.writing
        notify = writing.notify if writing else None
        if writing is None or notify is None:
            return
        self._show()
        gateway = desk(self).gateway
        jobs.read(
            self,
            "plan",
            lambda: gateway.plan(writing.task_id, notify, answers=writing.answers),
            lambda plan: self.PlanRead(writing, notify, plan),
        )
        self._send_when_ready()

    def on_composer_plan_read(self, message: PlanRead) -> None:
        message.stop()
        if message.writing is self.writing and message.notify == self.writing.notify:
            self.plan = message.plan
            self._show()

    # --- text and files -------------------------------------------------------------------------

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        message.stop()
        self._changed()

    def _changed(self) -> None:
        # Before the draft is known, saving would overwrite it.
        if self.writing is not None and self._draft_known:
            self.drafts.changed(self.writing, self.box.text)

    def attach(self, path: Path) -> None:
        if self.writing is not None:
            self.writing.files.append(path)
            self._changed()
            self._show()

    def detach(self) -> None:
        if self.writing is not None and self.writing.files:
            self.writing.files.pop()
            self._changed()
            self._show()

    # --- sending --------------------------------------------------------------------------------

    def send(self) -> None:
        """Send as soon as it is known to whom; keys typed on wait for the outcome."""
        if self.writing is None or self._sending:
            return
        if not self.box.text.strip() and not self.writing.files:
            desk(self).say(_("There is nothing to send yet."))
            return
        self._sending = True
        desk(self).hold_keys("send")
        self._send_when_ready()

    def stop_sending(self) -> None:
        """It stays in the composer."""
        self._sending = False
        desk(self).release_keys("send")

    def _send_when_ready(self) -> None:
        writing = self.writing
        if not self._sending or writing is None or writing.notify is None or self.seen is None:
            return
        self._sending = False
        if not writing.notify.who and writing.mode == "reply":
            desk(self).release_keys("send")
            tell(self, self.NobodyChosen())
            return
        self.post(writing)

    def post(self, writing: Writing) -> None:
        """Hand the comment to the store; the composer closes when it is kept there."""
        text, notify, seen = self.box.text, writing.notify or Notify(), self.seen
        files = list(writing.files)
        gateway, order, undo = desk(self).gateway, self.drafts.order, desk(self).undo_seconds
        quote = writing.answers if self._quotes else None
        # A draft saved after the comment would come back from the dead.
        self.drafts.forget()

        async def save() -> Saved:
            attached = [await asyncio.to_thread(read_file, path) for path in files]
            async with order:
                return await gateway.comment(
                    CommentRequest(
                        writing.task_id,
                        text,
                        notify,
                        quote_id=quote,
                        attachments=tuple(attached),
                        seen=seen,
                        client_key=writing.key,
                        undo_seconds=undo,
                    )
                )

        jobs.write(self, "comment", save, lambda saved: self.CommentSaved(writing, saved))

    def on_composer_comment_saved(self, message: CommentSaved) -> None:
        message.stop()
        writing = message.writing
        internal = writing.notify is None or writing.notify.internal
        if internal and writing.mode == "reply":
            # The store drops the draft of the mode in which a comment ended up.
            self.drafts.drop(writing)
        if self.writing is writing:
            self._shut()
        tell(self, self.Sent(writing.task_id, message.saved, internal))
        desk(self).release_keys("send")

    def on_failed(self, message: jobs.Failed) -> None:
        """It bubbles on to the app; what was being written stays."""
        if message.job == "draft":
            self.drafts.failed()
        elif message.job == "comment":
            self._changed()
            desk(self).release_keys("send")
            if isinstance(message.error, ClientWrote):
                tell(self, self.NewsCame())

    # --- the head -------------------------------------------------------------------------------

    def _show(self) -> None:
        writing = self.writing
        if writing is None:
            return
        mode = _("Note") if writing.mode == "note" else _("Reply")
        words = plan_words(writing.mode, writing.notify, self.plan, self.names)
        internal = writing.notify is None or writing.notify.internal
        style = INSIDE if internal and writing.mode == "note" else OUTSIDE
        parts: list[Any] = [(f"{mode}  ", style), words]
        if (trouble := plan_trouble(self.plan)) is not None:
            parts += ["\n", trouble]
        head = paint.resolved(self, Content.assemble(*parts))
        self.query_one("#plan", Static).update(head)
        files = self.query_one("#files", Static)
        files.set_class(not writing.files, "-hidden")
        files.update(Content("\n").join(_file(path) for path in writing.files))


def _file(path: Path) -> Content:
    try:
        size = humanize.naturalsize(path.stat().st_size)
    except OSError:
        size = _("cannot be read")
    return Content.assemble("▪ ", safe.line(path.name), (f"  {size}", "dim"))
