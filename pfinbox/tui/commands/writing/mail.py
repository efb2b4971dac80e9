"""Mails on a sheet: a new conversation, and a comment passed on to somebody outside (R29, R45)."""

from pfinbox.i18n import _
from pfinbox.services.inbox import Inbox
from pfinbox.services.outbound import undo_send
from pfinbox.tui.commands.writing.sent import SentCommands
from pfinbox.tui.contacts.beginning import GoesOn, ask_way
from pfinbox.tui.mail.forward_mail import ForwardMail
from pfinbox.tui.mail.mail_writing import MailSent
from pfinbox.tui.mail.new_mail import NewMail, Recipient
from pfinbox.tui.shell.undo import Change


class MailCommands(SentCommands):
    """Nothing is stored of a mail before it is sent, but a draft."""

    def new(self, argument: str = "") -> None:
        """To whomever: cards complete what is typed; ``argument``: an address."""
        self._open(Recipient(address=argument) if argument else None)

    def _open(self, recipient: Recipient | None) -> None:
        def answered(result: MailSent | int | None) -> None:
            if isinstance(result, int):
                ask_way(self.layout, result, self.write_to)
                self.context.release_keys("begin")
            elif result is not None:
                self.sent(result)

        self.push(NewMail(recipient), answered)

    def forward(self, argument: str = "") -> None:
        """The selected comment, else the client's last one."""
        row, held = self.layout.target, self.layout.task_pane.conversation
        if row is None or held is None or held.task.id != row.id:
            return
        chosen = self.layout.task_pane.view.selected_comment
        sheet = ForwardMail(held, chosen.id if chosen is not None else None, argument)
        self.push(sheet, lambda sent: self.sent(sent) if sent is not None else None)

    def sent(self, sent: MailSent) -> None:
        """One step takes the mail back, as the draft that it was."""
        task_id, saved = sent.started.task_id, sent.started.saved
        what = self.what_became(saved, sent.then)
        words = _("#{id} to {names}: {what}").format(id=task_id, names=sent.names, what=what)

        async def back(inbox: Inbox) -> str:
            draft = sent.draft
            if await inbox.write(undo_send.take_back_mail, saved.comment_id, draft, saved.back):
                return _("Not sent; it is a draft again: the same key opens it.")
            return _("Not sent; it is a draft in #{id} again").format(id=task_id)

        self.tell_stored(task_id, words, Change(task_id, words, back), saved, sent.then)

    def write_to(self, chosen: GoesOn | Recipient) -> None:
        """On a sheet; in a chat that goes on, in its task, where the next key is text."""
        if isinstance(chosen, Recipient):
            self._open(chosen)
            return
        self.layout.open_task(chosen.task_id)
        self.layout.write("reply")
        self.layout.task_pane.composer.set_notify(chosen.notify)
