"""From nothing to an account that works, as a person walks it: real servers, real pages."""

import asyncio
import stat
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

import pfinbox.channels.telegram.channel  # noqa: F401 - it takes seconds; not on the way
from pfinbox import config as configuration
from pfinbox.bootstrap.doctor import Diagnosis, examine
from pfinbox.bootstrap.first_start import FirstStart
from pfinbox.bootstrap.stores import open_store
from pfinbox.errors import ConfigError
from pfinbox.store import read
from pfinbox.tui.setup.app import SetupApp
from pfinbox.tui.setup.checking import Checking
from pfinbox.tui.setup.gate import Line
from pfinbox.tui.setup.page import Pick
from pfinbox.tui.widgets.pick_list import PickList
from tests.servers.bot_api import TOKEN, BotApi
from tests.servers.dovecot import PASSWORD, Mailbox
from tests.servers.smtp import SmtpServer, run_smtp
from tests.tui.stage import compare, screen_text, settle, type_burst


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the configuration will be, in a home with nothing in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("PFINBOX_CONFIG", raising=False)
    return configuration.default_path()


@asynccontextmanager
async def walk(path: Path) -> AsyncIterator[tuple[SetupApp, Pilot[None]]]:
    app = SetupApp(FirstStart(path, login="anna"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        yield app, pilot
    assert app.failed is None


async def both_sizes(app: SetupApp, pilot: Pilot[None], name: str, *changing: str) -> None:
    await compare(app, pilot, f"{name}-120x36", *changing)
    await pilot.resize_terminal(80, 24)
    await settle(pilot)
    await compare(app, pilot, f"{name}-80x24", *changing)
    await pilot.resize_terminal(120, 36)
    await settle(pilot)


async def choose(app: SetupApp, pilot: Pilot[None], value: Any) -> None:
    """Go to a line of the list and press enter there."""
    picks = app.screen.query_one(PickList)
    at = [item.value for item in picks.items].index(value)
    keys = "\r" if at == picks.cursor else ("j" if at > picks.cursor else "k")
    await type_burst(pilot, keys.rstrip("\r") * abs(at - picks.cursor) + "\r")


async def fill(pilot: Pilot[None], *keys: str) -> None:
    """Into a form, all at once: texts take the place of what is there, keys are pressed."""
    for key in keys:
        if key in ("down", "right", "enter"):
            pilot.app.post_message(events.Key(key, "\r" if key == "enter" else None))
            continue
        pilot.app.post_message(events.Key("ctrl+u", None))
        for character in key:
            pilot.app.post_message(events.Key(_character_to_key(character), character))
    await settle(pilot)


def ok(app: SetupApp) -> list[bool]:
    assert isinstance(app.screen, Checking)
    assert app.screen.done
    return [line.problem is None for line in app.screen.lines]


@asynccontextmanager
async def delivering(smtp: SmtpServer, mailbox: Mailbox) -> AsyncIterator[None]:
    """What the one server takes arrives at the other."""

    async def deliver() -> None:
        assert await asyncio.to_thread(smtp.got_mail.wait, 20)
        await asyncio.to_thread(mailbox.deliver, smtp.taken[0].content)

    task = asyncio.create_task(deliver())
    yield
    await task


async def diagnoses(path: Path) -> list[Diagnosis]:
    return [one async for one in examine(str(path))]


async def test_an_e_mail_account_from_the_first_page_to_a_mail_that_arrives(
    path: Path, mailbox: Mailbox
) -> None:
    address = f"{mailbox.username}@mail.ru"  # of a provider that is known: nothing is looked for
    with run_smtp(password=PASSWORD) as smtp:
        async with walk(path) as (app, pilot), delivering(smtp, mailbox):
            await both_sizes(app, pilot, "first-start")
            await choose(app, pilot, "email")
            await fill(pilot, "nobody", "enter")
            assert "'nobody' is not an e-mail address" in screen_text(app)
            await fill(pilot, address, "down", "Example Ltd", "enter")
            await both_sizes(app, pilot, "first-start-servers", mailbox.username)
            here, there = f"127.0.0.1:{mailbox.port}", f"127.0.0.1:{smtp.port}"
            in_the_clear = ("down", "right", "right", "down")
            await fill(pilot, here, *in_the_clear, there, *in_the_clear, "enter")
            await choose(app, pilot, "env")
            await fill(pilot, "PF_NO_SUCH", "enter")
            assert ok(app) == [True, False, True, False]
            assert "PF_NO_SUCH is not set" in screen_text(app)
            await type_burst(pilot, "\r")
            await choose(app, pilot, "inline")
            await fill(pilot, "wrong", "enter")
            assert ok(app) == [True, False, True, False]
            assert "the server refused the sign-in" in screen_text(app)
            assert "wrong" not in screen_text(app)
            # The page that mends it comes first, as it was answered.
            await type_burst(pilot, "\r")
            assert isinstance(app.screen, Pick)
            await type_burst(pilot, "\r")
            await fill(pilot, PASSWORD, "enter")
            assert ok(app) == [True] * 5
            await choose(app, pilot, "post")
            assert ok(app) == [True, True]
            assert smtp.taken[0].recipients == (address,)
            await type_burst(pilot, "\r")
            await fill(pilot, "anna", "down", "Anna Lis", "enter")
            await pilot.press("space")
            await settle(pilot)
            assert PASSWORD not in screen_text(app)
            assert 'password = "••••••••"' in screen_text(app)
            assert not path.exists()
            await choose(app, pilot, "write")
            assert app.outcome.go_on == "inbox"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = configuration.load()
    assert config.source == path
    assert config.accounts[mailbox.username].settings["name"] == "Example Ltd"
    assert config.agent.login == "anna"
    with run_smtp(password=PASSWORD) as again:
        text = path.read_text().replace(f"port = {smtp.port}", f"port = {again.port}")
        path.write_text(text)
        problems = [one for one in await diagnoses(path) if one.problem is not None]
    assert [one.subject for one in problems] == ["daemon"]
    store = await open_store(config)
    async with store.read() as uow:
        (agent,) = await read.agents(uow)
    await store.close()
    assert (agent.login, agent.name, agent.admin) == ("anna", "Anna Lis", True)


async def test_a_telegram_account_and_back_again(path: Path, bot_api: BotApi) -> None:
    bot_api.webhook = "https://old.example/hook"
    async with walk(path) as (app, pilot):
        await choose(app, pilot, "telegram")
        await type_burst(pilot, "\r")  # a command prints it
        await fill(pilot, "printf 'no-token'", "enter")
        await fill(pilot, "down", bot_api.base, "enter")
        assert ok(app) == [False]
        await type_burst(pilot, "\r")
        await type_burst(pilot, "\r")
        await fill(pilot, f"printf {TOKEN}", "enter")
        await fill(pilot, "right", "enter")
        assert ok(app) == [True, False, False]
        shown = screen_text(app)
        assert "@loopback_bot" in shown
        assert "another program's webhook takes the messages" in shown
        assert "@BotFather's /setprivacy" in shown
        await both_sizes(app, pilot, "first-start-check")
        # Escape goes back page by page, and forwards again everything is still answered.
        await type_burst(pilot, "\x1b\r")
        assert ok(app) == [True, False, False]
        await choose(app, pilot, "on")
        await type_burst(pilot, "\r")
        await both_sizes(app, pilot, "first-start-ready", bot_api.base.rpartition(":")[2])
        await type_burst(pilot, "\x1b\x1b")
        assert isinstance(app.screen, Checking)
        await type_burst(pilot, "\x1b\x1b\x1b")
        assert "Welcome" in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert app.outcome.go_on == ""
    assert not path.exists()
    assert not (path.parent.parent / "data").exists()


async def test_joining_a_teams_inbox_needs_its_database_and_an_agent_there(
    path: Path, pg_url: str
) -> None:
    gate = FirstStart(path)
    for wrong in ("mysql://x/y", "postgresql://nobody@127.0.0.1:1/none", {"env": "PF_NO_SUCH"}):
        gate.database(wrong)
        line = await look(gate)
        assert line.problem
        assert "nobody" not in line.problem
    url = pg_url.replace("+asyncpg", "")
    gate.database(url)
    assert "a new inbox will be made there" in (await look(gate)).subject
    await gate.write("anna", "Anna Lis")
    assert tomllib.loads(path.read_text()) == {
        "database": {"url": url},
        "agent": {"login": "anna"},
    }
    # A colleague's machine; nothing of an inbox that is there changes by it.
    elsewhere = path.with_name("colleague.toml")
    async with walk(elsewhere) as (app, pilot):
        await choose(app, pilot, "database")
        await choose(app, pilot, "inline")
        await fill(pilot, url, "enter")
        assert "its agents: anna" in screen_text(app)
        await type_burst(pilot, "\r")
        assert "name" not in screen_text(app)  # it is known there
        await fill(pilot, "boris", "enter")
        await choose(app, pilot, "more")
        await type_burst(pilot, "\x1b")
        await choose(app, pilot, "write")
        assert "there is no agent boris" in screen_text(app)
        assert not elsewhere.exists()
        await fill(pilot, "anna", "enter")
        await choose(app, pilot, "write")
        assert app.outcome.go_on == "inbox"
    assert elsewhere.read_text() == path.read_text()
    assert await _names(configuration.load()) == ["Anna Lis"]
    with pytest.raises(ConfigError, match="exists already"):
        await gate.write("anna", "Somebody")


async def look(gate: FirstStart) -> Line:
    (line,) = [line async for line in gate.look()]
    return line


async def _names(config: configuration.Config) -> list[str]:
    store = await open_store(config)
    async with store.read() as uow:
        found = [one.name for one in await read.agents(uow)]
    await store.close()
    return found


def test_accounts_get_names_of_their_own_and_secrets_are_hidden(path: Path) -> None:
    gate = FirstStart(path)
    channels = dict(gate.channels())
    assert "demo" not in channels
    answers: dict[str, Any] = {"token": "1:secret", "groups": "no", "api_base": "https://x.example"}
    assert gate.account("telegram", answers, None) == "bot"
    assert gate.account("telegram", answers, "bot") == "bot"
    assert gate.account("telegram", answers | {"token": {"env": "T"}}, None) == "bot-2"
    shown = gate.preview("anna")
    assert "secret" not in shown
    assert 'token = { env = "T" }' in shown
    assert gate.posts_to("bot") is None
    gate.forget("bot")
    assert "[accounts.bot]" not in gate.preview("anna")
    gate.forget()
    assert "accounts" not in gate.preview("anna")
