"""What README promises: its configurations pass every check, and CI runs its test command."""

import re
import sys
import tomllib
from importlib.metadata import metadata, packages_distributions
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
    assert between[0].endswith("&& .venv/bin/pytest -n 3")
    assert "<!-- tests:" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_its_table_of_keys_is_the_command_table() -> None:
    from pfinbox.tui.commands.key_table import key_table

    between = re.findall(r"^<!-- keys -->\n(.*?)\n<!-- /keys -->$", README, re.M | re.DOTALL)
    assert [table.strip() for table in between] == [key_table().strip()]


def test_each_line_of_its_security_list_has_a_test_that_is_there() -> None:
    lines = [line for line in _listed(README, "security") if not line.startswith("| **")]
    assert len(lines) > 20
    for line in lines:
        _has_tests(line)


def test_each_section_promises_what_a_test_holds() -> None:
    """The lists of keys, security and libraries apart: CONTRIBUTING quotes the promise."""
    words = _plain(README)
    promised: set[str] = set()
    for line in _listed((ROOT / ".github/CONTRIBUTING.md").read_text(encoding="utf-8"), "promises"):
        section, promise, _tests = line.strip("| ").split(" | ", 2)
        assert _plain(promise) in words, promise
        promised.add(section)
        _has_tests(line)
    sections = {"pfinbox", *re.findall(r"^## (.+)$", README, re.M)}
    assert promised == sections - {"What could not be tried", "Licence"}


def _listed(text: str, mark: str) -> list[str]:
    """The lines of the table between two marks."""
    (listed,) = re.findall(rf"^<!-- {mark} -->\n(.*?)\n<!-- /{mark} -->$", text, re.M | re.DOTALL)
    return [line for line in listed.splitlines()[2:] if line]


def _plain(text: str) -> str:
    return " ".join(text.replace("**", "").split())


def _has_tests(line: str) -> None:
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", line)
    assert tests, line
    for file, name in tests:
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"def {name}\(", text), (file, name)


def test_its_list_of_libraries_is_whole_and_true() -> None:
    """Every requirement but those of the tests, with its licence; and every import is of one."""
    (table,) = re.findall(r"^### Libraries\n(.*?)\n\n[^|]", README, re.M | re.DOTALL)
    rows = [line.strip("| ").split(" | ") for line in table.strip().splitlines()[2:]]
    listed = {name: (licence, why) for name, licence, why in rows}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    required = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    required += [one for extra, some in extras.items() if extra != "test" for one in some]
    assert set(listed) == {re.match(r"[\w-]+", one)[0] for one in required}  # type: ignore[index]
    for name, (licence, _why) in listed.items():
        known = metadata(name).json.get("license_expression")
        assert known in (None, licence), name
    of = packages_distributions()
    words = " ".join([*listed, *(why for _licence, why in listed.values())]).casefold()
    for path in (ROOT / "pfinbox").rglob("*.py"):
        for top in _imported(path) - set(sys.stdlib_module_names) - {"pfinbox"}:
            assert any(one.casefold() in words for one in of[top]), (path, top)


def _imported(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return set(re.findall(r"^ *(?:import|from) (\w+)[\w.]*(?: import | as |$)", text, re.MULTILINE))
