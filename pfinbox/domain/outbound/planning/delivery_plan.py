"""A delivery plan: what will go to whom, by what, to which address; and what it is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pfinbox.domain.contract.files import Weighed
from pfinbox.domain.contract.parts import misfit
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Agent, Contact, Who
from pfinbox.domain.outbound.planning.templates import ByTemplate
from pfinbox.record import record


@record
class Later:
    """By which e-mail account, and where, a comment follows that was not seen for so long."""

    account: Account
    address: str
    seconds: int

    def as_json(self) -> dict[str, Any]:
        return {"account": self.account.name, "address": self.address, "seconds": self.seconds}


@record
class PlanRow:
    """One recipient's way. An agent has no account: the comment shows in the inbox."""

    recipient: Who
    name: str
    account: Account | None = None
    chat_id: int | None = None
    # E-mail address, or the chat's key in a messenger; what is shown before sending.
    address: str | None = None
    when: datetime | None = None
    warnings: tuple[Reason, ...] = ()
    error: Reason | None = None
    # Rows of one group share one message with visible recipients (R45).
    group: int = 0
    # Not the way that the task itself has to its recipient, only this comment's (R16).
    aside: bool = False
    # In Cc: a copy of what is said to the group's first row.
    copy: bool = False
    # Until when the chat can be written to, where it has a reply window.
    closes_at: datetime | None = None
    # What was not seen there follows by e-mail.
    later: Later | None = None
    # The name of the approved text that it goes as.
    template: str | None = None

    def as_json(self) -> dict[str, Any]:
        by_template = {"template": self.template} if self.template is not None else {}
        return (
            by_template
            | {
                # A newcomer's card has no id before it is made.
                "recipient": {
                    "kind": self.recipient.kind,
                    "id": self.recipient.id or None,
                    "name": self.name,
                },
                "account": self.account.name if self.account else None,
                "channel": self.account.channel if self.account else None,
                "address": self.address,
                "when": self.when.isoformat().replace("+00:00", "Z") if self.when else None,
                "warnings": [warning.as_json() for warning in self.warnings],
                "error": self.error.as_json() if self.error else None,
            }
            | ({"later": self.later.as_json()} if self.later is not None else {})
        )


@record
class DeliveryPlan:
    """What will go to whom, by what, to which address."""

    rows: tuple[PlanRow, ...] = ()
    warnings: tuple[Reason, ...] = ()

    @property
    def errors(self) -> tuple[Reason, ...]:
        return tuple(row.error for row in self.rows if row.error is not None)

    @property
    def refusal(self) -> str | None:
        """Why nothing can be sent so, and what could be."""
        for row in self.rows:
            if row.error is not None:
                hints = [one for one in row.warnings if one.kind == "templates_go"]
                return "; ".join(one.sentence() for one in (row.error, *hints))
        return None

    def carrying(self, files: Sequence[Weighed], *, above: bool) -> "DeliveryPlan":
        """The plan where these files go along: whose channel does not take them gets nothing.

        ``above``: the file stands above the text of a template.
        """
        if not files:
            return self
        return replace(
            self,
            rows=tuple(
                replace(row, error=row.error or misfit(row.account.limits, files, above=above))
                if row.account is not None
                else row
                for row in self.rows
            ),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "plan": [row.as_json() for row in self.rows],
            "warnings": [warning.as_json() for warning in self.warnings],
        }


@record
class People:
    """Everyone and everything that a plan may need, by id."""

    contacts: Mapping[int, Contact]
    agents: Mapping[int, Agent]
    accounts: Mapping[int, Account]
    # The account that sends the mail of tasks without an e-mail account.
    mail_account_id: int | None = None
    # When the plan is made.
    now: datetime | None = None
    # The approved text that the comment is, if it is one.
    template: ByTemplate | None = None


@record
class Answered:
    """The comment that is being answered, as far as the plan cares."""

    # The account by which it came; None for an agent's own.
    account_id: int | None = None
    author: Who | None = None
    # Contacts to whom it was addressed as well: they may be chosen, task or not (R45).
    addressed: frozenset[int] = frozenset()
