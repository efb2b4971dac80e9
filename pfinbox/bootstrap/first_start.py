"""The first start, wired: the wizard's pages, doctor's checks, the store and the file."""

import getpass
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pfinbox import config as configuration
from pfinbox.bootstrap.draft import Draft, Drafted
from pfinbox.config import Config, account_settings, default_database_url, default_path
from pfinbox.config.writing import create
from pfinbox.demo import MAIL_SPEC, MESSENGER_SPEC
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import AccountContext, Capability, ChannelSpec
from pfinbox.domain.contract.setup import Answers, Setup
from pfinbox.errors import ConfigError, PfinboxError
from pfinbox.i18n import _
from pfinbox.plugins import channel_names, load_channel
from pfinbox.tui.setup.app import SetupApp
from pfinbox.tui.setup.gate import Line, Outcome


def run_first_start(path: Path, *, login: str | None = None) -> Outcome:
    """The wizard on the terminal. ``path``: the file to be written; ``login``: who asked for it."""
    # Nothing but the app may write to the terminal; what is wrong stands in its lines.
    logging.getLogger().addHandler(logging.NullHandler())
    app = SetupApp(FirstStart(path, login=login))
    app.run()
    if app.failed is not None:
        raise app.failed
    return app.outcome


# The simulator opens by itself, from the first page.
DEMO = (MESSENGER_SPEC.name, MAIL_SPEC.name)


class FirstStart:
    """See ``pfinbox.tui.setup.gate.SetupGate``. What is heavy is imported when it is tried."""

    def __init__(self, path: Path, *, login: str | None = None) -> None:
        self._path = path
        self._login = login
        self._draft = Draft()
        self.staffed = False

    @property
    def path(self) -> str:
        return _from_home(self._path)

    @property
    def inbox_at(self) -> str | None:
        return _from_home(_usual_store()) if self._draft.url is None else None

    @property
    def used_before(self) -> bool:
        return self._path == default_path() and _usual_store().exists()

    # --- the configuration ----------------------------------------------------------------------

    def channels(self) -> Sequence[tuple[str, Setup]]:
        found = []
        for name in channel_names():
            # A plug-in that cannot be loaded is doctor's to tell.
            if name not in DEMO and (spec := _spec(name)) is not None:
                found.append((name, spec.setup()))
        return found

    def account(self, channel: str, answers: Answers, name: str | None) -> str:
        setup = load_channel(channel).setup()
        drafted = Drafted(channel, setup, dict(answers))
        return self._draft.put(setup.account(answers), drafted, name)

    def forget(self, name: str | None = None) -> None:
        if name is None:
            self._draft, self.staffed = Draft(), False
        else:
            self._draft.accounts.pop(name, None)

    def database(self, url: Any) -> None:
        self._draft.url, self.staffed = url, False

    def preview(self, login: str) -> str:
        return self._draft.text(login, hidden=True)

    def _config(self, login: str = "") -> Config:
        return configuration.parse(self._draft.text(login), self._path)

    # --- trying it ------------------------------------------------------------------------------

    async def examine(self, name: str) -> AsyncIterator[Line]:
        from pfinbox.bootstrap.doctor import examine_account

        try:
            config = self._config()
        except ConfigError as error:
            yield Line(name, str(error))
            return
        async for found in examine_account(config, name, secrets.token_bytes(32)):
            # It is about this one account alone.
            yield Line(found.subject.removeprefix(f"{name}: "), found.problem, found.kind)

    def posts_to(self, name: str) -> str | None:
        try:
            spec, context = self._context(name)
        except PfinboxError:
            return None
        able = spec.capabilities
        if spec.adapt is not None:
            able, _limits = spec.adapt(context.settings, able, spec.limits)
        wanted = Capability.WRITE_FIRST | Capability.GLOBAL_ADDRESSES
        return spec.describe(context.settings) if able & wanted == wanted else None

    async def post(self, name: str) -> AsyncIterator[Line]:
        from pfinbox.bootstrap.roundtrip import there_and_back

        spec, context = self._context(name)
        address = spec.normalise(spec.describe(context.settings))
        channel = spec.open(context)
        try:
            async for found in there_and_back(channel, address, datetime.now(UTC)):
                yield Line(found.subject, found.problem, found.kind)
        finally:
            await channel.close()

    def _context(self, name: str) -> tuple[ChannelSpec, AccountContext]:
        config = self._config()
        account = config.accounts[name]
        spec = load_channel(account.channel)
        settings = account_settings(config, account, spec)
        return spec, AccountContext(name, settings, secrets.token_bytes(32))

    async def look(self) -> AsyncIterator[Line]:
        """The database is reached; an inbox is there, or will be made."""
        from pfinbox.bootstrap.redact import redact
        from pfinbox.store import read, schema
        from pfinbox.store.uow import Store

        subject = _("the database")
        try:
            store = Store(self._config().database_url)
        except PfinboxError as error:
            yield Line(subject, redact(str(error)))
            return
        try:
            if await schema.is_empty(store):
                yield Line(_("the database; it is empty: a new inbox will be made there"))
                return
            await schema.check(store)
            async with store.read() as uow:
                logins = [one.login for one in await read.agents(uow)]
            self.staffed = bool(logins)
            found = _("the database; an inbox is there, its agents: {logins}")
            yield Line(found.format(logins=", ".join(logins) or _("none yet")))
        except PfinboxError as error:
            yield Line(subject, redact(str(error)))
        finally:
            await store.close()

    # --- the end --------------------------------------------------------------------------------

    def person(self) -> tuple[str, str]:
        try:
            login = self._login or getpass.getuser()
        except (OSError, KeyError, ImportError):
            return "", ""
        return login, _full_name(login) or login.capitalize()

    async def write(self, login: str, name: str) -> None:
        from pfinbox.bootstrap.stores import open_store
        from pfinbox.services.people import agents
        from pfinbox.store import read
        from pfinbox.store.uow import UnitOfWork

        async def enter(uow: UnitOfWork) -> None:
            first = not await read.agents(uow)
            agent = await agents.sign_in(uow, login)
            # Somebody else's inbox has its own idea of this agent's name.
            if first:
                await agents.set_(uow, AgentActor(agent.id), login, name=name)

        if self._path.exists():
            raise ConfigError(_("{source} exists already").format(source=self._path))
        store = await open_store(self._config(login))
        try:
            await store.run(enter)
        finally:
            await store.close()
        create(self._path, self._draft.text(login))


def _usual_store() -> Path:
    return Path(default_database_url().partition(":///")[2])


def _from_home(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _spec(name: str) -> ChannelSpec | None:
    try:
        return load_channel(name)
    except ConfigError:
        return None


def _full_name(login: str) -> str:
    try:
        import pwd

        return pwd.getpwnam(login).pw_gecos.partition(",")[0].strip()
    except (ImportError, KeyError):
        return ""
