"""The command table and what is made of it."""

import pytest

from pfinbox.errors import ConfigError
from pfinbox.tui.commands.family import Family
from pfinbox.tui.commands.key_table import key_table
from pfinbox.tui.commands.table import commands
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.shell.command import EVERYWHERE
from pfinbox.tui.shell.keymap import Keymap, spelled


def test_every_command_can_be_run() -> None:
    for command in commands():
        by = command.by()
        if issubclass(by, Overlay):
            assert hasattr(by, f"command_{command.name}"), command
        elif not command.name.startswith("view_"):
            assert issubclass(by, Family)
            assert hasattr(by, command.name), command


def test_no_key_means_two_things_in_one_place() -> None:
    for place in EVERYWHERE:
        seen: dict[str, str] = {}
        for command in commands():
            for key in command.keys if place in command.where else ():
                assert key not in seen, (place, key, command.name, seen[key])
                seen[key] = command.name


def test_no_sequence_hides_behind_a_single_key() -> None:
    for place in EVERYWHERE:
        keys = {key for c in commands() if place in c.where for key in c.keys}
        assert not {key for key in keys if " " in key and key.split()[0] in keys}


def test_no_key_with_alt() -> None:
    assert not [key for command in commands() for key in command.keys if "alt" in key]


def test_sequences_and_russian_letters_are_found() -> None:
    keymap = Keymap(commands())
    found = keymap.find("list", "g")
    assert found is not None
    assert (found.command, found.prefix) == (None, "g")
    assert keymap.find("list", "m", "g") is not None
    assert keymap.find("list", "о") == keymap.find("list", "j")
    assert keymap.find("composer", "j") is None


def test_keys_are_rebound_by_the_command_s_name() -> None:
    keymap = Keymap(commands(), {"close": "x, ctrl+w", "down": "e"})
    for key in ("x", "ctrl+w"):
        found = keymap.find("list", key)
        assert found is not None
        assert found.command == "close"
    found = keymap.find("list", "e")
    assert found is not None
    assert found.command == "down"
    with pytest.raises(ConfigError, match="no command nonsense"):
        Keymap(commands(), {"nonsense": "x"})


def test_keys_are_spelled_for_people() -> None:
    assert spelled("ctrl+s") == "^s"
    assert spelled("g t") == "g t"


def test_readme_gets_a_table() -> None:
    table = key_table()
    assert "| `r` | Answer the client, the comment, or all marked tasks |" in table
    assert "о" not in table.split("Next line")[0]
