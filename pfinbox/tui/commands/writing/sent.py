"""What follows when something written is stored: said with its way back, then the next client."""

from pfinbox.domain.tasks.then import Then
from pfinbox.i18n import _
from pfinbox.services.comments.comments import Saved
from pfinbox.tui.commands.family import Family
from pfinbox.tui.shell.command import LIST
from pfinbox.tui.shell.undo import Step
from pfinbox.wording.outbound.deliveries import leaving_words


class SentCommands(Family):
    """What the composer's commands and those of a mail's sheet share."""

    def what_became(self, saved: Saved, then: Then, leaves: str = "") -> str:
        """When it leaves (or ``leaves``); what became of its task stands first."""
        clock, until = self.context.present(), then.snooze_until
        words = leaves or leaving_words(saved.due_at, clock)
        if saved.back is None:
            return words
        back = clock.moment(until) if until is not None else ""
        done = _("Back {when}").format(when=back) if until is not None else _("Closed")
        return f"{done} · {words}"

    def tell_stored(
        self, task_id: int, words: str, step: Step | None, saved: Saved, then: Then
    ) -> None:
        """Say it where the agent is, then go on; keys that waited for the outcome go on, too."""
        if step is not None:
            self.changes.undo_stack.push(step)
        self.context.say(words)
        self.layout.changed((task_id,))
        if then.next:
            self._go_on_after(task_id, saved.next_id)
        self.context.release_keys("send")

    def _go_on_after(self, task_id: int, waits_longest: int | None) -> None:
        """Open the next task of the list that is to be answered, else whoever waits longest.

        Nobody has seen that one: what was typed on is not for it (R47).
        """
        self.context.drop_keys("send")
        following = self.layout.task_list.next_to_answer(task_id) or waits_longest
        if following is None:
            self.layout.go(LIST)
            self.context.say(_("No other client waits for an answer."))
            return
        self.layout.task_list.move_to(following)
        self.layout.open_task(following)
