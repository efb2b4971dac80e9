"""The command line as a script sees it: arguments in, exit code, stdout and stderr out."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pfinbox.cli.entry import run
from pfinbox.store.async_core import AsyncEngine
from pfinbox.store.engine import make_engines
from pfinbox.store.uow import Store
from tests.builders import Clock, Inbox

T = TypeVar("T")


on_both = pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)
"""For what a verb does with the database itself, or where a value's way to JSON could differ."""


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """SQLite alone: the verbs are thin, and what they call is tested on both databases."""
    return str(request.param)


@lru_cache(2)
def _kept(url: str, answer_seconds: float) -> tuple[AsyncEngine, AsyncEngine]:
    """A new engine for each command would compile the same statements again."""
    return make_engines(url, answer_seconds)


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str
    raw: bytes


class Cli:
    """Calls commands in this process, as the agent anna unless told otherwise."""

    def __init__(self, config: Path, capture: pytest.CaptureFixture[bytes], store: Store) -> None:
        self.config = config
        self.url = store.url
        self._store = store
        self._capture = capture
        # What happened before the commands, which take the time from the machine.
        self._clock = Clock(datetime.now(UTC) - timedelta(hours=1))
        self._made: Inbox | None = None

    def __call__(self, *arguments: object, agent: str = "anna", code: int = 0) -> Said:
        said = self.raw(*arguments, agent=agent)
        assert said.code == code, said
        return said

    def raw(self, *arguments: object, agent: str = "anna") -> Said:
        """Whatever its exit code is."""
        words = ["--config", str(self.config), "--agent", agent, *map(str, arguments)]
        self._capture.readouterr()
        found = run(words, _kept)
        out, err = self._capture.readouterr()
        return Said(found, out.decode(errors="replace"), err.decode(), out)

    def json(self, *arguments: object, agent: str = "anna") -> Any:
        said = self(*arguments, "--json", agent=agent)
        assert said.err == ""
        return json.loads(said.out)

    def inbox(self, fill: Callable[[Inbox], Awaitable[T]]) -> T:
        """Let ``fill`` work on the store through the services: clients write, agents answer."""

        async def work() -> T:
            inbox = await self._inbox()
            try:
                return await fill(inbox)
            finally:
                await inbox.store.close()

        return asyncio.run(work())

    async def _inbox(self) -> Inbox:
        # Its store is closed after each use and opened again, by another loop.
        if self._made is None:
            self._made = await Inbox.make(self._store, clock=self._clock)
        return self._made


@pytest.fixture
def cli(new_store: Store, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Cli:
    """The command line on a new store."""
    config = tmp_path / "config.toml"
    config.write_text(
        f'[database]\nurl = "{new_store.url}"\n[agent]\ntimezone = "Europe/Warsaw"\n', "utf-8"
    )
    return Cli(config, capsysbinary, new_store)
