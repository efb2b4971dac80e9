"""Sending what is written, and what keeps it back: nobody chosen, words unseen, news unread.

The gate: where the client wrote or a colleague answered since the agent looked, nothing is sent.
The composer's head says who said what; only a key of its own sends it all the same.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

from pfinbox.domain.model import Notify
from pfinbox.domain.recipients.original import QuoteUnseen
from pfinbox.domain.tasks.then import STAYS, Then
from pfinbox.i18n import _
from pfinbox.services.comments import comments
from pfinbox.tui.compose.attached import contents
from pfinbox.tui.compose.ready.templating import Templating
from pfinbox.tui.compose.writing import Mode, Writing
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.shell.post_message import post_message

if TYPE_CHECKING:
    from pfinbox.services.inbox import Inbox


class Sending(Templating):
    """What the composer knows about the way of a comment into the store."""

    @dataclass
    class Sent(Message):
        """A comment is stored and queued."""

        task_id: int
        saved: "comments.Saved"
        internal: bool
        then: Then

    class NobodyChosen(Message):
        """The agent must say whom the comment is for."""

    @dataclass
    class QuoteAsked(Message):
        """These people have not seen the words that are quoted; the agent must say what to do."""

        writing: Writing
        names: tuple[str, ...]

    @dataclass
    class NewsCame(Message):
        """Said meanwhile, and to be read first: the conversation shows this comment."""

        comment_id: int

    @dataclass
    class CommentSaved(Message):
        writing: Writing
        saved: "comments.Saved"
        then: Then

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sending = False
        # What becomes of the task when this comment is stored.
        self.then = STAYS
        # The gate: comments that the agent has not seen and that keep this one back.
        self.gate: tuple[int, ...] = ()

    def begin(self, task_id: int, mode: Mode) -> None:
        self._sending, self.then, self.gate = False, STAYS, ()
        super().begin(task_id, mode)

    def end(self) -> None:
        self.gate = ()
        super().end()

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
        if self.gate:
            # A second press of the same key agrees to nothing.
            self._look_at_gate()
            return
        self._sending, self.then = True, then
        # What is typed on is not part of it: it waits until this one has left the composer.
        self.box.hold(True)
        context(self).hold_keys("send", patience=60)
        # Where a look-up has failed before, this is the moment to try again.
        self.catch_up()
        self.go_on()

    def send_after_news(self) -> None:
        """The agent has read what was said meanwhile, and sends what is written all the same."""
        if not self.gate:
            words = _("Nothing keeps it back: {key} sends it.")
            context(self).say(words.format(key=self.key_of("send")))
            return
        self.seen, self.gate = max(self.seen or 0, *self.gate), ()
        self.send(self.then)

    def _look_at_gate(self) -> None:
        words = _("Read that first; {key} sends yours all the same.")
        context(self).say(words.format(key=self.key_of("send_after_news")))
        post_message(self, self.NewsCame(self.gate[0]))

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
            self.box.hold(False)
            # The keys wait on: the question ends that.
            post_message(self, self.NobodyChosen())
            return
        self.post(writing)

    def post(self, writing: Writing, *, quote_unseen: bool = False) -> None:
        """Hand the comment to the store; the composer closes when it is kept there.

        ``quote_unseen``: the agent was asked, and says the quoted words to whoever gets it.
        """
        self.box.hold(True)
        context(self).hold_keys("send", patience=60)
        template = writing.template
        text = self.box.text if template is None else ""
        notify, seen = writing.notify or Notify(), self.look()
        files, machine = list(writing.files), context(self).machine
        order, undo = self.drafts.order, context(self).undo_seconds
        quotes = writing.quotes and template is None
        quote, then = writing.answers if quotes else None, self.then
        # A draft saved after the comment would come back from the dead.
        self.drafts.forget()

        async def save(inbox: "Inbox") -> "comments.Saved":
            content = await contents(files, machine, inbox)
            async with order:
                return await inbox.write(
                    comments.add_comment,
                    comments.CommentRequest(
                        writing.task_id,
                        text,
                        notify,
                        template=template,
                        quote_id=quote,
                        quote_unseen="send" if quote_unseen else "refuse",
                        attachments=content,
                        # A note goes to no client.
                        seen=None if notify.internal else seen,
                        one_answer=True,
                        send_at=None if notify.internal else writing.send_at,
                        client_key=writing.key,
                        undo_seconds=undo,
                        send_anyway=writing.anyway,
                        then=then,
                    ),
                )

        workers.write(self, "comment", save, lambda saved: self.CommentSaved(writing, saved, then))

    def on_sending_comment_saved(self, message: CommentSaved) -> None:
        message.stop()
        writing = message.writing
        internal = writing.notify is None or writing.notify.internal
        if internal and writing.mode == "reply":
            # The store drops the draft of the mode in which a comment ended up.
            self.drafts.drop(writing)
        self.box.hold(False)
        if self.writing is writing:
            self.end()
        post_message(self, self.Sent(writing.task_id, message.saved, internal, message.then))

    def not_now(self) -> None:
        """What sending waits for cannot be read: the text is the agent's again."""
        if self._sending:
            self._sending = False
            self.box.hold(False)
            context(self).release_keys("send")

    def on_failed(self, message: workers.Failed) -> None:
        """It bubbles on to the app; what was being written stays."""
        if message.job == "draft":
            self.drafts.failed()
        else:
            self._sending = False
            self.box.hold(False)
        if message.job == "comment":
            self.changed()
            if isinstance(message.error, QuoteUnseen) and self.writing is not None:
                # The keys wait on: the question ends that.
                message.stop()
                post_message(self, self.QuoteAsked(self.writing, message.error.names))
            if isinstance(message.error, comments.SaidMeanwhile):
                message.stop()
                # What was typed on was typed blindly.
                context(self).drop_keys("send")
                self.gate = message.error.comment_ids
                self.show()
                self._look_at_gate()

    def key_of(self, command: str) -> str:
        """The command's key as a person reads it."""
        return spelled(context(self).keymap.shown(command))
