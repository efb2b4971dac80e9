"""The composer: head line with the delivery plan, text, files, and sending."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from pfinbox.domain.model import Who
from pfinbox.i18n import _
from pfinbox.tui.compose.attached import Attached
from pfinbox.tui.compose.plan_lines import STYLES, file_line, plan_line, quote_line
from pfinbox.tui.compose.sending import Sending
from pfinbox.tui.compose.writing import Mode
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import paint
from pfinbox.tui.widgets.pick_list import PickList
from pfinbox.tui.widgets.text_box import TextBox
from pfinbox.tui.widgets.words import Words
from pfinbox.wording.outbound.plans import meanwhile_words, moment_words, plan_trouble, plan_words
from pfinbox.wording.spans import Role, Spans, said

# So many lines of what was said meanwhile stand over the draft, the newest.
NEWS = 2


class Composer(Sending):
    """Hidden until something is written."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES.values())

    class Closed(Message):
        """Nothing is being written any more; the draft, if any, is kept."""

    def compose(self) -> ComposeResult:
        yield Words(self.show, id="plan")
        yield TextBox(id="text")
        yield PickList(id="mentions")
        yield Words(id="files")

    # --- opening and closing --------------------------------------------------------------------

    def open(self, task_id: int, mode: Mode, *, focus: bool = True) -> None:
        """Show the composer and give it the focus before anything is looked up."""
        held = self.writing
        if held is None or (held.task_id, held.mode) != (task_id, mode):
            self.begin(task_id, mode)
            self.set_class(mode == "note", "-note")
        self.add_class("-open")
        self.show()
        if focus:
            self.screen.set_focus(self.box, scroll_visible=False)

    def close(self) -> None:
        """Put the composer away; the draft stays."""
        self.keep()
        self.end()
        post_message(self, self.Closed())

    # --- text and files -------------------------------------------------------------------------

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        message.stop()
        self.changed()

    def attach(self, path: Path) -> None:
        """Add a file; its bytes are read when the comment is sent."""
        if self.writing is not None:
            self.writing.files.append(path)
            self.changed()
            self.read_plan()

    def detach(self) -> None:
        """Take away the file that was added last."""
        if self.writing is not None and self.writing.files:
            self.writing.files.pop()
            self.changed()
            self.read_plan()

    # --- another task ----------------------------------------------------------------------------

    @property
    def goes_on_in(self) -> int | None:
        """The open task in which the chat goes on, where this one is finished (R4)."""
        errors = self.plan.errors if self.plan is not None else ()
        found = (error.args["task"] for error in errors if error.kind == "goes_on_in")
        return next(found, None)

    def take_along(self) -> tuple[str, list[Attached]]:
        """What is written here, which is no draft of this task any more."""
        text, files = self.box.text, list(self.writing.files) if self.writing else []
        if self.writing is not None:
            self.drafts.drop(self.writing)
        self.end()
        return text, files

    def bring(self, text: str, files: list[Attached]) -> None:
        """Write on here what was written in another task."""
        if self.writing is not None:
            self.writing.files += files
            self.box.put(text)
            self.read_plan()

    # --- the head -------------------------------------------------------------------------------

    def show(self) -> None:
        """The plan in words, and the files."""
        writing = self.writing
        if writing is None:
            return
        plan = self.query_one("#plan", Words)
        mode = _("Note") if writing.mode == "note" else _("Reply")
        clock = context(self).present()
        words = plan_words(writing.mode, writing.notify, self.plan, self.names, clock)
        role = Role.INSIDE if writing.mode == "note" else Role.OUTSIDE
        parts = [plan_line(said(f"{mode}  ", role) + words)]
        if writing.send_at is not None:
            moment = clock.moment(writing.send_at)
            parts.append(plan_line(moment_words(moment, anyway=writing.anyway)))
        if (trouble := plan_trouble(self.plan, self.key_of)) is not None:
            parts.append(plan_line(trouble))
        if (left := self.kept_inside()) is not None:
            warning = STYLES[Role.WARNING]
            parts.append(Content.assemble(("! ", warning), left.stylize(warning)))
        if writing.quotes and writing.answers is not None:
            key, width = self.key_of("quoting"), plan.content_size.width or 56
            parts.append(quote_line(self.quoted, key, width))
        parts += [plan_line(words) for words in self._said_meanwhile()]
        plan.write(paint.resolved(self, Content("\n").join(parts)))
        files = self.query_one("#files", Words)
        files.set_class(not writing.files, "-hidden")
        files.write(Content("\n").join(file_line(file) for file in writing.files))

    def _said_meanwhile(self) -> list[Spans]:
        """Who said what since the agent looked, and what sends all the same where it must be."""
        if not self.gate and self.news is None:
            return []
        me = Who("agent", context(self).inbox.actor.id)
        lines = [
            meanwhile_words(row)
            for row in self.comments
            if (row.id in self.gate if self.gate else row.id > (self.seen or 0))
            and row.author.who != me
        ] or [said(_("! there is news in this conversation"), Role.WARNING)]
        if self.gate:
            hint = _("  ({key} sends yours all the same)").format(
                key=self.key_of("send_after_news")
            )
            lines[-1] += said(hint, Role.ASIDE)
        return lines[-NEWS:]
