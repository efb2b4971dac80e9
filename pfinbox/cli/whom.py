"""People and accounts as they are named on the command line."""

from pfinbox.domain.model import Who
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import agents
from pfinbox.store import queries, snapshots
from pfinbox.store.uow import UnitOfWork

SYNTAX = "agent:LOGIN|contact:ID"


async def someone(uow: UnitOfWork, text: str) -> Who:
    """``agent:anna``, ``contact:5``, or a login alone."""
    kind, colon, name = text.partition(":")
    if kind == "contact" and colon:
        return Who("contact", await snapshots.contact_root(uow, number(name)))
    if kind == "agent" and colon:
        text = name
    elif colon:
        raise UsageError(_("{text} is nobody: write {syntax}").format(text=text, syntax=SYNTAX))
    return Who("agent", (await agents.by_login(uow, text)).id)


async def recipient(uow: UnitOfWork, me: int, task_id: int, text: str) -> Who:
    """Like :func:`someone`, and ``client`` for the client of the task."""
    if text != "client":
        return await someone(uow, text)
    client = (await queries.task_row(uow, me, task_id)).contact
    if client is None:
        raise Refused(_("task #{id} has no client; set one first").format(id=task_id))
    return client.who


async def account_id(uow: UnitOfWork, name: str) -> int:
    known = (await snapshots.accounts(uow)).values()
    for account in known:
        if account.name == name and account.configured:
            return account.id
    names = ", ".join(account.name for account in known if account.configured) or _("none")
    raise NotFound(_("there is no account {name}; known: {names}").format(name=name, names=names))


def number(text: str) -> int:
    """An id as people write it, with or without #."""
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise UsageError(_("{text} is no number").format(text=repr(text)))
    return int(digits)
