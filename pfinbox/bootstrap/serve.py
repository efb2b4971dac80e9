"""Starting the daemon: the configuration becomes accounts in the store and channels on demand."""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from platformdirs import user_state_path

from pfinbox.bootstrap import logs
from pfinbox.bootstrap.door import Service, announce, beside
from pfinbox.bootstrap.stopping import stop_signal
from pfinbox.bootstrap.stores import open_store
from pfinbox.config import AccountConfig, Config, account_settings
from pfinbox.daemon.clearing import way_cleared
from pfinbox.daemon.health.figures import Figures
from pfinbox.daemon.health.service_manager import ServiceManager
from pfinbox.daemon.kept_requests import KeptRequests
from pfinbox.daemon.supervisor import Daemon
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.channel import AccountContext, Capability, Channel, ChannelSpec
from pfinbox.domain.contract.files import File
from pfinbox.domain.health.happened import Happened
from pfinbox.domain.outbound import published
from pfinbox.domain.outbound.published import PublishedFile
from pfinbox.domain.people.account_setup import AccountSetup
from pfinbox.errors import ConfigError, PfinboxError
from pfinbox.i18n import _
from pfinbox.plugins import load_channel
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.outbound import restore_guard
from pfinbox.services.system import configuration
from pfinbox.store.files import sha256
from pfinbox.store.integrity import pages
from pfinbox.store.load import accounts as load_accounts
from pfinbox.store.load import purged
from pfinbox.store.uow import Store

log = logging.getLogger(__name__)

# A service manager kills what has not ended some time after SIGTERM.
_SECONDS_TO_STOP = 13.0
_SECONDS_FOR_THREADS = 1.0
_SWITCH_SECONDS = 0.0005


def channel_specs(config: Config) -> dict[str, tuple[ChannelSpec, dict[str, Any]]]:
    """Each account's channel and checked settings; ConfigError names the file and the key."""
    found: dict[str, tuple[ChannelSpec, dict[str, Any]]] = {}
    for name, account in config.accounts.items():
        spec = load_channel(account.channel)
        found[name] = (spec, account_settings(config, account, spec))
    return found


def setup_of(
    account: AccountConfig, spec: ChannelSpec, settings: Mapping[str, Any]
) -> AccountSetup:
    """What the store keeps of an account's section: nothing secret."""
    capabilities, limits = spec.capabilities, spec.limits
    if spec.adapt is not None:
        capabilities, limits = spec.adapt(settings, capabilities, limits)
    rule = account.new_task_after_close
    return AccountSetup(
        name=account.name,
        channel=spec.name,
        label=spec.describe(settings),
        sign=spec.sign,
        channel_label=spec.label,
        capabilities=capabilities,
        limits=limits,
        role=account.role,
        owner=account.owner,
        agents=account.agents,
        new_task_after_close=str(rule).lower() if rule is not None else None,
        acknowledgement=account.acknowledgement,
        contact_notices_by_mail=account.contact_notices_by_mail,
        addresses=spec.addresses(settings) if spec.addresses is not None else (),
    )


async def prepare(store: Store, config: Config, *, attended: bool = False) -> Daemon:
    """Copy the configuration to the store; a daemon ready to run."""
    specs = channel_specs(config)
    setups = [setup_of(config.accounts[name], spec, given) for name, (spec, given) in specs.items()]
    mail = config.inbox.mail_account
    if mail is not None and mail not in specs:
        raise ConfigError(
            _("{source}: inbox.mail_account names no account: {name}").format(
                source=config.source, name=mail
            )
        )
    statuses = [(status.name, status.active) for status in config.inbox.statuses]
    inbox = {k: v for k, v in asdict(config.inbox).items() if k != "statuses"}
    ids = await store.run(lambda uow: configuration.configure(uow, setups, statuses, inbox))
    async with store.read() as uow:
        mac_key = await purged.mac_key(uow)
        waits = await configuration.contacts_see_waits(uow)
        folders = _folders(store, await restore_guard.store_id(uow))
    if waits is not None:
        log.warning("contacts_see = %s shows more than before; see pfinbox doctor", waits)

    requests = {
        name: KeptRequests(store, ids[name])
        for name, (spec, _settings) in specs.items()
        if spec.admit is not None or Capability.OWN_PAGES in spec.capabilities
    }

    def publish(file: File) -> str:
        told = PublishedFile(sha256(file.content), file.name, file.media_type)
        return f"{config.web.base_url}{published.path(mac_key, told, store.clock())}"

    def open_channel(name: str) -> Channel:
        spec, settings = specs[name]

        async def stored_keys(prefix: str) -> Collection[str]:
            async with store.read() as uow:
                return await load_accounts.receipt_keys(uow, ids[name], prefix)

        async def has_chat(key: str) -> bool:
            async with store.read() as uow:
                return await load_accounts.has_chat(uow, ids[name], key)

        return spec.open(
            AccountContext(
                name,
                settings,
                mac_key,
                config.inbox.company,
                stored_keys=stored_keys,
                has_chat=has_chat,
                requests=requests.get(name),
                hook_url=config.web.hook_url(name),
                publish=publish if config.web.base_url else None,
                folder=folders / quote(name, safe=""),
            )
        )

    by_id = {account_id: name for name, account_id in ids.items()}
    served = tuple(requests.values())
    return Daemon(store, by_id, open_channel, attended=attended, requests=served)


