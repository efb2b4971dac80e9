"""``pfinbox account check``: what an account's server has against what is here."""

import asyncio
from collections.abc import Collection, Mapping

from pfinbox.config import Config, account_settings
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.comparing import Comparable, Comparison
from pfinbox.errors import NotFound, PfinboxError, Refused
from pfinbox.i18n import _
from pfinbox.plugins import load_channel
from pfinbox.record import record
from pfinbox.store.load import accounts, purged
from pfinbox.store.load.accounts import Shown
from pfinbox.store.uow import Store

# A mailbox of a million mails is listed in less.
_PATIENCE = 300.0


@record
class Checked:
    """``shown``: where what is here and not there is shown, by its key."""

    comparison: Comparison
    shown: Mapping[str, Shown]


async def check(store: Store, config: Config, name: str) -> Checked:
    """Look at both sides; nothing changes. NotFound, or Refused where the channel cannot."""
    if name not in config.accounts:
        raise NotFound(_("there is no account {name}").format(name=name))
    account = config.accounts[name]
    spec = load_channel(account.channel)
    async with store.read() as uow:
        account_id, _channel = (await accounts.configured(uow)).get(name, (0, ""))
        key = await purged.mac_key(uow)

    async def stored_keys(prefix: str) -> Collection[str]:
        async with store.read() as uow:
            return await accounts.receipt_keys(uow, account_id, prefix)

    settings = account_settings(config, account, spec)
    context = AccountContext(name, settings, key, stored_keys=stored_keys)
    channel = await asyncio.to_thread(spec.open, context)
    try:
        if not isinstance(channel, Comparable):
            raise Refused(
                _("{name}: {channel} keeps no history that could be compared").format(
                    name=name, channel=spec.label
                )
            )
        async with store.read() as uow:
            cursor = await accounts.cursor(uow, account_id) if account_id else None
        found = await _in_time(channel, cursor)
        async with store.read() as uow:
            shown = await accounts.shown_by(uow, account_id, [one.key for one in found.extra])
    finally:
        await channel.close()
    return Checked(found, shown)


async def _in_time(channel: Comparable, cursor: str | None) -> Comparison:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await channel.compare(cursor)
    except TimeoutError:
        raise PfinboxError(_("no answer within {n} s").format(n=int(_PATIENCE))) from None
