"""What README promises: its configurations pass every check, and CI runs its test command."""

import re
from pathlib import Path

import pytest

from pfinbox.config import account_settings, load
from pfinbox.plugins import load_channel

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGURATIONS = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_its_configurations_can_be_used_as_they_stand(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    config = load(path)
    for account in config.accounts.values():
        account_settings(config, account, load_channel(account.channel))
    assert config.database_url
    assert config.warnings == ()


def test_there_are_configurations_to_check() -> None:
    assert len(CONFIGURATIONS) == 3


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r'(?:src|srcset)="(\.github[^"]+)"', README)
    assert len(pictures) == 6
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_ci_finds_one_test_command_between_the_marks() -> None:
    between = re.findall(r"^<!-- tests:.*?-->\n```sh\n(.*?)\n```\n<!-- /tests -->$", README, re.M)
    assert len(between) == 1
    assert between[0].endswith("&& .venv/bin/pytest -n 2")
    assert "<!-- tests:" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_its_table_of_keys_is_the_command_table() -> None:
    from pfinbox.tui.commands.key_table import key_table

    between = re.findall(r"^<!-- keys -->\n(.*?)\n<!-- /keys -->$", README, re.M | re.DOTALL)
    assert [table.strip() for table in between] == [key_table().strip()]
