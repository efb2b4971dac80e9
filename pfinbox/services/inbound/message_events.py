"""What happens to messages that are here: edited, deleted, given signs (R11)."""

from pfinbox.domain.contract.incoming import Deletion, Edit, Reaction
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.comments import CommentChanged, CommentsGone, FileReplaced
from pfinbox.domain.inbound import message_events as rules
from pfinbox.domain.inbound.deciding import Outcome
from pfinbox.domain.model import Account
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.services.events import reactions
from pfinbox.store import files
from pfinbox.store.load.inbound import named_comments as load
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.inbound import received


async def take(uow: UnitOfWork, account: Account, event: Edit | Deletion | Reaction) -> Outcome:
    """What it does to the message that it names."""
    match event:
        case Edit():
            return await edit(uow, account, event)
        case Deletion():
            return await delete(uow, account, event)
        case Reaction():
            return await react(uow, account, event)


async def edit(uow: UnitOfWork, account: Account, event: Edit) -> Outcome:
    """The earlier text and the earlier files are kept beside the new ones."""
    comment = (await load.by_source_id(uow, account.id, [event.source_id])).get(event.source_id)
    if comment is None or not comment.outside:
        return Outcome("ignored", reason=_unknown("edit of an unknown message"))
    edited = rules.edited(comment, event)
    await files.attach(uow, comment.id, edited.new_files)
    for file in edited.new_files:
        name = clean_line(file.name, 200)
        await reactions.follow(uow, comment.task_id, FileReplaced(comment=comment.id, name=name))
    await received.edit(uow, comment, edited, event.edited_at)
    if edited.anything:
        await reactions.follow(uow, comment.root_id, CommentChanged(comment.id))
    return Outcome("shown", comment.id)


async def delete(uow: UnitOfWork, account: Account, event: Deletion) -> Outcome:
    """Marked, not lost."""
    comments = await load.by_source_id(uow, account.id, event.source_ids)
    gone = rules.deleted(comments.values(), event.source_ids)
    if not gone:
        return Outcome("ignored")
    await received.mark_deleted(uow, gone, event.deleted_at)
    for root_id in sorted(set(gone.values())):
        together = sorted(one for one, root in gone.items() if root == root_id)
        await reactions.follow(uow, root_id, CommentsGone(together))
    return Outcome("shown", min(gone))


async def react(uow: UnitOfWork, account: Account, event: Reaction) -> Outcome:
    """Shown at the message; it answers nothing, opens nothing and is nobody's news."""
    comment = (await load.by_source_id(uow, account.id, [event.source_id])).get(event.source_id)
    if comment is None:
        return Outcome("ignored", reason=_unknown("reaction to an unknown message"))
    await received.react(uow, comment.id, rules.reacted(comment, event))
    # The comment's receipt is the message's own.
    return Outcome("ignored", reason=Reason("reaction"))


def _unknown(detail: str) -> Reason:
    return Reason("ignored", {"detail": detail})
