"""Mailing links to contacts' own pages, one by one: there are few, and somebody waits for each."""

import logging
import random
from collections.abc import Mapping
from functools import partial

from pfinbox.daemon.chores.chore import Chore
from pfinbox.daemon.written import until_written
from pfinbox.domain.contract.channel import (
    AccountFailure,
    Channel,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.people.signing_in import Mailing
from pfinbox.errors import StoreError
from pfinbox.services.notifications import sign_in_mail
from pfinbox.services.notifications.sign_in_mail import SignInJob

log = logging.getLogger(__name__)

# Without news from the store it looks again after so many seconds.
_LOOK = 15.0
_WHAT = "the mail with a link to a client's page"


class SignInMailer(Chore):
    """Mails the links that are asked for, if this daemon has the account that does."""

    what = "links to clients' pages"

    async def look(self) -> float:
        async with self._store.read() as uow:
            due = await sign_in_mail.due(uow, self._lease)
        if due is None:
            return _LOOK
        for sign_in_id in due.ids:
            if (channel := self._channels.get(due.account_id)) is None:
                # It has gone to another daemon, maybe after the last mail.
                return _LOOK
            begin = partial(sign_in_mail.begin, lease=self._lease, mint=channel.mint)
            job = await self._store.run(partial(begin, sign_in_id=sign_in_id))
            if job is not None:
                await self._mail(channel, job)
        if due.ids:
            return 0.0
        return min(_LOOK, due.wait + 0.01) if due.wait is not None else _LOOK

    async def _mail(self, channel: Channel, job: SignInJob) -> None:
        run = partial(until_written, self._store, what=_WHAT)
        try:
            await channel.send(job.outgoing, _leaving)
        except PermanentFailure as error:
            end = partial(sign_in_mail.ended, job=job, mailing=Mailing.FAILED, error=error.reason)
            await run(end)
        except (TemporaryFailure, AccountFailure) as error:
            after = error.retry_after if isinstance(error, TemporaryFailure) else None
            jitter = random.random()  # noqa: S311
            reason = error.reason
            await run(lambda uow: sign_in_mail.not_now(uow, job, reason, after, jitter))
        except StoreError:
            raise
        except Exception as error:
            log.exception("mailing a link failed")
            reason = Reason("internal_error", {"detail": type(error).__name__})
            end = partial(sign_in_mail.ended, job=job, mailing=Mailing.UNKNOWN, error=reason)
            await run(end)
        else:
            await run(partial(sign_in_mail.ended, job=job, mailing=Mailing.SENT, error=None))


async def _leaving(turned_away: Mapping[str, ChannelError] | None = None, /) -> None:
    """The store says already that the mail may have left."""
