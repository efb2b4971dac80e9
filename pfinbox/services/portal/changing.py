"""What else a contact changes on their page: a task is solved, their name and language."""

from pfinbox.domain.actor import ContactActor
from pfinbox.domain.events.tasks import SolvedByClient
from pfinbox.domain.people.cards import card_name
from pfinbox.domain.tasks.statuses import finished
from pfinbox.errors import Refused
from pfinbox.i18n import LANGUAGES, _
from pfinbox.services.events import reactions
from pfinbox.services.portal.writing import writer
from pfinbox.store import snapshots, statuses, write
from pfinbox.store.read.portal.tasks import contact_task
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def solve(uow: UnitOfWork, actor: ContactActor, task_id: int) -> None:
    """The contact needs nothing more: the task is finished, and nobody waits in it (R41).

    Refused for a task of somebody else that the contact sees: whoever asked waits on.
    """
    who = await writer(uow, actor)
    found = await contact_task(uow, who, task_id)
    if not found.own:
        raise Refused(_("Only whoever asked can say that the question is answered."))
    task = await snapshots.task(uow, found.id, lock=True)
    if not task.active:
        return
    status = finished(await statuses.all_statuses(uow))
    await write.tasks.change(
        uow, task.id, status=status, active=False, closed_at=uow.now, snoozed_until=None
    )
    await reactions.follow(uow, task.id, SolvedByClient(who.reader.id))


async def introduce(uow: UnitOfWork, actor: ContactActor, name: str, language: str) -> None:
    """The contact's name, and the language of pages and mails; "" for the browser's."""
    who = await writer(uow, actor)
    if language and language not in LANGUAGES:
        raise Refused(_("That language is not known here."))
    await write.cards.change(uow, who.reader.id, name=card_name(name), language=language or None)
    await index.index_contact(uow, who.reader.id)
