"""What a contact sees on their page, as conditions in SQL (R37, R46).

The same rule as ``domain.visibility`` and ``store.load.portal`` have, for lists, searches and
files: a property test shows that both say the same.
"""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    case,
    exists,
    func,
    not_,
    or_,
    select,
    true,
)

from pfinbox.domain.actor import ContactActor
from pfinbox.domain.outbound.delivery import State
from pfinbox.domain.visibility import INSIDE, Reader, whose_tasks
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store import roots
from pfinbox.store import tables as t
from pfinbox.store.load import portal
from pfinbox.store.read.portal import cards
from pfinbox.store.tables.base import BigInt
from pfinbox.store.uow import UnitOfWork

Condition = ColumnElement[bool]
# Given a card: whether it is one of those that are meant.
Whose = Callable[[Any], Condition]

_CARDS: BindParameter[int] = bindparam("cards", expanding=True, type_=BigInt)
WHOSE: BindParameter[int] = bindparam("whose", expanding=True, type_=BigInt)
_ONLY: BindParameter[int] = bindparam("only", type_=BigInt)


@record
class Sight:
    """The contact who looks.

    ``wider``: the setting that applies. ``cards``: all of this person's; ``whose``: all of the
    contacts whose tasks this one may see. ``only``: the root of the only task to see.
    """

    reader: Reader
    wider: str
    cards: frozenset[int]
    whose: frozenset[int]
    only: int | None = None

    @property
    def values(self) -> dict[str, Any]:
        """For the parameters of :func:`has` and :func:`sees`; their statements are made once."""
        return {"cards": list(self.cards), "whose": list(self.whose), "only": self.only}


def has(root: Any) -> Condition:
    """The condition on ``root`` for the contact's tasks, whether or not anything is seen there."""
    joined, part = t.task.alias(), t.participant.alias()
    takes_part = _some(
        [root],
        joined.c.root_id == root.c.id,
        part.c.task_id == joined.c.id,
        part.c.contact_id.in_(WHOSE),
    )
    return and_(or_(root.c.contact_id.in_(WHOSE), takes_part), is_shown(root))


def is_shown(root: Any) -> Condition:
    """Whether a task is shown to contacts, if it is theirs."""
    return and_(
        root.c.merged_into_id.is_(None),
        roots.is_living(root),
        _is_shared(root),
        or_(_ONLY.is_(None), root.c.id == _ONLY),
    )


def sees(comment: Any, root: Any, wider: str) -> Condition:
    """The condition on a comment of ``root``, which is one of the tasks that the contact has."""
    mine = _between(comment, lambda card: card.c.id.in_(_CARDS))
    wide = _wide(comment, root, wider)
    return and_(
        comment.c.hidden.is_(False),
        comment.c.deleted_at.is_(None),
        not_(_waits(comment)),
        mine if wide is None else or_(mine, and_(not_(_by_themselves(root)), wide)),
    )


def _wide(comment: Any, root: Any, wider: str) -> Condition | None:
    """What the setting shows beyond what the contact wrote or got."""
    if wider == "all":
        return true()
    if wider == "company":
        return _between(comment, lambda card: card.c.id.in_(WHOSE))
    if wider == "contacts":
        return _between(comment, lambda card: _in_task(root, card))
    return None


def _by_themselves(root: Any) -> Condition:
    """Whether the contact takes part in the task and no agent added them (R49)."""
    is_client = and_(root.c.contact_id.is_not(None), root.c.contact_id.in_(_CARDS))
    return and_(_takes_part(root), not_(_takes_part(root, let_in=True)), not_(is_client))


def _takes_part(root: Any, *, let_in: bool = False) -> Condition:
    own, part = t.task.alias(), t.participant.alias()
    return _some(
        [root],
        own.c.root_id == root.c.id,
        part.c.task_id == own.c.id,
        part.c.contact_id.in_(_CARDS),
        part.c.let_in.is_(True) if let_in else true(),
    )


