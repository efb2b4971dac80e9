"""Forwarding by key: a comment and its files to somebody outside (R45)."""

import uuid

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.services.comments import forwarding
from pfinbox.services.comments.forwarding import ForwardRequest
from pfinbox.tui.commands.family import Family
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.undo import Comment
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.plans import plan_trouble


class ForwardCommands(Family):
    """The selected comment, else the client's last one."""

    def forward(self, argument: str = "") -> None:
        row = self.layout.target
        if row is None:
            return
        chosen = self.layout.task_pane.view.selected_comment
        held = self.layout.task_pane.conversation
        mine = chosen is not None and held is not None and held.task.id == row.id
        ids = (chosen.id,) if chosen is not None and mine else ()
        task_id = row.id

        def addressed(text: str | None) -> None:
            to = tuple((text or "").replace(",", " ").replace(";", " ").split())
            if to:
                self._words(task_id, ids, to)

        if argument:
            addressed(argument)
            return
        title = Content(_("Forward to (e-mail addresses)"))
        self.push(Prompt(title), addressed)

    def _words(self, task_id: int, ids: tuple[int, ...], to: tuple[str, ...]) -> None:
        def written(text: str | None) -> None:
            if text is not None:
                self._confirm(
                    ForwardRequest(
                        task_id,
                        to,
                        ids,
                        text,
                        client_key=uuid.uuid4().hex,
                        undo_seconds=self.context.undo_seconds,
                    )
                )

        title = Content(_("With the words (may stay empty)"))
        self.push(Prompt(title, final=lambda _text: True), written)

    def _confirm(self, request: ForwardRequest) -> None:
        inbox = self.context.inbox

        async def load() -> Question:
            plan = await inbox.read(forwarding.plan, request)
            lines = [
                safe.line(
                    _("to {address} by {account}").format(
                        address=row.address, account=row.account.name if row.account else "-"
                    )
                )
                for row in plan.rows
                if row.recipient.kind == "contact"
            ]
            trouble = plan_trouble(plan)
            lines += [safe.worded(trouble)] if trouble else []
            lines += [safe.line(request.text)] if request.text else []
            lines.append(Content.styled(_("The client gets nothing of this."), "$foreground-muted"))
            return Question(lines, [] if plan.errors else [Item(Content(_("forward it")), "yes")])

        def agreed(answer: str | None) -> None:
            if answer is None:
                return
            workers.write(
                self.layout,
                "forward",
                lambda inbox: inbox.write(forwarding.forward, request),
                lambda saved: self.changes.done(
                    _("Forwarded (z takes it back)"), Comment(request.task_id, saved.comment_id)
                ),
            )

        self.push(Ask(Content(_("Forward")), load), agreed)
