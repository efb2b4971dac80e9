"""Merging the cards of one person, and taking one out again (R26, R33).

Addresses, chats and tasks come together by the root of their card; each stays on the card that it
was written on. What a client sends is stored with the card of the address it came from, so that
it goes back with that card by itself.
"""

from collections.abc import Sequence

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.merging import cards as rules
from pfinbox.domain.merging.tree import Merge
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.merging import merged_clients
from pfinbox.services.merging.undoing import undo
from pfinbox.services.people import revealing
from pfinbox.store import load, locks, snapshots, write
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def merge_contacts(
    uow: UnitOfWork, actor: AgentActor, survivor_id: int, other_ids: Sequence[int]
) -> int:
    """Merge the cards ``other_ids`` into ``survivor_id``, all or none; returns the root."""
    wanted = list(dict.fromkeys(other_ids))
    if not wanted:
        raise UsageError(_("name at least one contact to merge into {id}").format(id=survivor_id))
    if survivor_id in wanted:
        raise Refused(_("contact {id} cannot be merged with itself").format(id=survivor_id))
    root = await access.the_contact(uow, actor, survivor_id)
    for other_id in wanted:
        await access.the_contact(uow, actor, other_id)
    await locks.cards(uow, [root, *wanted])
    root = await snapshots.contact_root(uow, survivor_id)
    for other_id in wanted:
        other = await load.cards.card(uow, other_id)
        if other.merged_into_id is not None:
            raise Refused(
                _("contact {id} is merged into {into} already; unmerge it first").format(
                    id=other_id, into=other.merged_into_id
                )
            )
        if other_id == root:
            raise Refused(
                _("contact {survivor} is a part of {id}; it cannot be merged with itself").format(
                    survivor=survivor_id, id=root
                )
            )
    async with revealing.guard(uow, actor, contacts=[root, *wanted]):
        for other_id in wanted:
            await _merge(uow, actor, root, other_id)
    await write.signing_in.end_sessions_of(uow, [root, *wanted])
    uow.touch("contacts", "tasks")
    return root


async def _merge(uow: UnitOfWork, actor: AgentActor, root: int, other_id: int) -> None:
    own = await load.cards.addresses(uow, root)
    changes = rules.join_cards(
        await load.cards.card(uow, root),
        await load.cards.card(uow, other_id),
        own,
        await load.cards.addresses(uow, other_id),
    )
    merge = Merge(
        0,
        other_id,
        root,
        uow.now,
        await load.comments.highest_id(uow),
        changes=tuple(changes),
        mains=tuple(one.id for one in own if one.main),
    )
    await write.merges.put(uow, changes)
    await write.merges.redirect(uow, "contact", other_id, root)
    await write.merges.add(uow, "contact", actor.id, merge)
    await index.index_contact(uow, root)


async def unmerge_contact(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> int:
    """Take ``contact_id`` out of the card that it was merged into; returns what is left of that.

    Its addresses, chats and tasks go with it, those that came by them since as well.
    """
    await access.the_contact(uow, actor, contact_id)
    card = await load.cards.card(uow, contact_id)
    if card.merged_into_id is None:
        raise Refused(_("contact {id} is not merged into another one").format(id=contact_id))
    await locks.cards(uow, [card.root_id])
    root = await snapshots.contact_root(uow, contact_id)
    async with revealing.guard(uow, actor, contacts=[root]):
        await _apart(uow, root, contact_id)
    await write.signing_in.end_sessions_of(uow, [root, contact_id])
    for card_id in (root, contact_id):
        await index.index_contact(uow, card_id)
    uow.touch("contacts", "tasks")
    return root


async def _apart(uow: UnitOfWork, root: int, contact_id: int) -> None:
    tree = await load.merges.tree(uow, "contact", root)
    merge, below = tree.merge_of(contact_id), tree.below(contact_id)
    rest = tree.ids - below
    went, given_back = rules.give_back(await load.cards.shares(uow, rest), tree, contact_id)
    before = {one.id for one in await load.cards.addresses(uow, root) if one.main}
    await write.cards.give_back(uow, rest, went, given_back)
    await write.merges.set_apart(uow, "contact", contact_id, below)
    await undo(uow, "contact", merge)
    for card_id in (root, contact_id):
        addresses = await load.cards.addresses(uow, card_id)
        await write.merges.put(uow, rules.main_again(addresses, merge, before))
    # Two clients' tasks that were merged while their cards were one have two clients now.
    for task_id in await load.tasks.of_cards(uow, tree.ids):
        await merged_clients.invite(uow, task_id)
