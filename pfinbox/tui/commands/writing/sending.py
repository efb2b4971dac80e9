"""When what is being written goes out (R18), and what is asked where nobody would get it (R14)."""

from datetime import timedelta
from typing import Any

from textual.content import Content

from pfinbox.domain.model import Notify
from pfinbox.i18n import _
from pfinbox.tui.commands.changes import about
from pfinbox.tui.commands.family import Family
from pfinbox.tui.compose.composer import Composer
from pfinbox.tui.conversation.joined_apart import joined_apart
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.moment import ChooseMoment, Moment
from pfinbox.tui.shell.undo import Comment
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item


class SendCommands(Family):
    """Commands that end the writing, and what is asked before a comment leaves."""

    def send(self, argument: str = "") -> None:
        self.layout.task_pane.composer.send()

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
                composer.send()

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
        clock = self.context.present()
        due = message.saved.due_at
        if message.internal:
            words = _("Note kept")
        elif due is not None and due > clock.now + timedelta(minutes=1):
            words = _("Goes out {time} (z takes it back)").format(time=clock.moment(due))
        elif due is not None and due > clock.now:
            seconds = round((due - clock.now).total_seconds())
            words = _("Sends in {n} s (z takes it back)").format(n=seconds)
        else:
            words = _("On its way")
        if not message.internal:
            self.changes.undo_stack.push(Comment(message.task_id, message.saved.comment_id))
        held = self.layout.task_pane.conversation
        if held is not None and held.task.id == message.task_id:
            # The list may show another client's task by now.
            words = about(words, [held.task])
        self.context.say(words)
        self.layout.leave_composer()
        self.context.release_keys("send")
        self.layout.changed((message.task_id,))
