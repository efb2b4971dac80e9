"""The mail with a link to a contact's own page: made when it leaves, so is its token (R40)."""

import secrets
from collections.abc import Callable
from datetime import datetime

from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import Lease
from pfinbox.domain.outbound.delivery import next_attempt
from pfinbox.domain.people import signing_in as rules
from pfinbox.domain.people.signing_in import Access, Mailing
from pfinbox.domain.text.sign_in_mail import sign_in_mail
from pfinbox.i18n import speaking
from pfinbox.record import record
from pfinbox.services.notifications.notices import sending_account
from pfinbox.services.people.signing_in import link_of, new_token
from pfinbox.store import load, snapshots, write
from pfinbox.store.load.signing_in import Asked
from pfinbox.store.uow import UnitOfWork

# A reply's token and a nonce to a Message-ID; None where the other side gives it.
Mint = Callable[[str, str], str | None]


@record
class SignInJob:
    """A mail that is about to leave by an account."""

    id: int
    account_id: int
    outgoing: Outgoing
    attempts: int
    asked_at: datetime


@record
class Due:
    """The links to be mailed now by an account, and the seconds until what is put off."""

    account_id: int
    ids: tuple[int, ...]
    wait: float | None


async def due(uow: UnitOfWork, lease: Lease, limit: int = 20) -> Due | None:
    """What is to be mailed now; None where nothing is, or another daemon has the account for it."""
    if not await load.signing_in.is_any_due(uow):
        return None
    account = await sending_account(uow)
    if account is None or await load.accounts.lease_of(uow, account.id) != lease.id:
        return None
    at = await load.signing_in.next_due(uow)
    wait = (at - uow.now).total_seconds() if at is not None else None
    ids = tuple(asked.id for asked in await load.signing_in.due(uow, limit))
    return Due(account.id, ids, wait)


async def begin(uow: UnitOfWork, lease: Lease, sign_in_id: int, mint: Mint) -> SignInJob | None:
    """The mail, with a link made for it; None where it is not this daemon's, or for nobody.

    ``mint``: the channel's, for the Message-ID.

    From here on a crash means that the mail may have left: it is not sent again by itself, as the
    contact can ask again.
    """
    asked = await load.signing_in.asked(uow, sign_in_id)
    account = await sending_account(uow)
    if asked is None or account is None:
        return None
    if await load.accounts.lease_of(uow, account.id) != lease.id:
        return None
    who = await _who(uow, asked)
    web = await snapshots.setting(uow, "web") or {}
    if who is None or web.get("base_url") is None:
        await write.signing_in.change(uow, asked.id, mailing=Mailing.NOBODY)
        return None
    token, source_id = new_token(), mint("", secrets.token_hex(8))
    await write.signing_in.change(
        uow,
        asked.id,
        source_id=source_id,
        mailing=Mailing.SENDING,
        contact_id=who.contact_id,
        attempts=asked.attempts + 1,
        token_hash=rules.hash_of(token),
        expires_at=uow.now + rules.LINK_LASTS,
    )
    with speaking(who.language or web.get("language") or asked.language):
        mail = sign_in_mail(
            str(web.get("title") or ""),
            link_of(web["base_url"], token),
            int(rules.LINK_LASTS.total_seconds()) // 60,
            invited=asked.agent_id is not None,
        )
    outgoing = Outgoing(
        chat_key=None,
        to=(Party(asked.address, who.name),),
        text=mail.text,
        subject=mail.subject,
        created_at=uow.now,
        source_id=source_id,
        automatic=True,
    )
    return SignInJob(asked.id, account.id, outgoing, asked.attempts + 1, asked.asked_at)


async def _who(uow: UnitOfWork, asked: Asked) -> Access | None:
    """Whose address it is: of a contact with access, and of the one that an agent meant."""
    who = await load.signing_in.access(uow, asked.address)
    if who is None or asked.agent_id is None or asked.contact_id in who.cards:
        return who
    return None


async def ended(uow: UnitOfWork, job: SignInJob, mailing: Mailing, error: Reason | None) -> None:
    """What became of the mail."""
    values = {"error": error.as_json() if error is not None else None}
    await write.signing_in.change(uow, job.id, mailing=mailing, **values)


async def not_now(
    uow: UnitOfWork, job: SignInJob, reason: Reason, after: float | None, jitter: float
) -> None:
    """Try again soon; after half an hour nobody waits for the link any more."""
    at = next_attempt(uow.now, job.attempts, job.asked_at, after, jitter)
    values = {"due_at": at} if at is not None else {}
    await write.signing_in.change(
        uow,
        job.id,
        mailing=Mailing.DUE if at is not None else Mailing.FAILED,
        error=reason.as_json(),
        **values,
    )
