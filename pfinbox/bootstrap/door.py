"""The door to the web, wired: by the daemon, or as a program of its own (``pfinbox web``)."""

import asyncio
import ipaddress
import logging
import os
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pfinbox.bootstrap.stopping import stop_signal
from pfinbox.bootstrap.stores import open_store
from pfinbox.config import Config, account_settings
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.channel import Capability, ChannelSpec
from pfinbox.domain.contract.settings import Secret
from pfinbox.domain.health.metrics import Metric
from pfinbox.domain.listening import Listening
from pfinbox.domain.people.pictures import LARGEST, picture_type
from pfinbox.domain.text.moments.opening_hours import opening_hours
from pfinbox.errors import ConfigError
from pfinbox.i18n import _
from pfinbox.plugins import load_channel
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.system import configuration
from pfinbox.store import read, snapshots
from pfinbox.store.load import purged
from pfinbox.store.uow import Store

if TYPE_CHECKING:
    from pfinbox.web.server import Door
    from pfinbox.web.site import Site

log = logging.getLogger(__name__)

Measure = Callable[[], Iterable[Metric]]
Service = Callable[[asyncio.Event], Coroutine[Any, Any, None]]

_EXTRA = "jinja2"


def can_serve_pages() -> bool:
    """Whether the package of the extra ``web`` is installed."""
    return find_spec(_EXTRA) is not None


def missing_package() -> str:
    return _("[web] needs one more package: pip install 'pfinbox[web]'")


async def beside(store: Store, config: Config, measure: Measure = tuple) -> Sequence[Service]:
    """What a daemon serves besides: the door, and how it does (``measure``: its own figures).

    Both listen when this returns. CannotListen where they cannot, unless another daemon lives:
    while this one stands by, the other one has the addresses.
    """
    async with store.read() as uow:
        stands_by = await read.daemon(uow) is not None
    doors: list[Door] = []
    if config.web.listen is not None and config.web.in_daemon:
        doors.append(await make_door(store, config, config.web.listen))
    if config.web.health is not None:
        doors.append(health(store, config.web.health, measure))
    for door in doors:
        await _open(door, doors, stands_by)
    return [partial(_serve, door) for door in doors]


async def _open(door: "Door", doors: "Sequence[Door]", stands_by: bool) -> None:
    from pfinbox.web.server import CannotListen

    try:
        await door.open()
    except CannotListen:
        if not stands_by:
            for one in doors:
                await one.close()
            raise


async def make_door(store: Store, config: Config, listening: Listening) -> "Door":
    """The door of this configuration, still closed. ConfigError without the extra."""
    if not can_serve_pages():
        raise ConfigError(missing_package())
    from pfinbox.web.app import application
    from pfinbox.web.crowd import Crowd
    from pfinbox.web.server import Door

    inbox = ProgramInbox(store, SystemActor("web"))
    site = await _site(store, config)
    crowd = Crowd.usual(site.trusted_proxies)
    return Door(application(inbox, site), listening, crowd=crowd)


def health(store: Store, listening: Listening, measure: Measure) -> "Door":
    """Where machines read how this daemon does; still closed."""
    from pfinbox.web.health import application
    from pfinbox.web.server import Door

    return Door(application(ProgramInbox(store, SystemActor("health")), measure), listening)


async def _serve(door: "Door", stop: asyncio.Event) -> None:
    from pfinbox.web.server import serve

    await serve(door, stop)


def run_web(config: Config) -> int:
    """``pfinbox web`` as a whole program; its exit code."""
    return asyncio.run(_run_web(config))


async def _run_web(config: Config) -> int:
    listening = config.web.listen
    if listening is None:
        raise ConfigError(_("{source}: [web] has no listen").format(source=config.source))
    store = await open_store(config)
    try:
        await announce(store, config, "web")
        door = await make_door(store, config, listening)
        stop = stop_signal()
        try:
            await door.open()
            await stop.wait()
        finally:
            await door.close()
    finally:
        await store.close()
    return 0


async def announce(store: Store, config: Config, by: str) -> None:
    """Tell the store where clients' pages are: agents send links, and mails may carry one."""
    web = config.web
    told = None
    if web.base_url is not None and web.portal.enabled:
        told = {
            "base_url": web.base_url,
            "title": web.portal.title,
            "language": web.portal.language,
            "link_in_mails": web.portal.link_in_mails,
        }
    company = config.inbox.company
    await store.run(lambda uow: configuration.configure_web(uow, by, told, company))


async def _site(store: Store, config: Config) -> "Site":
    from pfinbox.web.site import Chat, Portal, Site

    web = config.web
    pushing = await asyncio.to_thread(_pushing, config)
    async with store.read() as uow:
        key = await purged.mac_key(uow)
        # The daemon's configuration has it where this machine's has not.
        inbox = await snapshots.setting(uow, "inbox") or {}
    company = config.inbox.company or inbox.get("company") or ""
    portal = None
    if web.portal.enabled:
        portal = Portal(
            title=web.portal.title or company,
            accent=web.portal.accent,
            footer=web.portal.footer,
            logo=_logo(config),
            language=web.portal.language,
            upload_limit=web.portal.upload_limit,
            self_sign_in=web.portal.self_sign_in,
            new_task_account=web.portal.new_task_account,
        )
    return Site(
        base_url=web.base_url or "",
        portal=portal,
        hooks={
            name: partial(spec.admit, settings)
            for name, (spec, settings) in pushing.items()
            if spec.admit is not None
        },
        chats={
            name: Chat(
                name,
                key,
                tuple(one.rstrip("/") for one in settings["origins"]),
                settings["identity_secret"],
                settings["greeting"],
                settings["consent"],
                settings["privacy_url"],
                opening_hours(settings["hours"], ZoneInfo(settings["timezone"])),
            )
            for name, (spec, settings) in pushing.items()
            if Capability.OWN_PAGES in spec.capabilities
        },
        company=company,
        trusted_proxies=tuple(ipaddress.ip_network(one) for one in web.trusted_proxies),
    )


def _pushing(config: Config) -> dict[str, tuple[ChannelSpec, dict[str, Any]]]:
    """The accounts to which the door brings requests; their secrets are read once, now."""
    found: dict[str, tuple[ChannelSpec, dict[str, Any]]] = {}
    for name, account in config.accounts.items():
        spec = load_channel(account.channel)
        if spec.admit is None and Capability.OWN_PAGES not in spec.capabilities:
            continue
        try:
            found[name] = (
                spec,
                {
                    key: Secret(value.reveal()) if isinstance(value, Secret) else value
                    for key, value in account_settings(config, account, spec).items()
                },
            )
        except ConfigError as error:
            # The others go on.
            log.error("%s takes no requests: %s", name, error)
    return found


def _logo(config: Config) -> tuple[str, bytes] | None:
    name = config.web.portal.logo
    if name is None:
        return None
    file = config.source.parent / Path(os.path.expanduser(name))
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(
            _("{source} cannot be read: {detail}").format(
                source=file, detail=error.strerror or error
            )
        ) from error
    if (media_type := picture_type(content)) is not None:
        return media_type, content
    raise ConfigError(
        _("{source}: web.portal.logo: {file} is no PNG, JPEG or WebP of at most {n} bytes").format(
            source=config.source, file=file, n=LARGEST
        )
    )
