"""What a contact with access would see, entry by entry and why (R36-R38)."""

from dataclasses import replace

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.people.portal import Look, looks
from pfinbox.domain.visibility import known_setting, whose_tasks
from pfinbox.services import access
from pfinbox.store.load import portal
from pfinbox.store.read import visibility
from pfinbox.store.uow import UnitOfWork


async def portal_view(
    uow: UnitOfWork, actor: AgentActor, contact_id: int, setting: str | None = None
) -> list[Look]:
    """Every comment of the contact's tasks that this agent may see, oldest first in each task.

    ``setting``: look with this one instead of the company's and the card's.
    """
    root = await access.the_contact(uow, actor, contact_id)
    (reader,) = await portal.readers(uow, [root])
    if setting is not None:
        reader = replace(reader, override=known_setting(setting))
    who = await visibility.viewer(uow, actor)
    general = await portal.general_setting(uow)
    theirs = await portal.tasks_of(uow, whose_tasks(reader, general))
    tasks = await visibility.visible_among(uow, who, theirs)
    return looks(await portal.pages(uow, tasks), reader, general)
