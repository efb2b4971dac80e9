"""``pfinbox --agent anna --restricted``, for an ssh forced command."""

from pathlib import Path

import pytest

from pfinbox.cli.entry import run


def test_who_comes_by_a_forced_command_gets_the_screen_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", str(tmp_path / "none.toml")]
    monkeypatch.setenv("PFINBOX_AGENT", "boris")
    for words in (["--restricted"], ["tui", "--restricted"]):
        assert run([*config, *words]) == 2
        assert "--agent LOGIN" in capsys.readouterr().err
    for words in (["task", "list"], ["attachment", "get", "1", "--to", "-"], ["init"]):
        assert run([*config, "--agent", "anna", "--restricted", *words]) == 2
        assert "goes with no verb" in capsys.readouterr().err
    # Without a configuration there is no wizard, which would ask for paths and passwords.
    assert run([*config, "--agent", "anna", "--restricted"]) == 3