def _folders(store: Store, store_id: str) -> Path:
    """Where accounts keep what is not the store's: beside the SQLite file, as that may be all that
    outlives a container; for PostgreSQL in this user's state folder.
    """
    if store.path is not None:
        return store.path.with_name(store.path.name + ".accounts")
    return user_state_path("pfinbox", appauthor=False) / "accounts" / store_id


def run_daemon(config: Config, *, once: bool = False, attended: bool = False) -> int:
    """The daemon as a whole program; the exit code of ``pfinbox daemon``."""
    # A thread that reads and compresses mail asks for the interpreter several times a mail, and
    # beside a long transaction it gets it only then.
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        return asyncio.run(_run_daemon(config, once=once, attended=attended))
    except PfinboxError as error:
        if attended:
            # Nobody reads its stderr.
            log.error("%s", error)
        raise


async def _run_daemon(config: Config, *, once: bool, attended: bool) -> int:
    store = await open_store(config, upgrade=True)
    try:
        async with way_cleared(store):
            return await _serve(store, config, once=once, attended=attended)
    finally:
        await store.close()


async def _serve(store: Store, config: Config, *, once: bool, attended: bool) -> int:
    # Nobody looks at what a daemon writes, so that more and more would be damaged.
    await pages.look(store)
    daemon = await prepare(store, config, attended=attended)
    await announce(store, config, "daemon")
    figures = observe(store, daemon)
    if not once:
        services = [*await beside(store, config, figures.metrics)]
        if config.web.health is not None:
            figures.time(store)
            services.append(figures.watch_loop)
        if (manager := ServiceManager.found(os.environ)) is not None:
            inbox = ProgramInbox(store, SystemActor("daemon"))
            services.append(partial(manager.accompany, inbox, daemon.ready))
        await run_until_stopped(daemon, attended=attended, beside=services)
        return 0
    reached, others = await daemon.run_once()
    for name, process in others.items():
        log.error("%s is held by the daemon on %s (pid %d)", name, process.host, process.pid)
    return 0 if reached else 1


def observe(store: Store, daemon: Daemon) -> Figures:
    """Log what each transaction of this process did, and count it from now on."""
    figures = Figures(daemon.accounts)

    def listen(happened: Sequence[Happened]) -> None:
        logs.note(happened, daemon.accounts)
        figures.count(happened)

    store.listener = listen
    return figures


async def run_until_stopped(
    daemon: Daemon, *, attended: bool, beside: Collection[Service] = ()
) -> None:
    """Serve until SIGTERM, SIGINT or, for a TUI's own daemon, the end of stdin.

    ``beside``: what this process serves besides, each until the event is set.
    """
    stop = stop_signal()
    watchers = [asyncio.create_task(_leave_in_time(stop))]
    others = [asyncio.create_task(service(stop)) for service in beside]
    if attended:
        watchers.append(asyncio.create_task(_end_of_stdin(stop)))
    try:
        await daemon.run(stop)
    finally:
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for watcher in watchers:
            watcher.cancel()
        if stop.is_set():
            # Only what hangs is left: threads, which Python would wait for.
            _leave_within(_SECONDS_FOR_THREADS)


async def _leave_in_time(stop: asyncio.Event) -> None:
    """The process has only so long then, whatever waits: a lock, a command, a server."""
    await stop.wait()
    _leave_within(_SECONDS_TO_STOP)


def _leave_within(seconds: float) -> None:
    timer = threading.Timer(seconds, _leave)
    timer.daemon = True
    timer.start()


def _leave() -> None:
    log.warning("not everything ended in time; what is half done is taken up by the next daemon")
    logging.shutdown()
    os._exit(0)


async def _end_of_stdin(stop: asyncio.Event) -> None:
    """The TUI that started us holds the other end: when it is gone, so are we.

    Unless its last word was ``keep``: then we stay behind on our own.
    """
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        if line.strip() == b"keep":
            return
    stop.set()
