"""What a contact with access would see, entry by entry and why (R36-R38)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, false, or_, select, true

from pfinbox.domain import visibility as rules
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Task
from pfinbox.domain.visibility import DEFAULT, SETTINGS, Entry, Reader, visible
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Look:
    """One comment with whether the contact sees it, and the reason."""

    contact_id: int
    task_id: int
    comment_id: int
    shown: bool
    reason: Reason
    # The text that the contact would read.
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A living task as far as its contacts may see it; contacts by their root."""

    task: Task
    # Client and participants.
    contacts: frozenset[int]
    # Participants whom no agent has added.
    by_themselves: frozenset[int]
    # Id, text and what the rule looks at, oldest first.
    entries: tuple[tuple[int, str, Entry], ...]


async def portal_view(
    uow: UnitOfWork, actor: AgentActor, contact_id: int, setting: str | None = None
) -> list[Look]:
    """Every comment of the contact's tasks that this agent may see, oldest first in each task.

    ``setting``: look with this one instead of the company's and the card's.
    """
    reader = await reader_of(uow, await access.the_contact(uow, actor, contact_id))
    if setting is not None:
        reader = replace(reader, override=known_setting(setting))
    general = await current_setting(uow)
    agent = (await snapshots.agents(uow, [actor.id]))[actor.id]
    looks = []
    for page in await pages(uow, await tasks_of(uow, [reader.id])):
        if await access.may_see(uow, agent, page.task):
            looks += seen(page, reader, general)
    return looks


def seen(page: Page, reader: Reader, general: str) -> list[Look]:
    """Every comment of a task with whether ``reader`` sees it."""
    reader = rules.within(reader, page.by_themselves)
    looks = []
    for comment_id, text, entry in page.entries:
        found = visible(entry, reader, general, page.contacts)
        look = Look(reader.id, page.task.id, comment_id, found.shown, found.reason, text)
        looks.append(look)
    return looks


async def current_setting(uow: UnitOfWork) -> str:
    """The company's ``contacts_see``."""
    return str((await snapshots.setting(uow, "inbox") or {}).get("contacts_see") or DEFAULT)


def known_setting(setting: str) -> str:
    if setting not in SETTINGS:
        raise UsageError(
            _("{setting} is no setting; known: {known}").format(
                setting=setting, known=", ".join(SETTINGS)
            )
        )
    return setting


async def reader_of(uow: UnitOfWork, contact_id: int) -> Reader:
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


async def tasks_of(uow: UnitOfWork, contact_ids: Collection[int]) -> list[int]:
    """The roots of the tasks in which these persons take part, by their roots."""
    cards = select(t.contact.c.id).where(t.contact.c.root_id.in_(contact_ids))
    roots = await uow.connection.scalars(
        select(t.task.c.root_id)
        .outerjoin(t.participant, t.participant.c.task_id == t.task.c.id)
        .where(or_(t.task.c.contact_id.in_(cards), t.participant.c.contact_id.in_(cards)))
        .distinct()
        .order_by(t.task.c.root_id)
    )
    return list(roots)


async def pages(uow: UnitOfWork, root_ids: Collection[int], *, trashed: bool = False) -> list[Page]:
    """Those of these tasks that are living, in their order; ``trashed``: or could be restored."""
    roots = await uow.connection.scalars(
        select(t.task.c.id)
        .where(
            t.task.c.id.in_(root_ids),
            t.task.c.merged_into_id.is_(None),
            or_(t.task.c.deleted_at.is_(None), true() if trashed else false()),
            t.task.c.purged_at.is_(None),
        )
        .order_by(t.task.c.id)
    )
    return [await _page(uow, await snapshots.task(uow, root)) for root in roots.all()]


async def _page(uow: UnitOfWork, task: Task) -> Page:
    client = {task.contact_id} if task.contact_id is not None else set()
    everyone = client | {who.id for who in task.participants if who.kind == "contact"}
    let_in = await uow.connection.scalars(
        select(t.contact.c.root_id)
        .join(t.participant, t.participant.c.contact_id == t.contact.c.id)
        .join(t.task, t.task.c.id == t.participant.c.task_id)
        .where(t.task.c.root_id == task.id, t.participant.c.let_in)
    )
    return Page(
        task,
        frozenset(everyone),
        frozenset(everyone - client - set(let_in)),
        tuple(await _entries(uow, task)),
    )


async def _entries(uow: UnitOfWork, task: Task) -> list[tuple[int, str, Entry]]:
    members = select(t.task.c.id).where(t.task.c.root_id == task.id)
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
    private = rules.is_private(task)
    return [
        (row.id, row.text, _entry(row, chosen[row.id], states[row.id], private)) for row in rows
    ]


def _entry(
    row: Row[Any], chosen: set[int], states: dict[int | None, set[str]], private: bool
) -> Entry:
    return Entry(
        said_by=row.author_id,
        got_by=rules.got_by(chosen, states),
        hidden=row.hidden,
        deleted=row.deleted_at is not None,
        waits=rules.waits(states),
        private=private,
    )
