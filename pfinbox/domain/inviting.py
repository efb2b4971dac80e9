"""Invitation links (R30): which account makes one for a task, and whom a stale one is answered."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Account, Task
from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _

HOUR = timedelta(hours=1)
# In one chat, and the number of chats of one account in an hour.
_AGAIN = timedelta(days=1)
_MOST = 20
# What our tokens look like; any other word is a link of somebody's own (an advertisement's).
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")

# The default of [inbox] stale_invitation.
STALE = "This invitation link is no longer valid. Just write to us here, and we will answer."


def invitable(task: Task, accounts: Sequence[Account], name: str | None) -> tuple[Account, str]:
    """The account that invites and its link with ``{token}``; Refused or NotFound say why not."""
    account = _account(task, accounts, name)
    if not task.active:
        raise Refused(_("task #{id} is finished; reopen it first").format(id=task.id))
    if any(chat.account_id == account.id for chat in task.chats):
        raise Refused(
            _("task #{id} has a chat by {name} already").format(id=task.id, name=account.name)
        )
    if account.invite_link is None:
        raise Refused(
            _("{name} has not been connected yet; the daemon has to sign in first").format(
                name=account.name
            )
        )
    return account, account.invite_link


def inviters(task: Task, accounts: Sequence[Account]) -> tuple[str, ...]:
    """The accounts by which a client can be invited to this task; Refused says why by none."""
    able = [one for one in accounts if one.configured and one.can(Capability.INVITES)]
    names: list[str] = []
    refusal = Refused(_("no account has invitation links"))
    for account in able:
        try:
            invitable(task, accounts, account.name)
        except Refused as error:
            refusal = error
        else:
            names.append(account.name)
    if not names:
        raise refusal
    return tuple(names)


def _account(task: Task, accounts: Sequence[Account], name: str | None) -> Account:
    known = [account for account in accounts if account.configured]
    if name is not None:
        account = next((one for one in known if one.name == name), None)
        if account is None:
            raise NotFound(_("there is no account {name}").format(name=name))
        if account.can(Capability.INVITES):
            return account
        if account.can(Capability.WRITE_FIRST):
            raise Refused(
                _("{name} needs no invitation: write to the client's address").format(name=name)
            )
        raise Refused(_("{name} has no invitation links").format(name=name))
    able = [one for one in known if one.can(Capability.INVITES)]
    if not able:
        raise Refused(_("no account has invitation links"))
    if len(able) > 1:
        names = ", ".join(one.name for one in able)
        raise Refused(_("say by which account: --account, one of {names}").format(names=names))
    return able[0]


def of_one_client(task: Task, other: Task) -> bool:
    """Whether nobody would learn of another's conversation when these are one (R32)."""
    return task.contact_id is None or task.contact_id == other.contact_id


def may_tell(payload: str, now: datetime, told_at: datetime | None, lately: int) -> bool:
    """Whether somebody who came with a stale invitation is told so.

    ``told_at``: when this chat was told last; ``lately``: how many chats were, within an hour.
    """
    if not _TOKEN.fullmatch(payload) or lately >= _MOST:
        return False
    return told_at is None or now - told_at >= _AGAIN
