"""When what is being written goes out (R18), and what is asked where nobody would get it (R14)."""

from typing import Any

from textual.content import Content

from pfinbox.domain.model import Notify
from pfinbox.domain.tasks.then import Then
from pfinbox.i18n import _
from pfinbox.services.tasks import tasks
from pfinbox.tui.commands.changes import about
from pfinbox.tui.commands.writing.sent import SentCommands
from pfinbox.tui.compose.composer import Composer
from pfinbox.tui.conversation.joined_apart import joined_apart
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.moment import ChooseMoment, Moment
from pfinbox.tui.shell.undo import Change, Comment, Step
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item


class SendCommands(SentCommands):
    """Commands that end the writing, and what is asked before a comment leaves."""

    def send(self, argument: str = "") -> None:
        self.layout.task_pane.composer.send()

    def send_close(self, argument: str = "") -> None:
        """The comment and the end of its task in one."""
        self.layout.task_pane.composer.send(Then(close=True))

    def send_next(self, argument: str = "") -> None:
        """On to the next client who waits, as soon as the comment is stored."""
        self.layout.task_pane.composer.send(Then(next=True))

    def send_snooze(self, argument: str = "") -> None:
        """Choose until when the task is hidden; the comment leaves by that."""
        composer = self.layout.task_pane.composer
        writing = composer.writing
        if writing is None or not composer.has_something():
            return

        def chosen(moment: Moment | None) -> None:
            if moment is not None and composer.writing is writing:
                composer.send(Then(snooze_until=moment.when))

        words = _("Send, and hide #{id} until the client writes, or until")
        title = Content(words.format(id=writing.task_id))
        self.push(ChooseMoment(title, typed=argument), chosen)

    def send_after_news(self, argument: str = "") -> None:
        """What was said meanwhile has been read: never the key that was pressed first."""
        self.layout.task_pane.composer.send_after_news()

    def send_later(self, argument: str = "") -> None:
        """Choose the moment; nothing leaves by that alone."""
        composer = self.layout.task_pane.composer
        writing = composer.writing
        if writing is None:
            return
        if writing.mode == "note":
            self.context.say(_("A note is kept at once: it goes to nobody outside."))
            return

        def chosen(moment: Moment | None) -> None:
            if moment is not None and composer.writing is writing:
                composer.send_at(moment.when, anyway=moment.anyway)

        title = Content(_("Send it when?"))
        dialog = ChooseMoment(title, now=_("now"), anyway=writing.anyway)
        self.push(dialog, chosen)

    def ask_whom(self) -> None:
        """Asked each time: a reply that no client gets is hardly ever meant (R14)."""
        composer = self.layout.task_pane.composer
        writing, held = composer.writing, self.layout.task_pane.conversation
        # Nobody could foresee the question: what was typed on is no answer to it (R47).
        self.context.drop_keys("send")
        if writing is None or writing.notify is None:
            return
        contact = held.task.contact if held is not None else None
        agents = tuple(who for who in writing.notify.who if who.kind == "agent")
        if agents:
            names = ", ".join(composer.names.get(who, "…") for who in agents)
            title = _("No client will get this. Send it …")
            inside = _("inside, as a note for {names}").format(names=names)
            items = [Item(safe.line(inside), "note")]
        else:
            title = _("Nobody will be notified. Send it …")
            items = [Item(Content(_("a note that nobody is told of")), "note")]
        client = [contact.who] if contact is not None else []
        if held is not None and (joined := joined_apart(held)) is not None:
            client.append(joined.who)
        if contact is not None:
            words = Content.assemble(_("to the client, "), safe.line(contact.name))
            items.insert(0, Item(words, contact.who))
        items.append(Item(Content(_("choose …")), "pick"))

        def chosen(value: Any) -> None:
            if composer.writing is not writing or value is None:
                return
            if value == "note":
                composer.post(writing)
            elif value == "pick":
                composer.pick()
            else:
                composer.set_notify(Notify((*client, *agents)))
                composer.send(composer.then)

        self.push(Choose(Content(title), items), chosen)

    def ask_to_quote(self, message: Composer.QuoteAsked) -> None:
        """Words that somebody who gets it has not seen are quoted on purpose only (R19)."""
        composer, writing = self.layout.task_pane.composer, message.writing
        self.context.drop_keys("send")
        title = _("{names} would see words that were not said to them. Send it …")
        items = [
            Item(Content(_("without the quotation")), "without"),
            Item(Content(_("with the quotation")), "with"),
        ]

        def chosen(value: Any) -> None:
            if composer.writing is not writing or value is None:
                return
            if value == "without":
                writing.quotes, writing.decided = False, True
            composer.post(writing, quote_unseen=value == "with")

        named = safe.line(title.format(names=", ".join(message.names)))
        self.push(Choose(named, items), chosen)

    def tell_sent(self, message: Composer.Sent) -> None:
        """The comment is stored: when it leaves, and how it can be taken back."""
        task_id, saved = message.task_id, message.saved
        words = self.what_became(saved, message.then, _("Note kept") if message.internal else "")
        step = _way_back(words, message)
        held = self.layout.task_pane.conversation
        if held is not None and held.task.id == task_id:
            # The list may show another client's task by now.
            words = about(words, [held.task])
        self.layout.leave_composer()
        self.tell_stored(task_id, words, step, saved, message.then)


def _way_back(words: str, message: Composer.Sent) -> Step | None:
    """One step takes back the comment and what became of its task."""
    task_id, back = message.task_id, message.saved.back
    if not message.internal:
        return Comment(task_id, message.saved.comment_id, back)
    if back is None:
        return None
    changes = [(task_id, back)]
    return Change(task_id, words, lambda inbox: inbox.write(tasks.change_each, changes))
