"""Approved texts, the way that is left once a reply window is closed (R25)."""

from collections.abc import Mapping

from pfinbox.domain.contract.template import Template
from pfinbox.i18n import _
from pfinbox.services.comments import templates
from pfinbox.tui.commands.family import Family
from pfinbox.tui.compose.ready.template_choice import about_files, ask_template


class TemplateCommands(Family):
    """The command on templates, from the composer."""

    def template(self, argument: str = "") -> None:
        """Choose a template of the task's accounts, fill it in, and have it in the composer."""
        composer, inbox = self.layout.task_pane.composer, self.context.inbox
        writing = composer.writing
        if writing is None or writing.mode != "reply":
            self.context.say(_("It goes to nobody outside."))
            return
        task_id = writing.task_id

        def taken(template: Template | None, values: Mapping[str, str]) -> None:
            if composer.writing is not writing:
                return
            if template is None:
                composer.drop_template()
                return
            composer.take_template(template, values)
            if words := about_files(template, len(writing.files)):
                self.context.say(words)

        ask_template(
            self.layout.app,
            lambda: inbox.read(templates.listed, task_id=task_id),
            writing.template,
            taken,
            argument,
        )
