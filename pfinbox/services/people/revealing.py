"""What a change would show contacts that they never got: listed first, with its words (R39, R49).

Every use case that can widen what a contact sees is done within :func:`guard`, which looks at the
pages of those concerned before and after it, in the same transaction.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import replace

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.visibility import DEFAULT
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.people import portal_view
from pfinbox.services.people.portal_view import Look, Page
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# What whoever acts has agreed to: pairs of contact and comment, or True for anything.
_agreed: ContextVar[bool | frozenset[tuple[int, int]]] = ContextVar("agreed", default=False)


class WouldReveal(Refused):
    """The change would show a contact what they never got; whoever acts must agree first (R39)."""

    def __init__(self, looks: Sequence[Look], also: Refused | None = None) -> None:
        words = _("comments would become visible ({n}); look at the list, then force it")
        sentences = [str(also)] if also is not None else []
        super().__init__("; ".join([*sentences, words.format(n=len(looks))]))
        self.looks = tuple(looks)


@contextmanager
def agreeing(to: bool | Sequence[Look]) -> Iterator[None]:
    """Let what is done within reveal these words; True: any words."""
    what = to if isinstance(to, bool) else frozenset((one.contact_id, one.comment_id) for one in to)
    token = _agreed.set(what)
    try:
        yield
    finally:
        _agreed.reset(token)


@asynccontextmanager
async def guard(
    uow: UnitOfWork,
    actor: AgentActor,
    *,
    tasks: Collection[int] = (),
    contacts: Collection[int] = (),
    comments: Collection[int] = (),
    companies: Collection[str | None] = (),
    grants: bool = False,
    also: Refused | None = None,
) -> AsyncIterator[None]:
    """WouldReveal, and undo what was done within, where it widens what contacts with access see.

    ``tasks`` and ``contacts``: what is changed; with a contact, the contact's company and all their
    tasks. ``comments``: those that come into another task. ``companies``: those that a contact
    comes into. ``grants``: a contact is given access. ``also``: what forbids it anyway unless it is
    forced; said after the words.
    """
    if not grants and not await _anyone(uow):
        if also is not None:
            raise also
        yield
        return
    scope = await _scope(uow, tasks, contacts, companies)
    before = await _shown(uow, await _pages(uow, scope), everyone=True)
    members = await _members(uow, scope)
    persons = await _persons(uow)
    async with uow.connection.begin_nested():
        yield
        seen = {look.comment_id for look in before} | set(comments)
        after = await _pages(uow, await _roots(uow, members, seen))
        saw: dict[int, set[int]] = defaultdict(set)
        for look in before:
            saw[look.contact_id].add(look.comment_id)
        now = await _persons(uow)

        def had(reader: int) -> set[int]:
            """What the contact saw, on each card that is or was the contact's."""
            cards = {
                persons.get(reader, reader),
                *(one for one, root in now.items() if root == reader),
            }
            return set().union(*(saw[card] for card in cards))

        new = [
            look
            for look in await _shown(uow, after, everyone=False)
            if look.comment_id not in had(look.contact_id)
            # The contact wrote the comment or got it.
            and look.reason.kind not in ("own_message", "was_notified")
        ]
        await must_be_agreed(uow, actor, new, also)
        if also is not None:
            raise also


async def must_be_agreed(
    uow: UnitOfWork, actor: AgentActor, new: Sequence[Look], also: Refused | None = None
) -> None:
    """WouldReveal unless the person who acts has agreed to these words; ``also``: see guard."""
    if not new:
        return
    agent = (await snapshots.agents(uow, [actor.id]))[actor.id]
    for task_id in sorted({look.task_id for look in new}):
        if not await access.may_see(uow, agent, await snapshots.task(uow, task_id)):
            # An agent cannot agree to reveal words that the agent may not read.
            raise Refused(
                _("comments that you may not see yourself would become visible to a contact")
            )
    agreed = _agreed.get()
    if agreed is True:
        return
    if agreed is False or not {(one.contact_id, one.comment_id) for one in new} <= agreed:
        raise WouldReveal(new, also)


