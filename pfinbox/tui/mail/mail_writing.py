"""What stands on the sheet of a mail, and what it becomes."""

from dataclasses import dataclass, replace
from typing import Any

from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan
from pfinbox.domain.tasks.then import STAYS, Then
from pfinbox.record import record
from pfinbox.services.comments.starting import Started
from pfinbox.store.rows import DraftRow
from pfinbox.tui.compose import attached
from pfinbox.tui.compose.writing import Writing


@dataclass
class MailWriting(Writing):
    """What stands on the sheet; a draft keeps all of it."""

    mode: Any = ""
    to: str = ""
    cc: str = ""
    subject: str = ""
    body: str = ""
    account: str = ""
    # The contact to whom it goes by a messenger.
    contact_id: int | None = None
    # What becomes of the task when the mail is stored.
    then: Then = STAYS

    def choices(self) -> dict[str, Any]:
        return {
            "to": self.to,
            "cc": self.cc,
            "subject": self.subject,
            "body": self.body,
            "account": self.account,
            "contact_id": self.contact_id,
            "files": [attached.as_json(file) for file in self.files],
            "key": self.key,
            **self.moment(),
            **self.approved(),
        }

    def restore(self, choices: dict[str, Any]) -> None:
        for name in ("to", "cc", "subject", "body", "account", "key"):
            setattr(self, name, str(choices.get(name) or getattr(self, name)))
        self.files = self.files or [attached.from_json(f) for f in choices.get("files", ())]
        self.restore_moment(choices)
        self.restore_approved(choices)

    @property
    def written(self) -> str:
        """Empty where the agent has written nothing: then there is no draft."""
        return "\n".join((self.to, self.cc, self.subject, self.body)).strip()


@record
class MailSent:
    """What the mail became, and the draft that it was."""

    started: Started
    draft: DraftRow
    # Whom it went to, as the sheet says it.
    names: str
    then: Then


def without_newcomers(plan: DeliveryPlan) -> DeliveryPlan:
    """That somebody has no part in the task yet is no news to who has just typed them."""
    rows = (
        replace(row, warnings=tuple(one for one in row.warnings if one.kind != "new_here"))
        for row in plan.rows
    )
    return replace(plan, rows=tuple(rows))
