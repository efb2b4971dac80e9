"""A mail came back: believed only about a Message-ID of ours (R24)."""

from pfinbox.domain.contract.incoming import Message
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account
from pfinbox.domain.outbound.bounces import named
from pfinbox.domain.outbound.delivery import State, Step
from pfinbox.domain.people.signing_in import Mailing
from pfinbox.services.outbound import delivery_failure, send_recovery, shared_parts
from pfinbox.store.load import deliveries as load
from pfinbox.store.load import signing_in
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import cards
from pfinbox.store.write import signing_in as write_links
from pfinbox.store.write.outbound import deliveries


async def believe(uow: UnitOfWork, account: Account, message: Message) -> bool:
    """Mark what the bounce is about as failed; False when it is about nothing of ours.

    What has failed already is known: the same bounce, or the next about the same, changes nothing.
    """
    reason = message.bounce_reason or Reason("bounced", {"detail": ""})
    handed = named(await load.bounceable(uow, account.id, message.bounced), reason)
    for one in handed:
        if one.state == State.FAILED:
            continue
        # It can only come back once it was handed over: the others of one mail have it.
        await send_recovery.proven(uow, one.part_id)
        await delivery_failure.arise(uow, Step.BOUNCED, one.delivery_id, reason)
        # It is to be sent again whole, when somebody says so, and to this one alone.
        if not await shared_parts.leave(uow, one.delivery_id, missed=one.part_id):
            await deliveries.move_parts(uow, Step.BOUNCED, [one.part_id])
        # A full mailbox is nothing against the address.
        if reason.args.get("permanent", False):
            await cards.mark_bounced(uow, account.channel, one.address)
    links = await signing_in.mailed(uow, message.bounced)
    for sign_in_id, address in links:
        await write_links.change(uow, sign_in_id, mailing=Mailing.FAILED, error=reason.as_json())
        if reason.args.get("permanent", False):
            await cards.mark_bounced(uow, account.channel, address)
    if handed:
        uow.touch("tasks", "outbox", "contacts")
    return bool(handed or links)
