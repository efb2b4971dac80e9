"""What an answer quotes (R19): a comment of the same task, which its recipients have seen.

Words that a recipient has not seen (a note among colleagues, another contact's message in a merged
task) go out only when the agent confirms it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Row, exists, func, or_, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Party
from pfinbox.domain.model import Account, Task
from pfinbox.domain.outbound.delivery import State
from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# With words that a recipient has not seen: refuse, send them, or answer without quoting them.
Unseen = Literal["refuse", "send", "omit"]

# A delivery in one of these states has not arrived, and will not before the answer.
_NOT_THERE = (State.FAILED, State.WITHDRAWN, State.HELD, State.SCHEDULED)


class QuoteUnseen(Refused):
    """A recipient has not seen the quoted words; the agent must confirm them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            _("{names} would see words that were not said to them: the ones quoted").format(
                names=", ".join(names)
            )
        )
        self.names = tuple(names)


async def the_quoted(uow: UnitOfWork, task: Task, comment_id: int) -> Row[Any]:
    """The comment to quote; NotFound when it is not one of this task, merged ones included."""
    row = (
        await uow.connection.execute(
            select(t.comment, t.contact.c.root_id.label("author_root"))
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
            .where(t.comment.c.id == comment_id, t.task.c.root_id == task.id)
        )
    ).first()
    if row is None:
        raise NotFound(_("comment {id} is not in task #{task}").format(id=comment_id, task=task.id))
    return row


def words(quoted: Row[Any]) -> str:
    """What is quoted of a comment: of a mail what is new in it."""
    return str(quoted.new_text or quoted.text)


async def names_of_unseen(
    uow: UnitOfWork,
    quoted: Row[Any],
    contact_ids: Collection[int],
    newcomers: Collection[Party] = (),
) -> list[str]:
    """Those of these contacts (root ids) who have neither written nor got the comment.

    ``newcomers``: people without a card, who may have got the client's mail as well.
    """
    lacking = set(contact_ids) - await _seen_by(uow, quoted, contact_ids)
    cards = await snapshots.contacts(uow, lacking)
    listed = _listed(quoted.recipients or {})
    strangers = [one for one in newcomers if one.value.lower() not in listed]
    return [
        *(cards[i].name for i in sorted(lacking)),
        *(one.name or one.value for one in strangers),
    ]


async def _seen_by(uow: UnitOfWork, quoted: Row[Any], contact_ids: Collection[int]) -> set[int]:
    if quoted.direction != "incoming":
        return await _got(uow, quoted.id)
    found = {quoted.author_root}
    outside = select(t.chat.c.outside).where(t.chat.c.id == quoted.chat_id)
    if quoted.recipients and not await uow.connection.scalar(outside):
        # Cc of a side conversation counts for nothing: pfinbox passes nothing on by itself.
        found |= await _on_mail(uow, quoted.recipients, contact_ids)
    return found


async def _got(uow: UnitOfWork, comment_id: int) -> set[int]:
    """The contacts chosen for a comment of ours, unless it did not reach them."""
    person, of = t.contact.alias(), t.contact.alias()
    theirs = exists().where(
        t.delivery.c.comment_id == comment_id,
        t.delivery.c.notice.is_(None),
        of.c.id == t.delivery.c.contact_id,
        of.c.root_id == person.c.root_id,
    )
    return set(
        await uow.connection.scalars(
            select(person.c.root_id)
            .join(t.notify, t.notify.c.contact_id == person.c.id)
            .where(
                t.notify.c.comment_id == comment_id,
                # A comment without deliveries was written elsewhere: its contacts have it (R43).
                or_(~theirs, theirs.where(t.delivery.c.state.not_in(_NOT_THERE))),
            )
        )
    )


def _listed(recipients: Mapping[str, Any]) -> set[str]:
    return {str(one).lower() for one in (*recipients.get("to", ()), *recipients.get("cc", ()))}


async def _on_mail(
    uow: UnitOfWork, recipients: Mapping[str, Any], contact_ids: Collection[int]
) -> set[int]:
    listed = _listed(recipients)
    return set(
        await uow.connection.scalars(
            select(t.contact.c.root_id)
            .join(t.address, t.address.c.contact_id == t.contact.c.id)
            .where(
                t.contact.c.root_id.in_(contact_ids),
                t.address.c.scope == 0,
                func.lower(t.address.c.value).in_(listed),
            )
        )
    )


async def above(uow: UnitOfWork, account: Account, chat_id: int, quoted: Row[Any]) -> str:
    """What a messenger's message begins with where no reply of the channel can quote.

    A reply needs the quoted message in the same chat; a mail has its quotation below the text.
    """
    if not account.can(Capability.REPLY_QUOTE):
        return ""
    if quoted.direction == "incoming":
        there = quoted.chat_id == chat_id and quoted.source_id is not None
    else:
        there = (
            await uow.connection.scalar(
                select(t.part.c.id)
                .where(t.part.c.comment_id == quoted.id, t.part.c.chat_id == chat_id)
                .limit(1)
            )
            is not None
        )
    if there:
        return ""
    return "".join(f"> {line}".rstrip() + "\n" for line in words(quoted).strip("\n").split("\n"))
