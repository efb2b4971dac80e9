"""Notices by e-mail (R22): which agents want one, what is kept of it, which account sends it."""

from collections.abc import Collection
from typing import Any

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Agent

# Mails about refusals that an agent gets in an hour at most.
TOLD_AN_HOUR = 5

# ``delivery.notice``: a comment is new for the agent; an answer by e-mail was refused.
NEWS, TOLD = "news", "told"


def wants_mail(agent: Agent) -> bool:
    """Whether the agent wants notices by e-mail, and can get them."""
    return agent.notify_by_mail and agent.active and bool(agent.email)


def notice_content(notice: str, reason: Reason | None = None) -> dict[str, Any]:
    """What is frozen of a notice, which is worded when it leaves: it may be taken back."""
    return {
        "text": "",
        "notice": notice,
        "reason": reason.as_json() if reason is not None else None,
    }


def is_obsolete(notice: str, agent: Agent, *, stands: bool) -> bool:
    """Whether a queued notice is not sent any more; ``stands``: its comment is there to be seen."""
    return not agent.email or (notice == NEWS and not (wants_mail(agent) and stands))


def sending_account(
    accounts: Collection[Account], chosen_id: int | None, task_account_id: int | None
) -> Account | None:
    """The account that sends notices: the chosen one, the first shared one, the task's own."""
    able = [
        account
        for account in sorted(accounts, key=lambda account: account.id)
        if account.configured
        and account.can(Capability.GLOBAL_ADDRESSES)
        and account.can(Capability.WRITE_FIRST)
    ]
    for wanted in (
        [account for account in able if account.id == chosen_id],
        [account for account in able if account.role == "shared"],
        [account for account in able if account.id == task_account_id],
    ):
        if wanted:
            return wanted[0]
    return None
