"""The agent's own editor (ctrl+g): the text goes there and back, and is never lost."""

import tempfile
from pathlib import Path

import pytest

from pfinbox.errors import PfinboxError
from pfinbox.tui.compose.editor import command, edit
from tests.builders import Inbox
from tests.tui.stage import on_stage, press, said, type_burst


def test_the_text_goes_to_the_editor_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    more = ["sh", "-c", 'stat -c %a "$0" >> "$0"; echo "Добрый день" >> "$0"']
    assert edit("Hello\n", more) == "Hello\n600\nДобрый день"
    with pytest.raises(PfinboxError, match="gave up"):
        edit("Hello", ["false"])
    with pytest.raises(PfinboxError, match="cannot be run"):
        edit("Hello", ["/nowhere/vi"])
    assert list(tmp_path.iterdir()) == []


def test_visual_comes_before_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "nano -w")
    assert command() == ["nano", "-w"]
    monkeypatch.setenv("VISUAL", "nvim '+set tw=72'")
    assert command() == ["nvim", "+set tw=72"]
    monkeypatch.setenv("VISUAL", "")
    monkeypatch.delenv("EDITOR")
    assert command() == ["vi"]


async def test_where_the_screen_cannot_be_given_away_it_is_said(inbox: Inbox) -> None:
    """The test's terminal is one of these."""
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rHello")
        await press(pilot, "ctrl+g")
        assert "no editor" in said(app)
        await type_burst(pilot, " there")
        assert app.main.task_pane.composer.box.text == "Hello there"
