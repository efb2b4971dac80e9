"""People as they are named on the command line."""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Who
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.people import agents
from pfinbox.store import read
from pfinbox.store.uow import UnitOfWork

SYNTAX = "agent:LOGIN|contact:ID"


async def someone(uow: UnitOfWork, me: AgentActor, text: str) -> Who:
    """``agent:anna``, ``contact:5``, or a login alone."""
    kind, colon, name = text.partition(":")
    if kind == "contact" and colon:
        return Who("contact", await access.the_contact(uow, me, number(name)))
    if kind == "agent" and colon:
        text = name
    elif colon:
        raise UsageError(_("{text} is nobody: write {syntax}").format(text=text, syntax=SYNTAX))
    return Who("agent", (await agents.by_login(uow, text)).id)


async def recipient(uow: UnitOfWork, me: AgentActor, task_id: int, text: str) -> Who:
    """Like :func:`someone`, and ``client`` for the client of the task."""
    if text != "client":
        return await someone(uow, me, text)
    client = (await read.task_row(uow, me, task_id)).contact
    if client is None:
        raise Refused(_("task #{id} has no client; set one first").format(id=task_id))
    return client.who


def own_key(me: int, key: str | None) -> str | None:
    """A key that a person chose is that agent's alone: a colleague's leads to no comment."""
    return f"{me}:{key}" if key is not None else None


def number(text: str) -> int:
    """An id as people write it, with or without #."""
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise UsageError(_("{text} is no number").format(text=repr(text)))
    return int(digits)
