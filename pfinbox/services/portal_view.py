"""What a contact with access would see, entry by entry and why; giving that access (R36-R39)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, or_, select, update

from pfinbox.domain.delivery import BLOCKING, State
from pfinbox.domain.reason import Reason
from pfinbox.domain.visibility import DEFAULT, SETTINGS, Entry, Reader, visible
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# While all deliveries of a comment are in these, nobody outside can have it.
_INSIDE = (*BLOCKING, State.SCHEDULED, State.HELD, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Look:
    """One comment with whether the contact sees it, and the reason."""

    contact_id: int
    task_id: int
    comment_id: int
    shown: bool
    reason: Reason


class WouldReveal(Refused):
    """The change would show a contact what they never got; it must be asked for twice (R39)."""

    def __init__(self, looks: Sequence[Look]) -> None:
        super().__init__(
            _("{n} comments would become visible; look at the list, then force it").format(
                n=len(looks)
            )
        )
        self.looks = tuple(looks)


async def portal_view(
    uow: UnitOfWork, agent_id: int, contact_id: int, setting: str | None = None
) -> list[Look]:
    """Every comment of the contact's tasks that this agent may see, oldest first in each task.

    ``setting``: look with this one instead of the company's and the card's.
    """
    reader = await _reader(uow, await access.the_contact(uow, agent_id, contact_id))
    if setting is not None:
        reader = replace(reader, override=_known(setting))
    general = await current_setting(uow)
    looks = []
    for task_id, entries, contacts in await _tasks(uow, agent_id, reader.id):
        for comment_id, entry in entries:
            found = visible(entry, reader, general, contacts)
            looks.append(Look(reader.id, task_id, comment_id, found.shown, found.reason))
    return looks


async def would_become_visible(
    uow: UnitOfWork, agent_id: int, setting: str, contact_id: int | None = None
) -> list[Look]:
    """What contacts would see with ``setting`` that they do not see now (R39).

    ``contact_id``: as this card's own setting, with access; None: as the company's, for every
    contact who has access and no setting of their own. Who has no access yet has seen what they
    got, and nothing else.
    """
    _known(setting)
    if contact_id is not None:
        readers = [await access.the_contact(uow, agent_id, contact_id)]
    else:
        readers = list(
            await uow.connection.scalars(
                select(t.contact.c.id)
                .where(
                    t.contact.c.portal,
                    t.contact.c.contacts_see.is_(None),
                    t.contact.c.merged_into_id.is_(None),
                )
                .order_by(t.contact.c.id)
            )
        )
    found = []
    for reader_id in readers:
        has_access = await uow.connection.scalar(
            select(t.contact.c.portal).where(t.contact.c.id == reader_id)
        )
        now = await portal_view(uow, agent_id, reader_id, None if has_access else DEFAULT)
        seen = {look.comment_id for look in now if look.shown}
        then = await portal_view(uow, agent_id, reader_id, setting)
        found += [look for look in then if look.shown and look.comment_id not in seen]
    return found


async def set_access(
    uow: UnitOfWork,
    agent_id: int,
    contact_id: int,
    *,
    portal: bool | None = None,
    contacts_see: str | None = None,
    force: bool = False,
) -> None:
    """Switch a contact's access on or off, or give the card a setting of its own.

    ``contacts_see``: a setting, or "" for the company's. WouldReveal lists what the contact would
    see that they never got; ``force`` goes on.
    """
    root = await access.the_contact(uow, agent_id, contact_id)
    row = (await uow.connection.execute(select(t.contact).where(t.contact.c.id == root))).one()
    on = row.portal if portal is None else portal
    own = row.contacts_see if contacts_see is None else contacts_see or None
    setting = _known(own) if own else await current_setting(uow)
    if on and not force:
        looks = await would_become_visible(uow, agent_id, setting, root)
        if looks:
            raise WouldReveal(looks)
    await uow.connection.execute(
        update(t.contact).where(t.contact.c.id == root).values(portal=on, contacts_see=own)
    )
    uow.touch("contacts")


async def current_setting(uow: UnitOfWork) -> str:
    """The company's ``contacts_see``."""
    return str((await snapshots.setting(uow, "inbox") or {}).get("contacts_see") or DEFAULT)