def _some(outer: Collection[Any], *conditions: Condition) -> Condition:
    """Whether there are rows like this; ``outer``: what belongs to the statements around it."""
    return exists().where(*conditions).correlate(*outer)


def _between(comment: Any, whose: Whose) -> Condition:
    """Whether one of these contacts wrote the comment, or was chosen and has it."""
    author, card, chosen = t.contact.alias(), t.contact.alias(), t.notify.alias()

    share, owner = t.delivery.alias(), t.contact.alias()
    was_sent = (
        select(func.max(case((share.c.state == State.SENT, 1), else_=0)))
        .where(
            share.c.comment_id == comment.c.id,
            share.c.notice.is_(None),
            owner.c.id == share.c.contact_id,
            owner.c.root_id == card.c.root_id,
        )
        .correlate(comment, card)
        .scalar_subquery()
    )
    said = _some([comment], author.c.id == comment.c.contact_id, whose(author))
    got = _some(
        [comment],
        chosen.c.comment_id == comment.c.id,
        card.c.id == chosen.c.contact_id,
        whose(card),
        # Where nothing was sent from here, it was written elsewhere: the contact has it (R43).
        func.coalesce(was_sent, 1) == 1,
    )
    return or_(said, got)


def _waits(comment: Any) -> Condition:
    """Whether the comment is meant for a contact, and nothing of it has left yet."""
    share, left = t.delivery.alias(), t.delivery.alias()
    has_left = left.c.state.not_in(sorted(INSIDE))
    of_comment = (left.c.comment_id == comment.c.id, left.c.notice.is_(None))
    return and_(
        _some([comment], share.c.comment_id == comment.c.id, share.c.notice.is_(None)),
        not_(_some([comment], *of_comment, has_left)),
    )


def _in_task(root: Any, card: Any) -> Condition:
    """Whether a card is the task's client or a participant."""
    client, person = t.contact.alias(), t.contact.alias()
    part, own = t.participant.alias(), t.task.alias()
    is_client = (client.c.id == root.c.contact_id, client.c.root_id == card.c.root_id)
    return or_(
        _some([root, card], *is_client),
        _some(
            [root, card],
            own.c.root_id == root.c.id,
            part.c.task_id == own.c.id,
            person.c.id == part.c.contact_id,
            person.c.root_id == card.c.root_id,
        ),
    )


def _is_shared(root: Any) -> Condition:
    """No personal account's task, or one that other agents have or take part in (R10)."""
    part, own = t.participant.alias(), t.task.alias()
    owner = root.c.private_to_id
    others = (
        own.c.root_id == root.c.id,
        part.c.task_id == own.c.id,
        part.c.agent_id != owner,
    )
    return or_(owner.is_(None), root.c.assignee_agent_id != owner, _some([root], *others))


async def sight(uow: UnitOfWork, actor: ContactActor) -> Sight:
    """What this contact sees; NotFound without access, and where their cards were parted."""
    root_ids = await cards.root_cards(uow, actor.contact_ids)
    if len(root_ids) != 1:
        raise no_page()
    who = await sight_of(uow, root_ids.pop(), only=actor.task_id)
    if not who.reader.portal:
        raise no_page()
    return who


async def sight_of(uow: UnitOfWork, root_id: int, *, only: int | None = None) -> Sight:
    """What a contact sees, or would see with access; ``only``: in this task alone."""
    (reader,) = await portal.readers(uow, [root_id])
    general = await portal.general_setting(uow)
    own = await cards.all_cards(uow, {root_id})
    whose = whose_tasks(reader, general)
    found = await portal.roots(uow, [only]) if only is not None else []
    return Sight(
        reader,
        reader.override or general,
        own,
        await cards.all_cards(uow, whose) if whose != {root_id} else own,
        None if only is None else next(iter(found), 0),
    )


def no_page() -> NotFound:
    """The one answer for whatever a contact may not see, and for what is not there (R46)."""
    return NotFound(_("There is no such page."))
