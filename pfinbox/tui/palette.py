"""The palette (ctrl+p): the commands of the table, found by typing."""

from collections.abc import Iterable
from functools import partial
from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from pfinbox.tui.commands import Command
from pfinbox.tui.keymap import spelled
from pfinbox.tui.screens.main import MainScreen


class Commands(Provider):
    """All commands but those that only move the cursor."""

    async def discover(self) -> Hits:
        """What is offered before anything is typed."""
        for command in self._offered():
            yield DiscoveryHit(command.help, self._run(command), help=self._keys(command))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._offered():
            score = matcher.match(f"{command.help} {command.name}")
            if score > 0:
                text = matcher.highlight(command.help)
                yield Hit(score, text, self._run(command), help=self._keys(command))

    def _main(self) -> MainScreen | None:
        screens = [screen for screen in self.app.screen_stack if isinstance(screen, MainScreen)]
        return screens[0] if screens else None

    def _offered(self) -> Iterable[Command]:
        main = self._main()
        if main is None:
            return []
        keymap = self.app.keymap  # type: ignore[attr-defined]
        return [c for c in keymap.commands.values() if c.group != "moving" and c.name != "palette"]

    def _run(self, command: Command) -> partial[None]:
        main = cast(MainScreen, self._main())
        return partial(main.run_command, command.name)

    def _keys(self, command: Command) -> str:
        key = self.app.keymap.shown(command.name)  # type: ignore[attr-defined]
        return spelled(key) if key else f":{command.name}"
