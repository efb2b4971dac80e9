"""One composer for many tasks: the text with its places, how many it reaches, then the plan."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.domain.recipients.bulk import BulkRow
from pfinbox.domain.text.canned import check
from pfinbox.errors import UsageError
from pfinbox.i18n import _, ngettext
from pfinbox.services.comments import bulk
from pfinbox.services.comments.bulk import BulkReply, Outcome
from pfinbox.services.tasks import drafts
from pfinbox.store.rows import DraftRow
from pfinbox.tui.compose import attached
from pfinbox.tui.compose.bulk_plan import BulkPlan
from pfinbox.tui.compose.sheet import Sheet
from pfinbox.tui.compose.writing import Writing
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.text_box import TextBox
from pfinbox.wording.outbound.bulk import totals

# The draft of a bulk reply belongs to no task.
NO_TASK, MODE = 0, "bulk"


@dataclass
class BulkWriting(Writing):
    """Kept with its key: after a crash nobody gets the reply twice."""

    task_id: int = NO_TASK
    mode: Any = MODE

    def choices(self) -> dict[str, Any]:
        return {"files": [attached.as_json(file) for file in self.files], "key": self.key}

    def restore(self, choices: dict[str, Any]) -> None:
        self.files = self.files or [attached.from_json(f) for f in choices.get("files", ())]
        self.key = str(choices.get("key") or self.key)


class BulkComposer(Sheet[Outcome]):
    """Answers with what became of it; None: nothing was sent, the draft is kept."""

    @dataclass
    class Looking(Message):
        """So many of the tasks were looked at."""

        count: int

    @dataclass
    class Looked(Message):
        rows: tuple[BulkRow, ...]

    @dataclass
    class DraftRead(Message):
        row: DraftRow | None

    @dataclass
    class Ready(Message):
        """The plan as it is now, and the reply with its files read."""

        rows: tuple[BulkRow, ...]
        reply: BulkReply

    def __init__(self, task_ids: Sequence[int], agent_name: str) -> None:
        words = ngettext("Reply to {n} task", "Reply to {n} tasks", len(task_ids))
        super().__init__(Content(words.format(n=len(task_ids))), BulkWriting())
        self.task_ids, self.agent_name = tuple(task_ids), agent_name
        # As it was when the agent began to write; None while it is being looked up.
        self.rows: tuple[BulkRow, ...] | None = None
        # What was sent, for undo.
        self.text = ""
        self._wants = False
        self._draft_known = False

    def body(self) -> list[Widget]:
        return [
            Static(Content("…"), classes="dialog-aside", id="bulk-totals"),
            TextBox(id="bulk-text"),
            Static(id="bulk-trouble"),
        ]

    def hints(self) -> Content:
        return self.keys_of(
            ("send", _("plan, then send")), ("canned", _("canned")), ("attach", _("attach")),
            ("editor", _("editor")), others=(_("esc leave (draft kept)"),),
        )  # fmt: skip

    def on_mount(self) -> None:
        self.set_focus(self.box)
        inbox, ids = context(self).inbox, self.task_ids
        workers.read(
            self, "draft to load", lambda: inbox.read(drafts.load, NO_TASK, MODE), self.DraftRead
        )

        def told(count: int) -> None:
            self.post_message(self.Looking(count))

        workers.read(self, "bulk plan", lambda: bulk.plan_all(inbox, ids, told), self.Looked)

    def on_bulk_composer_looking(self, message: Looking) -> None:
        if self.rows is None:
            words = _("who is reached by what: {done} of {n} …")
            shown = words.format(done=message.count, n=len(self.task_ids))
            self.query_one("#bulk-totals", Static).update(Content(shown))

    def on_bulk_composer_looked(self, message: Looked) -> None:
        self.rows = message.rows
        self.query_one("#bulk-totals", Static).update(Content(totals(message.rows)))
        self._go_on()

    def on_bulk_composer_draft_read(self, message: DraftRead) -> None:
        typed = self.box.text
        self.drafts.begin(self.writing, message.row.text if message.row else "")
        if message.row is not None:
            self.writing.restore(message.row.choices)
            if typed:
                self.box.put_before(message.row.text)
            else:
                self.box.put(message.row.text)
        self._draft_known = True
        self.changed()
        self._go_on()

    def changed(self) -> None:
        if not self._draft_known:
            return
        if not self.box.text.strip():
            # Another reply begins: whoever had the one before gets this one too.
            self.writing.key = uuid.uuid4().hex
        self.drafts.changed(self.writing, self.box.text)
        self._files()

    def _files(self) -> None:
        """The files; and at once what cannot be: a place that means nothing."""
        trouble = ""
        try:
            check(self.box.text)
        except UsageError as error:
            trouble = str(error)
        if trouble:
            shown = safe.line(f"! {trouble}")
        elif self.writing.files or self.box.text:
            files = [safe.line(path.name) for path in self.writing.files]
            shown = Content("\n").join(Content.assemble("▪ ", name) for name in files)
        else:
            words = _("{place} becomes each client's first name, or the word behind the bar")
            shown = Content.styled(
                words.format(place="{{client.first_name|there}}"), "$foreground-muted"
            )
        self.query_one("#bulk-trouble", Static).set_class(not trouble, "-calm").update(shown)

    # --- the plan -------------------------------------------------------------------------------

    def command_send(self) -> None:
        """Nothing is sent yet: the plan comes first, and is agreed to."""
        if not self.box.text.strip() and not self.writing.files:
            self._say(_("There is nothing to send yet."))
            return
        try:
            check(self.box.text)
        except UsageError as error:
            self._say(f"! {error}")
            return
        self._wants = True
        context(self).hold_keys("choose", 60)
        self._go_on()

    def _go_on(self) -> None:
        rows = self.rows
        if not self._wants or rows is None or not self._draft_known:
            return
        self._wants = False
        self.drafts.flush()
        inbox, key = context(self).inbox, self.writing.key
        text = self.text = self.box.text
        undo, files = context(self).undo_seconds, list(self.writing.files)
        machine = context(self).machine

        async def look() -> tuple[tuple[BulkRow, ...], BulkReply]:
            content = await attached.contents(files, machine, inbox)
            now = await inbox.read(bulk.check, rows, key)
            return now, BulkReply(text, key, content, undo)

        workers.read(self, "bulk plan", look, lambda found: self.Ready(*found))

    def on_bulk_composer_ready(self, message: Ready) -> None:
        # Two frames over each other would be hard to read.
        self.add_class("-behind")
        self.app.push_screen(BulkPlan(message.rows, message.reply, self.agent_name), self._sent)
        context(self).release_keys("choose")

    def _sent(self, outcome: Outcome | None) -> None:
        self.remove_class("-behind")
        if outcome is None:
            self.set_focus(self.box)
            return
        if not outcome.not_tried:
            self.drafts.forget()
            self.drafts.drop(self.writing)
        self.answer(outcome)

    def on_failed(self, message: workers.Failed) -> None:
        """The app says it; the text stays."""
        self._wants = False
        context(self).drop_keys("choose")

    def _say(self, words: str) -> None:
        self.query_one("#bulk-trouble", Static).remove_class("-calm").update(safe.line(words))
