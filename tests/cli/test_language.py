"""In what language the command line speaks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pfinbox.cli.shell.early import configured_language, default_path
from pfinbox.config import loading
from pfinbox.i18n import choose, wanted
from tests.builders import Inbox
from tests.cli.conftest import Cli
from tests.tui.scene import contact_of, task_of


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "pl_PL"}, "pl"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "de:pl:ru"}, "pl"),
        # English needs no catalogue, and is preferred to Russian here.
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "en_US:ru"}, "en"),
        ({"LANGUAGE": "", "LANG": "pl_PL@euro"}, "pl"),
        ({"LANG": "sr@latin"}, "en"),
    ],
)
def test_language_follows_the_environment(environment: dict[str, str], expected: str) -> None:
    assert choose(wanted(environment)) == expected


def test_language_of_the_configuration_is_known_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PFINBOX_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert configured_language([]) is None
    assert default_path() == loading.default_path()

    def write(name: str, content: str) -> str:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
        return str(file)

    write("pfinbox/config.toml", '[agent]\nlanguage = "pl"\n')
    russian = write("ru.toml", '[agent]\nlogin = "anna"\nlanguage = "ru"\n')
    assert configured_language(["task", "list"]) == "pl"
    assert configured_language(["--config", russian, "task", "list"]) == "ru"
    assert configured_language(["--agent", "--config", f"--config={russian}"]) == "ru"
    # What stands behind the command is the command's.
    assert configured_language(["task", "--config", russian]) == "pl"
    monkeypatch.setenv("PFINBOX_CONFIG", russian)
    assert configured_language([]) == "ru"
    # config.load complains about these, in a language that it has.
    for content in ("language = [", "agent = 1 # language", "[agent]\nlanguage = 3"):
        assert configured_language(["--config", write("bad.toml", content)]) is None
    assert configured_language(["--config"]) == "ru"
    assert configured_language(["--config", str(tmp_path / "none")]) is None


def test_lines_are_in_the_reader_s_language_and_json_is_the_same_in_all(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, speak: Callable[[str], None]
) -> None:
    async def story(inbox: Inbox) -> int:
        task = await task_of(inbox, await inbox.mails("The printer is on fire", subject="Fire"))
        await inbox.comment(task, "On our way.", to=[await contact_of(inbox, task)])
        return task

    task = cli.inbox(story)
    commands = [("task", "list"), ("task", "show", task), ("outbox", "list"), ("account", "list")]
    english = [cli.json(*command) for command in commands]
    monkeypatch.setenv("LANGUAGE", "ru")
    assert [cli.json(*command) for command in commands] == english
    assert "новая" in cli("task", "list").out
    assert "клиенту" in cli("task", "show", task).out
    assert "ждёт отправки" in cli("outbox", "list").out
    # Click's own sentences, too; and what the configuration says is stronger.
    assert "Ошибка: Команды 'tsk' нет." in cli("tsk", code=2).err
    with cli.config.open("a", encoding="utf-8") as config:
        config.write('language = "pl"\n')
    assert cli("task", "show", 99, code=5).err == "pfinbox: nie ma zadania #99\n"
    assert "Nie ma opcji '--quik'." in cli("task", "list", "--quik", code=2).err
    help_text = cli("task", "comment", "--help").out
    assert "Użycie:" in help_text
    assert "Kto dostanie." in help_text
