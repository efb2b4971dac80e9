"""``pfinbox doctor``: what is wrong with configuration, store and accounts, in words."""

import asyncio
from collections.abc import AsyncIterator

from pfinbox import config as configuration
from pfinbox.bootstrap.door import can_serve_pages, missing_package
from pfinbox.bootstrap.redact import redact
from pfinbox.bootstrap.stores import open_store
from pfinbox.config import Config, account_settings
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import ConfigError, PfinboxError
from pfinbox.i18n import _
from pfinbox.plugins import load_channel
from pfinbox.record import record
from pfinbox.services.notifications.notices import sending_account
from pfinbox.services.system.configuration import contacts_see_waits
from pfinbox.store import read
from pfinbox.store.load import purged
from pfinbox.store.read.health import account_health
from pfinbox.store.uow import UnitOfWork
from pfinbox.wording.accounts import missing_words
from pfinbox.wording.times import Clock

# An account that does not answer in this time counts as unreachable.
_PATIENCE = 60.0


@record
class Diagnosis:
    """One line of the doctor's: what was looked at, and what is wrong with it (None: nothing)."""

    subject: str
    problem: str | None = None
    # The stable word of a channel's reason, "" where there is none.
    kind: str = ""
    # How long it took, where that was measured.
    seconds: float | None = None


async def examine(path: str | None) -> AsyncIterator[Diagnosis]:
    """Look at everything, in the order in which it is needed; later parts need earlier ones."""
    try:
        config = configuration.load(path)
    except PfinboxError as error:
        yield Diagnosis(_("configuration"), str(error))
        return
    subject = _("configuration {path}").format(path=config.source)
    if config.source.exists():
        yield Diagnosis(subject)
    else:
        yield Diagnosis(subject, _("the file does not exist; pfinbox init makes one"))
    for warning in config.warnings:
        yield Diagnosis(_("configuration"), warning)
    mac_key = b""
    try:
        store = await open_store(config)
    except PfinboxError as error:
        yield Diagnosis(_("store"), redact(str(error)))
    else:
        try:
            async with store.read() as uow:
                mac_key = await purged.mac_key(uow)
                found = await _in_the_store(uow)
                found += [*await _agents_missing(uow, config), *await _door(uow, config)]
            yield Diagnosis(_("store {url}").format(url=store.engine.url.render_as_string()))
            for diagnosis in found:
                yield diagnosis
        finally:
            await store.close()
    if not config.accounts:
        yield Diagnosis(_("accounts"), _("none is configured; see config.example.toml"))
    for name in config.accounts:
        async for diagnosis in examine_account(config, name, mac_key):
            yield diagnosis


async def _in_the_store(uow: UnitOfWork) -> list[Diagnosis]:
    """What the store says of the daemon, of accounts without one, of the disk and the outbox."""
    found = []
    holder = await read.daemon(uow)
    if holder is None:
        found.append(Diagnosis(_("daemon"), _("no daemon is running: nothing comes or goes")))
    else:
        daemon = _("daemon on {host}, pid {pid}").format(host=holder.host, pid=holder.pid)
        found.append(Diagnosis(daemon))
        waits = _("the daemon on {host}, pid {pid}, stands by")
        found += [Diagnosis(waits.format(host=h, pid=pid)) for h, pid in holder.standing_by]
    for name, why in (await read.unserved(uow)).items():
        found.append(Diagnosis(name, why.sentence(), why.kind))
    for one in await account_health(uow):
        if one.gap is not None:
            told = _("{why}; take note of it: pfinbox account acknowledge {name}")
            words = told.format(why=missing_words(one.gap, Clock(uow.now)), name=one.name)
            found.append(Diagnosis(one.name, words, "messages_missing"))
    if (full := read.full_disk(uow)) is not None:
        found.append(Diagnosis(_("disk"), full.sentence(), full.kind))
    if (held := await read.sending_held(uow)) is not None:
        words = _("nothing is sent: {why}; look and confirm: pfinbox outbox release")
        found.append(Diagnosis(_("sending"), words.format(why=held.sentence())))
    if (setting := await contacts_see_waits(uow)) is not None:
        words = _(
            "{setting} would show contacts what they never got, and waits for somebody"
            " to look: pfinbox contact contacts-see"
        )
        found.append(Diagnosis("[inbox] contacts_see", words.format(setting=setting)))
    return found


async def _agents_missing(uow: UnitOfWork, config: Config) -> list[Diagnosis]:
    """Accounts whose owner or agents the store does not know."""
    known = {agent.login for agent in await read.agents(uow)}
    found = []
    for account in config.accounts.values():
        named = filter(None, (account.owner, *(account.agents or ())))
        if missing := [login for login in dict.fromkeys(named) if login not in known]:
            why = Reason("agent_missing", {"names": ", ".join(missing)})
            found.append(Diagnosis(account.name, why.sentence(), why.kind))
    return found


async def _door(uow: UnitOfWork, config: Config) -> list[Diagnosis]:
    """Whether the door to the web can be opened, and links be mailed."""
    web = config.web
    if web.listen is None:
        return []
    problem = None
    if not can_serve_pages():
        problem = missing_package()
    elif web.portal.enabled and await sending_account(uow) is None:
        problem = _("no account can mail the links by which clients sign in")
    return [Diagnosis(f"[web] {web.base_url}", problem)]


async def examine_account(config: Config, name: str, mac_key: bytes) -> AsyncIterator[Diagnosis]:
    """Try one account for real, which may take a minute."""
    account = config.accounts[name]
    try:
        spec = load_channel(account.channel)
        settings = account_settings(config, account, spec)
        context = AccountContext(
            name, settings, mac_key, config.inbox.company, hook_url=config.web.hook_url(name)
        )
        # Some channels take seconds to import, and a screen may be waiting.
        channel = await asyncio.to_thread(spec.open, context)
    except PfinboxError as error:
        yield Diagnosis(name, redact(str(error)))
        return
    try:
        async with asyncio.timeout(_PATIENCE):
            findings = await channel.probe()
    except TimeoutError:
        yield Diagnosis(name, _("no answer within {n} s").format(n=int(_PATIENCE)))
        return
    except PfinboxError as error:
        # All that is read of the configuration now is the password or token.
        kind = "secret_unreadable" if isinstance(error, ConfigError) else ""
        yield Diagnosis(name, redact(str(error)), kind)
        return
    finally:
        await channel.close()
    for finding in findings:
        subject = f"{name}: {finding.subject}"
        if finding.ok:
            yield Diagnosis(subject, seconds=finding.seconds)
        else:
            problem = finding.reason.sentence() if finding.reason else _("it does not work")
            kind = finding.reason.kind if finding.reason else ""
            yield Diagnosis(subject, redact(problem), kind, finding.seconds)