async def sees_more(uow: UnitOfWork, contact_id: int) -> bool:
    """Whether this contact has access to more than they wrote or got."""
    row = (
        await uow.connection.execute(
            select(t.contact.c.portal, t.contact.c.contacts_see).where(t.contact.c.id == contact_id)
        )
    ).one()
    setting = row.contacts_see or await portal_view.current_setting(uow)
    return bool(row.portal) and setting != DEFAULT


async def by_setting(uow: UnitOfWork, setting: str) -> list[Look]:
    """What the company's ``contacts_see`` would show; a card's own setting goes first."""
    readers = await uow.connection.scalars(
        select(t.contact.c.id).where(
            t.contact.c.portal,
            t.contact.c.contacts_see.is_(None),
            t.contact.c.merged_into_id.is_(None),
        )
    )
    mine = set(readers)
    pages = await _pages(uow, await portal_view.tasks_of(uow, mine))
    now = {(one.contact_id, one.comment_id) for one in await _shown(uow, pages, everyone=False)}
    then = await _shown(uow, pages, everyone=False, general=setting)
    return [
        one
        for one in then
        if one.contact_id in mine and (one.contact_id, one.comment_id) not in now
    ]


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    """Stands for :func:`guard` where the change reveals nothing."""
    yield


async def _persons(uow: UnitOfWork) -> dict[int, int]:
    """Cards that are merged, with the root of each."""
    rows = await uow.connection.execute(
        select(t.contact.c.id, t.contact.c.root_id).where(t.contact.c.root_id != t.contact.c.id)
    )
    return {row.id: row.root_id for row in rows}


async def _anyone(uow: UnitOfWork) -> bool:
    """Whether any contact has access."""
    found = select(t.contact.c.id).where(t.contact.c.portal).limit(1)
    return await uow.connection.scalar(found) is not None


async def _pages(uow: UnitOfWork, roots: Collection[int]) -> list[Page]:
    """The pages of the contacts; tasks in the trash count, as they may be restored."""
    return await portal_view.pages(uow, roots, trashed=True)


async def _scope(
    uow: UnitOfWork,
    tasks: Collection[int],
    contacts: Collection[int],
    companies: Collection[str | None],
) -> list[int]:
    """The roots of all tasks on whose pages the change can be seen."""
    roots = {await snapshots.task_root(uow, one) for one in tasks}
    if contacts:
        people = {await snapshots.contact_root(uow, one) for one in contacts}
        named = await uow.connection.scalars(
            select(t.contact.c.company).where(t.contact.c.id.in_(people))
        )
        of = {company for company in (*named, *companies) if company}
        people |= set(
            await uow.connection.scalars(
                select(t.contact.c.root_id).where(t.contact.c.company.in_(of))
            )
        )
        roots |= set(await portal_view.tasks_of(uow, people))
    return sorted(roots)


async def _members(uow: UnitOfWork, roots: Collection[int]) -> list[int]:
    found = await uow.connection.scalars(select(t.task.c.id).where(t.task.c.root_id.in_(roots)))
    return list(found)


async def _roots(uow: UnitOfWork, members: Collection[int], comments: Collection[int]) -> list[int]:
    """The roots of the tasks and comments now, after merges and moves."""
    of_tasks = select(t.task.c.root_id).where(t.task.c.id.in_(members))
    of_comments = (
        select(t.task.c.root_id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id.in_(comments))
    )
    found = await uow.connection.scalars(of_tasks.union(of_comments))
    return sorted(set(found))


async def _shown(
    uow: UnitOfWork, pages: Sequence[Page], *, everyone: bool, general: str | None = None
) -> list[Look]:
    """What the contacts of these tasks see. Who has no access has what they got (``everyone``)."""
    general = general or await portal_view.current_setting(uow)
    people = sorted({one for page in pages for one in page.contacts})
    portal = set(
        await uow.connection.scalars(
            select(t.contact.c.id).where(t.contact.c.id.in_(people), t.contact.c.portal)
        )
    )
    found = []
    for contact_id in people:
        if contact_id not in portal and not everyone:
            continue
        reader = await portal_view.reader_of(uow, contact_id)
        if contact_id not in portal:
            reader = replace(reader, override=DEFAULT)
        for page in pages:
            if contact_id in page.contacts:
                found += [look for look in portal_view.seen(page, reader, general) if look.shown]
    return found
