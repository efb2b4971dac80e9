"""Writing contacts' cards: to which of them a comment went."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete

from pfinbox.domain.merging.cards import GivenBack
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def give_back(
    uow: UnitOfWork,
    card_ids: Collection[int],
    deliveries: Mapping[int, int],
    comments: Sequence[GivenBack],
) -> None:
    """These deliveries and comments, written to ``card_ids``, went to other cards."""
    for delivery_id, card_id in deliveries.items():
        await uow.change(t.delivery, delivery_id, contact_id=card_id)
    for comment in comments:
        if not comment.keep:
            await uow.connection.execute(
                delete(t.notify).where(
                    t.notify.c.comment_id == comment.comment_id,
                    t.notify.c.contact_id.in_(card_ids),
                )
            )
        for card_id in comment.card_ids:
            await uow.add(t.notify, comment_id=comment.comment_id, contact_id=card_id)
