"""The screens in the other languages, where their longer words have the least room."""

from collections.abc import Callable

import pytest

from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, press, settle, type_burst


@pytest.mark.parametrize("language", ["pl", "ru"])
async def test_the_look_in_another_language(
    inbox: Inbox, language: str, speak: Callable[[str], None]
) -> None:
    speak(language)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await compare(app, pilot, f"{language}-list-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, f"{language}-list-80x24")
        await type_burst(pilot, "?")
        await compare(app, pilot, f"{language}-keys-80x24")
        await type_burst(pilot, "\x1br")
        await press(pilot, "ctrl+t")
        await compare(app, pilot, f"{language}-picker-80x24")
