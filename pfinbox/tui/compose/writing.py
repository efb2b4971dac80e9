"""What is being written: one comment in one task, before it is sent; drafts keep it as JSON."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from pfinbox.domain.model import Notify, Who
from pfinbox.domain.outbound.planning.templates import TemplateChoice
from pfinbox.domain.recipients import chosen
from pfinbox.tui.compose import attached
from pfinbox.tui.compose.attached import Attached

Mode = Literal["reply", "note"]


@dataclass
class Writing:
    """A comment in the making. ``answers`` is the comment being replied to."""

    task_id: int
    mode: Mode
    answers: int | None = None
    # Whether that comment is quoted (R19), and whether the agent has said so.
    quotes: bool = False
    decided: bool = False
    # None until the store has said whom this agent would write to here.
    notify: Notify | None = None
    files: list[Attached] = field(default_factory=list)
    # Made once: a second press of "send" must not make a second comment.
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    # Send although the client has written meanwhile: the agent has seen it and pressed again.
    force: bool = False
    # Everyone whom the answered mail went to is asked for (R45), in place of the usual choice.
    everyone: bool = False
    # Who is named in the text (@name), and who of them would not get it otherwise.
    mentioned: tuple[Who, ...] = ()
    by_name: set[Who] = field(default_factory=set)
    # When it goes out (R18); None: now. ``anyway``: even if the client writes meanwhile.
    send_at: datetime | None = None
    anyway: bool = False
    # An approved text (R25), and the agent's own words that stood there before.
    template: TemplateChoice | None = None
    own_text: str = ""

    def may_get(self, who: Who) -> bool:
        """A note stays inside, whatever is chosen or named."""
        return self.mode == "reply" or who.kind == "agent"

    def choose(self, notify: Notify) -> None:
        """Whom it goes to."""
        kept = tuple(who for who in notify.who if self.may_get(who))
        newcomers = notify.newcomers if self.mode == "reply" else ()
        self.notify = replace(notify, who=kept, newcomers=newcomers)

    def answer_to(self, comment_id: int | None, *, selected: bool) -> None:
        """What stands in the conversation is answered; selected by the agent, it is quoted too."""
        if selected:
            self.quotes = self.decided = True
        if self.decided or self.answers is None:
            self.answers = comment_id

    def choices(self) -> dict[str, Any]:
        """Everything but the text, as it is kept with the draft."""
        kept: dict[str, Any] = {"files": [attached.as_json(file) for file in self.files]}
        if self.answers is not None:
            kept["answers"] = self.answers
            kept["quotes"] = self.quotes
        if self.notify is not None:
            kept |= chosen.as_json(self.notify)
            kept["mentioned"] = chosen.people_as_json(self.mentioned)
        return kept | self.moment() | self.approved()

    def moment(self) -> dict[str, Any]:
        """When it goes out, as it is kept with the draft."""
        if self.send_at is None:
            return {}
        return {"send_at": self.send_at.isoformat(), "anyway": self.anyway}

    def approved(self) -> dict[str, Any]:
        """The template, and the words of one's own, as they are kept with the draft."""
        if self.template is None:
            return {}
        return {"template": self.template.as_json(), "own_text": self.own_text}

    def restore_approved(self, choices: dict[str, Any]) -> None:
        """Take over the template that a draft had; one that is chosen already stays."""
        if self.template is None and "template" in choices:
            self.template = TemplateChoice.from_json(choices["template"])
            self.own_text = str(choices.get("own_text", ""))

    def restore_moment(self, choices: dict[str, Any]) -> None:
        """Take over the moment that a draft had; one that is chosen already stays."""
        if self.send_at is None and "send_at" in choices:
            self.send_at = datetime.fromisoformat(choices["send_at"])
            self.anyway = bool(choices.get("anyway"))

    def restore(self, choices: dict[str, Any]) -> None:
        """Take over what a draft had chosen; what is chosen already stays."""
        if not self.files:
            self.files = [attached.from_json(file) for file in choices.get("files", ())]
        answers, quotes = choices.get("answers"), bool(choices.get("quotes"))
        # What was to be quoted stays so; else the client's newest comment is what is answered.
        if isinstance(answers, int) and not self.decided and (quotes or self.answers is None):
            self.answers, self.quotes = answers, quotes
        if self.notify is None and "who" in choices:
            self.choose(chosen.from_json(choices))
            # Who of them was taken out in the picker stays out.
            self.mentioned = chosen.people(choices.get("mentioned", ()))
        self.restore_moment(choices)
        self.restore_approved(choices)
