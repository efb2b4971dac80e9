"""``pfinbox init``, and ``pfinbox`` where there is no configuration: never over somebody's file."""

import sys
from pathlib import Path

import pytest

from pfinbox.cli.entry import run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("PFINBOX_CONFIG", raising=False)
    return tmp_path


def test_a_configuration_that_is_there_stays(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "mine.toml"
    file.write_text("[agent]\n")
    assert run(["--config", str(file), "init"]) == 6
    said = capsys.readouterr().err
    assert f"{file} exists already" in said
    assert "--config FILE init" in said
    assert file.read_text() == "[agent]\n"


def test_without_a_terminal_nothing_is_asked_and_nothing_made(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not sys.stdin.isatty()
    for words in (["init"], [], ["tui"], ["--config", str(home / "new.toml"), "init"]):
        assert run(words) == 2, words
        said = capsys.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == 1
        assert "no terminal to ask in" in said.err
    # A file that is named and missing is no first start.
    assert run(["--config", str(home / "new.toml")]) == 3
    assert "does not exist" in capsys.readouterr().err
    assert not list(home.iterdir())