def _known(setting: str) -> str:
    if setting not in SETTINGS:
        raise UsageError(
            _("{setting} is no setting; known: {known}").format(
                setting=setting, known=", ".join(SETTINGS)
            )
        )
    return setting


async def _reader(uow: UnitOfWork, contact_id: int) -> Reader:
    root = await snapshots.contact_root(uow, contact_id)
    row = (await uow.connection.execute(select(t.contact).where(t.contact.c.id == root))).one()
    company = {root}
    if row.company:
        company |= set(
            await uow.connection.scalars(
                select(t.contact.c.id).where(
                    t.contact.c.company == row.company, t.contact.c.merged_into_id.is_(None)
                )
            )
        )
    return Reader(root, frozenset(company), row.contacts_see)


async def _tasks(
    uow: UnitOfWork, agent_id: int, contact_id: int
) -> list[tuple[int, list[tuple[int, Entry]], set[int]]]:
    """The contact's living tasks, each with its comments and all contacts of it."""
    cards = select(t.contact.c.id).where(t.contact.c.root_id == contact_id)
    theirs = (
        select(t.task.c.root_id)
        .outerjoin(t.participant, t.participant.c.task_id == t.task.c.id)
        .where(or_(t.task.c.contact_id.in_(cards), t.participant.c.contact_id.in_(cards)))
    )
    roots = await uow.connection.scalars(
        select(t.task.c.id)
        .where(
            t.task.c.id.in_(theirs),
            t.task.c.merged_into_id.is_(None),
            t.task.c.deleted_at.is_(None),
            t.task.c.purged_at.is_(None),
        )
        .order_by(t.task.c.id)
    )
    agent = (await snapshots.agents(uow, [agent_id]))[agent_id]
    found = []
    for root in list(roots):
        task = await snapshots.task(uow, root)
        if not await access.may_see(uow, agent, task):
            continue
        contacts = {who.id for who in task.participants if who.kind == "contact"}
        contacts |= {task.contact_id} if task.contact_id is not None else set()
        found.append((root, await _entries(uow, root), contacts))
    return found


async def _entries(uow: UnitOfWork, root_id: int) -> list[tuple[int, Entry]]:
    members = select(t.task.c.id).where(t.task.c.root_id == root_id)
    mine = select(t.comment.c.id).where(t.comment.c.task_id.in_(members))
    rows = (
        await uow.connection.execute(
            select(t.comment, t.contact.c.root_id.label("author_id"))
            .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
            .where(t.comment.c.task_id.in_(members))
            .order_by(t.comment.c.created_at, t.comment.c.id)
        )
    ).all()
    chosen: dict[int, set[int]] = defaultdict(set)
    for who in await uow.connection.execute(
        select(t.notify.c.comment_id, t.contact.c.root_id)
        .join(t.contact, t.contact.c.id == t.notify.c.contact_id)
        .where(t.notify.c.comment_id.in_(mine))
    ):
        chosen[who.comment_id].add(who.root_id)
    states: dict[int, dict[int | None, set[str]]] = defaultdict(lambda: defaultdict(set))
    for share in await uow.connection.execute(
        select(t.delivery.c.comment_id, t.contact.c.root_id, t.delivery.c.state)
        .outerjoin(t.contact, t.contact.c.id == t.delivery.c.contact_id)
        .where(t.delivery.c.comment_id.in_(mine), t.delivery.c.notice.is_(None))
    ):
        states[share.comment_id][share.root_id].add(share.state)
    return [(row.id, _entry(row, chosen[row.id], states[row.id])) for row in rows]


def _entry(row: Row[Any], chosen: set[int], states: dict[int | None, set[str]]) -> Entry:
    every = set().union(*states.values())
    return Entry(
        said_by=row.author_id,
        # Without a delivery it was written elsewhere, where the contact has it (R43).
        got_by=frozenset(i for i in chosen if State.SENT in states.get(i, {State.SENT})),
        hidden=row.hidden,
        deleted=row.deleted_at is not None,
        waits=bool(every) and every <= {state.value for state in _INSIDE},
    )
