"""An approved text in place of the agent's own words (R25): it stands there as it will be sent."""

from collections.abc import Mapping
from typing import Any

from pfinbox.domain.contract.template import Template
from pfinbox.domain.outbound.planning.templates import TemplateChoice
from pfinbox.tui.compose.ready.canned_offer import CannedOffer


class Templating(CannedOffer):
    """What the composer knows about templates."""

    def take_template(self, template: Template, values: Mapping[str, str]) -> None:
        """It stands in the text box, where nothing can be typed; what stood there is kept."""
        writing = self.writing
        if writing is None:
            return
        if writing.template is None:
            writing.own_text = self.box.text
        self._write(
            TemplateChoice(template.name, template.language, dict(values)), template.said(values)
        )

    def drop_template(self) -> None:
        """The agent's own words again."""
        writing = self.writing
        if writing is not None and writing.template is not None:
            text, writing.own_text = writing.own_text, ""
            self._write(None, text)

    def _write(self, choice: TemplateChoice | None, text: str) -> None:
        if self.writing is None:
            return
        self.writing.template = choice
        self.box.fix(choice is not None)
        self.box.put(text)
        self.plan = None
        self.changed()
        self.read_plan()

    def put_in(self, reply: Any, *, over: int = 0) -> bool:
        """A canned reply is words of one's own."""
        if self.box.fixed:
            self.drop_template()
        return super().put_in(reply, over=over)
