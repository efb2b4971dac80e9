"""The composer: head line with the delivery plan, text, files, and sending."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from pfinbox.domain.model import Notify
from pfinbox.domain.recipients.original import QuoteUnseen
from pfinbox.domain.tasks.then import STAYS, Then
from pfinbox.i18n import _
from pfinbox.services.comments import comments
from pfinbox.services.comments.comments import ClientWrote, CommentRequest, Saved
from pfinbox.services.inbox import Inbox
from pfinbox.tui.compose.attached import Attached, contents, size
from pfinbox.tui.compose.mentioning import Mentioning
from pfinbox.tui.compose.plan_lines import STYLES, plan_line, quote_line
from pfinbox.tui.compose.writing import Mode, Writing
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import paint, safe
from pfinbox.tui.widgets.pick_list import PickList
from pfinbox.tui.widgets.text_box import TextBox
from pfinbox.tui.widgets.words import Words
from pfinbox.wording.names import byte_size
from pfinbox.wording.plans import moment_words, plan_trouble, plan_words
from pfinbox.wording.spans import Role, said


class Composer(Mentioning):
    """Hidden until something is written."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES.values())

    @dataclass
    class Sent(Message):
        """A comment is stored and queued."""

        task_id: int
        saved: Saved
        internal: bool
        then: Then

    class Closed(Message):
        """Nothing is being written any more; the draft, if any, is kept."""

    class NobodyChosen(Message):
        """The agent must say whom the comment is for."""

    @dataclass
    class QuoteAsked(Message):
        """These people have not seen the words that are quoted; the agent must say what to do."""

        writing: Writing
        names: tuple[str, ...]

    class NewsCame(Message):
        """The client wrote meanwhile; the conversation has to be read again."""

    @dataclass
    class CommentSaved(Message):
        writing: Writing
        saved: Saved
        then: Then

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sending = False
        # What becomes of the task when this comment is stored.
        self.then = STAYS

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
            self._sending = False
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
            self.show()

    def detach(self) -> None:
        """Take away the file that was added last."""
        if self.writing is not None and self.writing.files:
            self.writing.files.pop()
            self.changed()
            self.show()

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
            self.show()

    # --- sending --------------------------------------------------------------------------------

    def has_something(self) -> bool:
        """Whether there is something to send; it is said where there is not."""
        writing = self.writing
        if writing is not None and not self.box.text.strip() and not writing.files:
            context(self).say(_("There is nothing to send yet."))
            return False
        return writing is not None

    def send(self, then: Then = STAYS) -> None:
        """Send as soon as it is known to whom; keys typed on wait for the outcome."""
        if self._sending or not self.has_something():
            return
        self._sending, self.then = True, then
        # What is typed on is not part of it: it waits until this one has left the composer.
        self.box.read_only = True
        context(self).hold_keys("send", patience=60)
        # Where a look-up has failed before, this is the moment to try again.
        self.catch_up()
        self.go_on()

    def go_on(self) -> None:
        """Send what waited for its recipients, or ask for them."""
        writing = self.writing
        if not self._sending or writing is None or writing.notify is None or self.seen is None:
            return
        # A name at the very end of the text is one.
        self.take_mentions(final=True)
        if not self._sending:
            return
        self._sending = False
        if writing.notify.internal and writing.mode == "reply":
            self.box.read_only = False
            # The keys wait on: the question ends that.
            post_message(self, self.NobodyChosen())
            return
        self.post(writing)

    def post(self, writing: Writing, *, quote_unseen: bool = False) -> None:
        """Hand the comment to the store; the composer closes when it is kept there.

        ``quote_unseen``: the agent was asked, and says the quoted words to whoever gets it.
        """
        self.box.read_only = True
        context(self).hold_keys("send", patience=60)
        text, notify, seen = self.box.text, writing.notify or Notify(), self.look()
        files, machine = list(writing.files), context(self).machine
        order, undo = self.drafts.order, context(self).undo_seconds
        quote, then = writing.answers if writing.quotes else None, self.then
        # A draft saved after the comment would come back from the dead.
        self.drafts.forget()

        async def save(inbox: Inbox) -> Saved:
            content = await contents(files, machine, inbox)
            async with order:
                return await inbox.write(
                    comments.add_comment,
                    CommentRequest(
                        writing.task_id,
                        text,
                        notify,
                        quote_id=quote,
                        quote_unseen="send" if quote_unseen else "refuse",
                        attachments=content,
                        seen=seen,
                        send_at=None if notify.internal else writing.send_at,
                        client_key=writing.key,
                        undo_seconds=undo,
                        send_anyway=writing.anyway,
                        then=then,
                    ),
                )

        workers.write(self, "comment", save, lambda saved: self.CommentSaved(writing, saved, then))

    def on_composer_comment_saved(self, message: CommentSaved) -> None:
        message.stop()
        writing = message.writing
        internal = writing.notify is None or writing.notify.internal
        if internal and writing.mode == "reply":
            # The store drops the draft of the mode in which a comment ended up.
            self.drafts.drop(writing)
        self.box.read_only = False
        if self.writing is writing:
            self.end()
        post_message(self, self.Sent(writing.task_id, message.saved, internal, message.then))

    def not_now(self) -> None:
        """What sending waits for cannot be read: the text is the agent's again."""
        if self._sending:
            self._sending = self.box.read_only = False
            context(self).release_keys("send")

    def on_failed(self, message: workers.Failed) -> None:
        """It bubbles on to the app; what was being written stays."""
        if message.job == "draft":
            self.drafts.failed()
        else:
            self._sending = self.box.read_only = False
        if message.job == "comment":
            self.changed()
            if isinstance(message.error, QuoteUnseen) and self.writing is not None:
                # The keys wait on: the question ends that.
                message.stop()
                post_message(self, self.QuoteAsked(self.writing, message.error.names))
            if isinstance(message.error, ClientWrote):
                self.seen = max(self.seen or 0, *message.error.comment_ids)
                self.look(now=True)
                post_message(self, self.NewsCame())

    def _key(self, command: str) -> str:
        """The command's key as a person reads it."""
        return spelled(context(self).keymap.shown(command))

    # --- the head -------------------------------------------------------------------------------

    def show(self) -> None:
        """The plan in words, and the files."""
        writing = self.writing
        if writing is None:
            return
        plan = self.query_one("#plan", Words)
        mode = _("Note") if writing.mode == "note" else _("Reply")
        words = plan_words(writing.mode, writing.notify, self.plan, self.names)
        role = Role.INSIDE if writing.mode == "note" else Role.OUTSIDE
        parts = [plan_line(said(f"{mode}  ", role) + words)]
        if writing.send_at is not None:
            moment = context(self).present().moment(writing.send_at)
            parts.append(plan_line(moment_words(moment, anyway=writing.anyway)))
        if (trouble := plan_trouble(self.plan, self._key("go_on"))) is not None:
            parts.append(plan_line(trouble))
        if (left := self.kept_inside()) is not None:
            warning = STYLES[Role.WARNING]
            parts.append(Content.assemble(("! ", warning), left.stylize(warning)))
        if writing.quotes and writing.answers is not None:
            key, width = self._key("quoting"), plan.content_size.width or 56
            parts.append(quote_line(self.quoted, key, width))
        if self.news is not None:
            news = said(_("! there is news in this conversation"), Role.WARNING)
            parts.append(plan_line(news))
        plan.write(paint.resolved(self, Content("\n").join(parts)))
        files = self.query_one("#files", Words)
        files.set_class(not writing.files, "-hidden")
        files.write(Content("\n").join(_file(file) for file in writing.files))


def _file(file: Attached) -> Content:
    try:
        words = byte_size(size(file))
    except OSError:
        words = _("cannot be read")
    return Content.assemble("▪ ", safe.line(file.name), (f"  {words}", "$foreground-muted"))
