"""The daemon copies its configuration into the store when it starts."""

from collections.abc import Mapping, Sequence
from typing import Any

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.people.account_setup import AccountSetup
from pfinbox.domain.visibility import DEFAULT
from pfinbox.errors import ConfigError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.people import revealing
from pfinbox.services.tasks import status_reclassify
from pfinbox.store import load, snapshots, write
from pfinbox.store.settings import remove, write_setting
from pfinbox.store.uow import UnitOfWork

# Beside contacts_see in the store: the configured one that a person has yet to confirm.
_WAITS = "contacts_see_wanted"


async def configure(
    uow: UnitOfWork,
    accounts: Sequence[AccountSetup],
    statuses: Sequence[tuple[str, bool]],
    inbox: Mapping[str, Any],
) -> dict[str, int]:
    """Make the store agree with the configuration; account ids by name.

    An account that is configured no longer keeps its tasks and is polled no more.
    """
    await _write_statuses(uow, statuses)
    await write_setting(uow, "inbox", await _not_wider(uow, dict(inbox)))
    known = await load.accounts.configured(uow)
    for setup in accounts:
        if setup.name in known and known[setup.name][1] != setup.channel:
            raise ConfigError(
                _("account {name} was a {before} account; give the new one another name").format(
                    name=setup.name, before=known[setup.name][1]
                )
            )
    agents = {one.login: one.id for one in (await snapshots.agents(uow)).values()}
    return await write.accounts.configure(
        uow, accounts, {n: i for n, (i, _c) in known.items()}, agents
    )


async def configure_web(
    uow: UnitOfWork, by: str, web: Mapping[str, Any] | None, company: str
) -> None:
    """Keep what the program must know of clients' pages to write of them; None: it has none.

    ``by``: daemon or web, as the pages may be served by another machine than the daemon's: what
    one has written, the other one does not take away.
    """
    before = await snapshots.setting(uow, "web") or {}
    if web is None:
        if before.get("by") == by:
            await remove(uow, "web")
        return
    title = (
        web.get("title") or company or (await snapshots.setting(uow, "inbox") or {}).get("company")
    )
    await write_setting(uow, "web", {**web, "by": by, "title": title or ""})


async def _not_wider(uow: UnitOfWork, inbox: dict[str, Any]) -> dict[str, Any]:
    """The settings, with the ``contacts_see`` of before where the new one would show more (R49).

    Nobody is there at a daemon's start who could read the list; a person confirms it.
    """
    wanted = inbox.get("contacts_see") or DEFAULT
    now = await load.portal.general_setting(uow)
    if wanted == now or not await revealing.by_setting(uow, wanted):
        return inbox
    return {**inbox, "contacts_see": now, _WAITS: wanted}


async def contacts_see_waits(uow: UnitOfWork) -> str | None:
    """The configured ``contacts_see`` that waits for somebody to confirm it."""
    found: str | None = (await snapshots.setting(uow, "inbox") or {}).get(_WAITS)
    return found


async def confirm_contacts_see(uow: UnitOfWork, actor: AgentActor) -> str:
    """Let contacts see as it is configured; the setting. WouldReveal lists what they would see.

    It is the whole company's setting, so an admin confirms it.
    """
    await access.must_have(uow, actor, "configuration.confirm_contacts_see")
    inbox = dict(await snapshots.setting(uow, "inbox") or {})
    wanted = inbox.pop(_WAITS, None)
    if wanted is None:
        return await load.portal.general_setting(uow)
    await revealing.must_be_agreed(uow, actor, await revealing.by_setting(uow, wanted))
    await write_setting(uow, "inbox", {**inbox, "contacts_see": wanted})
    uow.touch("contacts")
    return str(wanted)


async def _write_statuses(uow: UnitOfWork, statuses: Sequence[tuple[str, bool]]) -> None:
    wanted = dict(statuses)
    if missing := await load.tasks.statuses_in_use(uow) - set(wanted):
        raise ConfigError(
            _("tasks still have status {names}; keep it in [inbox] statuses").format(
                names=", ".join(sorted(missing))
            )
        )
    await write.tasks.set_statuses(uow, statuses)
    await status_reclassify.follow(uow, wanted)
