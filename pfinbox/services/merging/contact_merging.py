"""Merging the cards of one person, and taking one out again (R26, R33).

Addresses, chats and tasks come together by the root of their card; each stays on the card that it
was written on. What a client sends is stored with the card of the address it came from, so that
it goes back with that card by itself.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.merging import Change, Tree
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.merging import merged_clients
from pfinbox.services.people import revealing
from pfinbox.services.tasks import merge_records
from pfinbox.store import snapshots
from pfinbox.store import tables as t
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
    await merge_records.lock(uow, "contact", [root, *wanted])
    root = await snapshots.contact_root(uow, survivor_id)
    for other_id in wanted:
        other = await _card(uow, other_id)
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
    uow.touch("contacts", "tasks")
    return root


async def _card(uow: UnitOfWork, contact_id: int) -> Row[Any]:
    row = (
        await uow.connection.execute(select(t.contact).where(t.contact.c.id == contact_id))
    ).first()
    if row is None:
        raise NotFound(_("there is no contact {id}").format(id=contact_id))
    return row


async def _merge(uow: UnitOfWork, actor: AgentActor, root: int, other_id: int) -> None:
    survivor, other = await _card(uow, root), await _card(uow, other_id)
    mark = await snapshots.highest_comment(uow)
    values = {
        "company": survivor.company or other.company,
        # A merged card is shown no more, so its notes go to the survivor.
        "notes": "\n\n".join(dict.fromkeys(filter(None, (survivor.notes, other.notes)))),
        "selectable": survivor.selectable or other.selectable,
    }
    changes = [
        Change("contact", root, column, getattr(survivor, column), now)
        for column, now in values.items()
        if getattr(survivor, column) != now
    ]
    mains, others = await _mains(uow, root), await _mains(uow, other_id)
    # The main address is the survivor's, where it has one on that channel.
    changes += [
        Change("address", address_id, "main", True, False)
        for channel, ids in others.items()
        if mains.get(channel)
        for address_id in ids
    ]
    for change in changes:
        await merge_records.put(uow, change)
    await merge_records.redirect(uow, "contact", other_id, root)
    own = [address_id for ids in mains.values() for address_id in ids]
    await merge_records.record(
        uow, "contact", actor.id, root, other_id, mark=mark, changes=changes, mains=own
    )
    await index.index_contact(uow, root)


async def _mains(uow: UnitOfWork, root: int) -> dict[str, list[int]]:
    """Main addresses of a card by channel."""
    rows = await uow.connection.execute(
        select(t.address.c.id, t.address.c.channel)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .where(t.contact.c.root_id == root, t.address.c.main)
        .order_by(t.address.c.id)
    )
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row.channel, []).append(row.id)
    return found


async def unmerge_contact(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> int:
    """Take ``contact_id`` out of the card that it was merged into; returns what is left of that.

    Its addresses, chats and tasks go with it, those that came by them since as well.
    """
    await access.the_contact(uow, actor, contact_id)
    card = await _card(uow, contact_id)
    if card.merged_into_id is None:
        raise Refused(_("contact {id} is not merged into another one").format(id=contact_id))
    await merge_records.lock(uow, "contact", [card.root_id])
    card = await _card(uow, contact_id)
    root: int = card.root_id
    async with revealing.guard(uow, actor, contacts=[root]):
        await _apart(uow, root, contact_id)
    for card_id in (root, contact_id):
        await index.index_contact(uow, card_id)
    uow.touch("contacts", "tasks")
    return root


async def _apart(uow: UnitOfWork, root: int, contact_id: int) -> None:
    tree = await merge_records.tree(uow, "contact", root)
    merge = await merge_records.standing(uow, "contact", contact_id)
    below = tree.below(contact_id)
    await _give_back(uow, tree, contact_id)
    mains = await _mains(uow, root)
    await merge_records.set_apart(uow, "contact", contact_id, below)
    await merge_records.undo(uow, merge)
    await _main_again(uow, root, contact_id, merge, mains)
    tasks = await uow.connection.scalars(
        select(t.task.c.root_id).where(t.task.c.contact_id.in_(tree.ids)).distinct()
    )
    # Two clients' tasks that were merged while their cards were one have two clients now.
    for task_id in tasks.all():
        purged = await uow.connection.scalar(
            select(t.task.c.purged_at).where(t.task.c.id == task_id)
        )
        if purged is None:
            await merged_clients.invite(uow, task_id)


async def _give_back(uow: UnitOfWork, tree: Tree, leaving: int) -> None:
    """Comments written while they were one went to the root; by the leaving card's chats, they
    went to that card's person.
    """
    below = tree.below(leaving)
    rest = tree.ids - below
    rows = (
        await uow.connection.execute(
            select(
                t.delivery.c.id,
                t.delivery.c.comment_id,
                t.delivery.c.contact_id,
                t.chat.c.contact_id.label("card_id"),
            )
            .outerjoin(t.chat, t.chat.c.id == t.delivery.c.chat_id)
            .where(t.delivery.c.contact_id.in_(rest))
        )
    ).all()
    went: dict[int, set[int]] = {}
    stayed: set[int] = set()
    for row in rows:
        if row.card_id in below:
            went.setdefault(row.comment_id, set()).add(row.card_id)
            await uow.connection.execute(
                update(t.delivery).where(t.delivery.c.id == row.id).values(contact_id=row.card_id)
            )
        else:
            stayed.add(row.comment_id)
    for comment_id, cards in went.items():
        await _notified(uow, comment_id, rest, cards, keep=comment_id in stayed)


async def _notified(
    uow: UnitOfWork, comment_id: int, rest: Collection[int], cards: set[int], *, keep: bool
) -> None:
    """Who was notified, told by what was used; ``keep``: the survivor's person got it too."""
    mine = (t.notify.c.comment_id == comment_id) & t.notify.c.contact_id.in_(rest)
    if not keep:
        await uow.connection.execute(t.notify.delete().where(mine))
    for card_id in sorted(cards):
        await uow.add(t.notify, comment_id=comment_id, contact_id=card_id)


async def _main_again(
    uow: UnitOfWork, root: int, leaving: int, merge: Row[Any], before: dict[str, list[int]]
) -> None:
    """Each card has a main address on the channels where it had one.

    ``before``: the mains of the joined card just now; a person may have chosen another one since.
    """
    for card_id in (root, leaving):
        now = await _mains(uow, card_id)
        rows = (
            await uow.connection.execute(
                select(t.address.c.id, t.address.c.channel)
                .join(t.contact, t.contact.c.id == t.address.c.contact_id)
                .where(t.contact.c.root_id == card_id)
                .order_by(t.address.c.id)
            )
        ).all()
        for channel in dict.fromkeys(row.channel for row in rows):
            ids = [row.id for row in rows if row.channel == channel]
            chosen = [i for i in now.get(channel, []) if i in before.get(channel, [])]
            if len(now.get(channel, [])) == 1:
                continue
            known = [i for i in merge.before["mains"] if i in ids]
            main = (chosen or known or now.get(channel) or ids)[0]
            await uow.connection.execute(
                update(t.address).where(t.address.c.id.in_(ids)).values(main=False)
            )
            await uow.connection.execute(
                update(t.address).where(t.address.c.id == main).values(main=True)
            )
