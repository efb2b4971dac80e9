"""What a change would show contacts that they never got: listed first, with its words (R39, R49).

Every use case that can widen what a contact sees is done within :func:`guard`, which looks at the
pages of those concerned before and after it, in the same transaction.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.people import portal as rules
from pfinbox.domain.people.portal import Look
from pfinbox.domain.visibility import DEFAULT
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.store.load import portal
from pfinbox.store.read import visibility
from pfinbox.store.uow import UnitOfWork


class WouldReveal(Refused):
    """The change would show a contact what they never got; whoever acts must agree first (R39)."""

    def __init__(self, looks: Sequence[Look], also: Refused | None = None) -> None:
        words = _("comments would become visible ({n}); look at the list, then force it")
        sentences = [str(also)] if also is not None else []
        super().__init__("; ".join([*sentences, words.format(n=len(looks))]))
        self.looks = tuple(looks)


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
    if not grants and not await portal.anyone(uow):
        if also is not None:
            raise also
        yield
        return
    concerned = set(await portal.roots(uow, tasks))
    if contacts:
        people = await portal.with_companies(uow, contacts, companies)
        concerned |= set(await portal.tasks_of(uow, people))
    before = await _shown(uow, concerned, everyone=True)
    members = await portal.members(uow, concerned)
    cards = await portal.merged_cards(uow)
    async with uow.attempt():
        yield
        seen = {look.comment_id for look in before} | set(comments)
        after = await _shown(uow, await portal.roots(uow, members, seen))
        new = rules.revealed(before, after, cards, await portal.merged_cards(uow))
        await must_be_agreed(uow, actor, new, also)
        if also is not None:
            raise also


async def must_be_agreed(
    uow: UnitOfWork, actor: AgentActor, new: Sequence[Look], also: Refused | None = None
) -> None:
    """WouldReveal unless the person who acts has agreed to these words; ``also``: see guard."""
    if not new:
        return
    tasks = {look.task_id for look in new}
    if tasks - await visibility.visible_among(uow, await visibility.viewer(uow, actor), tasks):
        # An agent cannot agree to reveal words that the agent may not read.
        raise Refused(_("comments that you may not see yourself would become visible to a contact"))
    words = {(one.contact_id, one.comment_id) for one in new}
    if actor.agreed is False or (actor.agreed is not True and not words <= actor.agreed):
        raise WouldReveal(new, also)


async def sees_more(uow: UnitOfWork, contact_id: int) -> bool:
    """Whether this contact has access to more than they wrote or got."""
    readers = await portal.readers(uow, [contact_id])
    setting = readers[0].override or await portal.general_setting(uow)
    return readers[0].portal and setting != DEFAULT


async def by_setting(uow: UnitOfWork, setting: str) -> list[Look]:
    """What the company's ``contacts_see`` would show; a card's own setting goes first."""
    mine = await portal.by_the_setting(uow)
    # With "company" the tasks of colleagues are theirs, too.
    people = await portal.with_companies(uow, mine, ()) if setting == "company" else mine
    pages = await portal.pages(uow, await portal.tasks_of(uow, people), trashed=True)
    readers = await portal.readers(uow, mine)
    general = await portal.general_setting(uow)
    now = rules.shown(pages, readers, general, everyone=False)
    then = rules.shown(pages, readers, setting, everyone=False)
    known = {(one.contact_id, one.comment_id) for one in now}
    return [one for one in then if (one.contact_id, one.comment_id) not in known]


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    """Stands for :func:`guard` where the change reveals nothing."""
    yield


async def _shown(uow: UnitOfWork, roots: Collection[int], *, everyone: bool = False) -> list[Look]:
    """What the contacts of these tasks see; tasks in the trash count, as they may be restored."""
    pages = await portal.pages(uow, roots, trashed=True)
    people = {one for page in pages for one in page.contacts}
    people |= await portal.colleagues_with_access(uow, people)
    readers = await portal.readers(uow, people)
    return rules.shown(pages, readers, await portal.general_setting(uow), everyone=everyone)
