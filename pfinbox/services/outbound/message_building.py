"""The outgoing envelope of one part, put together when it is about to leave."""

from pfinbox.domain.contract.channel import PermanentFailure
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.outbound import outgoing as envelopes
from pfinbox.domain.outbound.delivery import Job
from pfinbox.services.notifications import notice_mail
from pfinbox.store import files
from pfinbox.store.load.outbound import messages
from pfinbox.store.uow import UnitOfWork


async def outgoing(uow: UnitOfWork, job: Job, part_id: int) -> tuple[Outgoing, str]:
    """The envelope of a part, with its files, and the part's nonce."""
    draft = (await messages.drafts(uow, [part_id])).get(part_id)
    if draft is None:
        return await notice_mail.envelope(uow, part_id)
    try:
        loaded = tuple(await files.load(uow, draft.content["files"]))
    except files.Removed as error:
        # It was retried, or a part of it was under way for long; no later attempt finds the file.
        raise PermanentFailure(error.reason) from error
    return envelopes.outgoing(draft, job.delivery_ids, loaded), draft.nonce
