"""The pages of contacts, for many tasks in a handful of statements (R36-R39, R49)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, false, or_, select, true

from pfinbox.domain import visibility as rules
from pfinbox.domain.people.portal import Page
from pfinbox.domain.visibility import Entry, Reader
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.roots import cards as cards_of
from pfinbox.store.roots import members as members_of
from pfinbox.store.uow import UnitOfWork


async def anyone(uow: UnitOfWork) -> bool:
    """Whether any contact has access."""
    return await uow.connection.scalar(select(t.contact.c.id).where(t.contact.c.portal)) is not None


async def general_setting(uow: UnitOfWork) -> str:
    """The company's ``contacts_see``."""
    return str((await snapshots.setting(uow, "inbox") or {}).get("contacts_see") or rules.DEFAULT)


async def opened_on_page(uow: UnitOfWork, task_id: int) -> bool:
    """Whether a contact opened this task on their page."""
    first = (
        select(t.comment.c.matched_by)
        .where(t.comment.c.task_id == task_id)
        .order_by(t.comment.c.created_at, t.comment.c.id)
        .limit(1)
    )
    return ((await uow.connection.scalar(first)) or {}).get("kind") == "by_page"


async def readers(uow: UnitOfWork, contact_ids: Collection[int]) -> list[Reader]:
    """The contacts who look, by their roots, each with the contacts of the same company."""
    card, colleague = t.contact, t.contact.alias("colleague")
    rows = await uow.connection.execute(
        select(card.c.id, card.c.contacts_see, card.c.portal, colleague.c.id.label("colleague_id"))
        .outerjoin(
            colleague,
            (colleague.c.company == card.c.company)
            & (card.c.company != "")
            & colleague.c.merged_into_id.is_(None),
        )
        .where(card.c.id.in_(contact_ids))
        .order_by(card.c.id)
    )
    found: dict[int, Any] = {}
    company: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        found[row.id] = row
        company[row.id] |= {row.id, row.colleague_id} - {None}
    return [
        Reader(row.id, frozenset(company[row.id]), row.contacts_see, row.portal)
        for row in found.values()
    ]


async def by_the_setting(uow: UnitOfWork) -> set[int]:
    """The contacts with access to whom the company's setting applies."""
    rows = await uow.connection.scalars(
        select(t.contact.c.id).where(
            t.contact.c.portal,
            t.contact.c.contacts_see.is_(None),
            t.contact.c.merged_into_id.is_(None),
        )
    )
    return set(rows)


async def with_companies(
    uow: UnitOfWork, contact_ids: Collection[int], companies: Collection[str | None]
) -> set[int]:
    """The roots of these contacts and of everyone in their companies, or in one of these."""
    card, person = t.contact.alias("card"), t.contact.alias("person")
    roots = select(card.c.root_id).where(card.c.id.in_(contact_ids))
    named = select(person.c.company).where(person.c.id.in_(roots), person.c.company != "")
    rows = await uow.connection.scalars(
        select(t.contact.c.root_id).where(
            or_(
                t.contact.c.id.in_(roots),
                t.contact.c.company.in_(named),
                t.contact.c.company.in_([one for one in companies if one]),
            )
        )
    )
    return set(rows)


async def colleagues_with_access(uow: UnitOfWork, contact_ids: Collection[int]) -> set[int]:
    """Whoever has access among those in the companies of these contacts, by their roots."""
    person, colleague = t.contact.alias("person"), t.contact.alias("colleague")
    rows = await uow.connection.scalars(
        select(colleague.c.id)
        .join(person, person.c.company == colleague.c.company)
        .where(
            person.c.id.in_(contact_ids),
            person.c.company != "",
            colleague.c.portal,
            colleague.c.merged_into_id.is_(None),
        )
    )
    return set(rows)


async def merged_cards(uow: UnitOfWork) -> dict[int, int]:
    """Cards that are merged, with the root of each."""
    rows = await uow.connection.execute(
        select(t.contact.c.id, t.contact.c.root_id).where(t.contact.c.root_id != t.contact.c.id)
    )
    return {row.id: row.root_id for row in rows}


async def tasks_of(uow: UnitOfWork, contact_ids: Collection[int]) -> list[int]:
    """The roots of the tasks in which these persons take part, by their roots."""
    cards = cards_of(contact_ids)
    roots = await uow.connection.scalars(
        select(t.task.c.root_id)
        .outerjoin(t.participant, t.participant.c.task_id == t.task.c.id)
        .where(or_(t.task.c.contact_id.in_(cards), t.participant.c.contact_id.in_(cards)))
        .distinct()
        .order_by(t.task.c.root_id)
    )
    return list(roots)


