"""Erasing a contact (R34): the contact's tasks are purged and the card is emptied."""

from pfinbox.domain import purging as rules
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events.comments import CommentsErased
from pfinbox.domain.outbound.delivery import Step
from pfinbox.domain.purging import Erasure
from pfinbox.services import access
from pfinbox.services.events import reactions
from pfinbox.services.privacy import trash
from pfinbox.store import load, locks, write
from pfinbox.store.read import visibility
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def preview_erase(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> Erasure:
    """What erasing this person would take away; nothing is stored."""
    await access.must_have(uow, actor, "erasing.erase_contact")
    root = await access.the_contact(uow, actor, contact_id)
    tasks = await _their_tasks(uow, actor, root)
    return Erasure(
        await load.purged.gone(uow, tasks),
        await load.purged.count(uow, load.purged.said_elsewhere(root, tasks)),
        len(await load.purged.addresses(uow, root)),
    )


async def erase_contact(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> Erasure:
    """Purge all of a person's conversations and empty the card with everything merged into it.

    Only an admin may, and only one who sees all of it. Who writes again is somebody new.
    """
    done = await preview_erase(uow, actor, contact_id)
    root = await access.the_contact(uow, actor, contact_id)
    await locks.cards(uow, [root])
    tasks = await _their_tasks(uow, actor, root)
    named = await load.cards.naming(uow, root, load.purged.of_nobody())
    await locks.tasks(uow, tasks)
    await trash.must_be_still(uow, load.purged.sent_to(root))
    await trash.empty(uow, actor.id, tasks)
    if named:
        await write.purged.remember(uow, await load.purged.hashes_of_bytes(uow, named))
        await write.purged.empty_receipts(uow, named)
    await _leave_others(uow, actor, root)
    await write.purged.forget_chats(uow, root)
    await write.purged.empty_card(uow, root)
    await index.index_contact(uow, root)
    await index.scrub(uow)
    return done


async def _their_tasks(uow: UnitOfWork, actor: AgentActor, root: int) -> list[int]:
    """The roots of their conversations; Refused where purging would hit somebody else."""
    foreign = await load.purged.foreign(uow, root)
    who = await visibility.viewer(uow, actor)
    theirs = rules.must_be_theirs(foreign, await visibility.visible_among(uow, who, foreign))
    # Stand-ins of what could not be read, not even its sender, but names them.
    unread = await load.cards.naming(uow, root, load.purged.of_unknown())
    comments = [one.comment_id for one in unread if one.comment_id is not None]
    return theirs + [i for i in await load.purged.stand_ins(uow, comments) if i not in foreign]


async def _leave_others(uow: UnitOfWork, actor: AgentActor, root: int) -> None:
    """Take them out of conversations that go on without them."""
    theirs = load.purged.said_elsewhere(root, [])
    touched = await load.purged.by_root(uow, theirs)
    # The recipients are looked up first: afterwards no comment leads to the card.
    waiting = await load.purged.waiting_for(uow, root)
    await write.deliveries.move(uow, Step.TAKEN_BACK, waiting)
    values = set(await load.purged.addresses(uow, root))
    await write.purged.forget_addresses(uow, root, values)
    await write.comments.forget_drafts(uow, root, values)
    for some in await load.purged.by_ids(uow, theirs):
        await trash.forget(uow, some)
    await write.purged.leave_tasks(uow, root)
    for task_id, ids in sorted(touched.items()):
        await reactions.follow(uow, task_id, CommentsErased(count=len(ids)), actor.id)
