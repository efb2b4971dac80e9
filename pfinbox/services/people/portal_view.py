"""What a contact with access would see, entry by entry and why (R36-R38)."""

from collections.abc import Sequence
from dataclasses import replace

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.people.portal import Look, looks
from pfinbox.domain.visibility import known_setting, whose_tasks
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.store.load import portal
from pfinbox.store.read import visibility
from pfinbox.store.read.portal.conversations import conversation_of
from pfinbox.store.read.portal.sight import sight_of
from pfinbox.store.rows import PortalConversation
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


@record
class Preview:
    """A task's page as a contact has it, and every comment with why it is shown or not.

    ``page``: None where nothing in the task is shown. ``access``: whether the contact can open it.
    """

    page: PortalConversation | None
    looks: Sequence[Look]
    access: bool


async def preview(uow: UnitOfWork, actor: AgentActor, contact_id: int, task_id: int) -> Preview:
    """The page of one contact in one task, by the very read that makes it."""
    task = await access.the_task(uow, actor, task_id)
    looks = [one for one in await portal_view(uow, actor, contact_id) if one.task_id == task.id]
    who = await sight_of(uow, await access.the_contact(uow, actor, contact_id))
    page = None
    if any(one.shown for one in looks):
        page = await conversation_of(uow, who, task.id)
    return Preview(page, looks, who.reader.portal)