async def members(uow: UnitOfWork, roots: Collection[int]) -> list[int]:
    """Everything merged into these tasks, and the tasks themselves."""
    found = await uow.connection.scalars(members_of(roots))
    return list(found)


async def roots(
    uow: UnitOfWork, task_ids: Collection[int], comment_ids: Collection[int] = ()
) -> list[int]:
    """The roots of these tasks and comments."""
    of_comments = (
        select(t.task.c.root_id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id.in_(comment_ids))
    )
    of_tasks = select(t.task.c.root_id).where(t.task.c.id.in_(task_ids))
    return sorted(await uow.connection.scalars(of_tasks.union(of_comments)))


async def pages(uow: UnitOfWork, root_ids: Collection[int], *, trashed: bool = False) -> list[Page]:
    """Those of these tasks that are living, in their order; ``trashed``: or could be restored."""
    tasks = (
        await uow.connection.execute(
            select(
                t.task.c.id,
                t.task.c.private_to_id,
                t.task.c.assignee_agent_id,
                t.contact.c.root_id.label("client_id"),
            )
            .outerjoin(t.contact, t.contact.c.id == t.task.c.contact_id)
            .where(
                t.task.c.id.in_(root_ids),
                t.task.c.merged_into_id.is_(None),
                or_(t.task.c.deleted_at.is_(None), true() if trashed else false()),
                t.task.c.purged_at.is_(None),
            )
            .order_by(t.task.c.id)
        )
    ).all()
    if not tasks:
        return []
    ids = [task.id for task in tasks]
    people = await _grouped(uow, _participants(ids))
    comments = await _grouped(uow, _comments(ids))
    chosen, states = await _chosen(uow, ids), await _states(uow, ids)
    found = []
    for task in tasks:
        joined = people.get(task.id, ())
        agents = {one.agent_id for one in joined} | {task.assignee_agent_id}
        private = rules.is_private(task.private_to_id, agents - {None})
        client = {task.client_id} - {None}
        everyone = client | {one.contact_id for one in joined} - {None}
        let_in = {one.contact_id for one in joined if one.let_in}
        entries = tuple(
            (row.id, row.text, _entry(row, chosen[row.id], states[row.id], private))
            for row in comments.get(task.id, ())
        )
        by_themselves = frozenset(everyone - client - let_in)
        found.append(Page(task.id, frozenset(everyone), by_themselves, entries))
    return found


async def _grouped(uow: UnitOfWork, query: Select[Any]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in await uow.connection.execute(query):
        found.setdefault(row.root_task_id, []).append(row)
    return found


def _participants(ids: Sequence[int]) -> Select[Any]:
    return (
        select(
            t.task.c.root_id.label("root_task_id"),
            t.participant.c.agent_id,
            t.contact.c.root_id.label("contact_id"),
            t.participant.c.let_in,
        )
        .join(t.task, t.task.c.id == t.participant.c.task_id)
        .outerjoin(t.contact, t.contact.c.id == t.participant.c.contact_id)
        .where(t.task.c.root_id.in_(ids))
    )


def _comments(ids: Sequence[int]) -> Select[Any]:
    return (
        select(
            t.task.c.root_id.label("root_task_id"),
            t.comment.c.id,
            t.comment.c.text,
            t.comment.c.hidden,
            t.comment.c.deleted_at,
            t.contact.c.root_id.label("author_id"),
        )
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
        .where(t.task.c.root_id.in_(ids))
        .order_by(t.comment.c.created_at, t.comment.c.id)
    )


def _in(ids: Sequence[int]) -> Select[tuple[int]]:
    return (
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.task.c.root_id.in_(ids))
    )


async def _chosen(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, set[int]]:
    """By comment, the contacts who were notified."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in await uow.connection.execute(
        select(t.notify.c.comment_id, t.contact.c.root_id)
        .join(t.contact, t.contact.c.id == t.notify.c.contact_id)
        .where(t.notify.c.comment_id.in_(_in(ids)))
    ):
        found[row.comment_id].add(row.root_id)
    return found


async def _states(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, dict[int | None, set[str]]]:
    """By comment and contact, the states of the deliveries."""
    found: dict[int, dict[int | None, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in await uow.connection.execute(
        select(t.delivery.c.comment_id, t.contact.c.root_id, t.delivery.c.state)
        .outerjoin(t.contact, t.contact.c.id == t.delivery.c.contact_id)
        .where(t.delivery.c.comment_id.in_(_in(ids)), t.delivery.c.notice.is_(None))
    ):
        found[row.comment_id][row.root_id].add(row.state)
    return found


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
