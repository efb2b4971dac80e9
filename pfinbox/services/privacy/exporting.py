"""Everything about a card as plain JSON values: what a person may ask to be handed (R34)."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.services import access
from pfinbox.services.people import portal_sessions
from pfinbox.store import read
from pfinbox.store.uow import UnitOfWork


async def export_contact(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> dict[str, Any]:
    """The card, its addresses, notes and chats, and all its conversations that this agent sees.

    Finished, deleted and spam ones are in it, and internal comments, marked as such; files by
    name, size and sha256; where they are signed in to their own page (R36). Colleagues' private
    conversations are not (R10).
    """
    root = await access.the_contact(uow, actor, contact_id)
    card = await read.contact(uow, actor, root)
    return {
        "contact": {key: value for key, value in plain(card).items() if key != "tasks"},
        "chats": [plain(chat) for chat in await read.chats_of_contact(uow, actor, root)],
        "tasks": [
            plain(await read.conversation(uow, actor, task_id, limit=None))
            for task_id in await read.tasks_with(uow, actor, root)
        ],
        "portal_sessions": [plain(one) for one in await portal_sessions.sessions(uow, actor, root)],
        "exported_at": plain(uow.now),
    }


def plain(value: Any) -> Any:
    """Rows of the read side as JSON values; moments in ISO 8601, UTC."""
    if isinstance(value, Reason):
        return value.as_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
