"""The house stays one that can be lived in, and its map is true."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house import FULL, PACKAGE, circles, long_files, rooms

ROOT = PACKAGE.parent
MAP = (PACKAGE / "README.md").read_text(encoding="utf-8")
ROOM = re.compile(r"`([a-z_]+/(?:[a-z_]+/)*)`")
# `path`: `name`, `name` or `name`
STEP = re.compile(r"`([a-z_/]+\.py)`:((?:\s+(?:or\s+)?`\w+`,?)+)")
FILE = re.compile(r"(?<![\w/.*{-])((?:[\w.-]+/)*[\w-]+\.(?:py|md|toml|po|tcss))(?![\w/])")
DOTTED = re.compile(
    r"``?(?:pfinbox\.)?((?:domain|channels|demo|config|store|services|wording|tui|web|daemon|bootstrap|cli)"
    r"(?:\.[a-z_]+)+)(?<!\.toml)(?:\.[A-Z][\w.]*)?(?:\(\))?`"
)
# Files of other programs, of tests, or that the program makes.
ELSEWHERE = {"config.toml", "pigeon_post.py"}


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circles() == []


def test_no_room_is_too_full() -> None:
    assert [room for room, files in rooms().items() if files > FULL] == []


def test_no_file_has_more_than_one_idea() -> None:
    """But for one that is being split."""
    assert [name for name in long_files() if name != "tui/inbox/task_list.py"] == []


def test_the_map_shows_every_room_and_no_other() -> None:
    shown = {f"pfinbox/{room}".rstrip("/") for room in ROOM.findall(_table("Rooms"))}
    assert [room for room in shown if not (ROOT / room).is_dir()] == []
    packages = set(rooms()) - {"pfinbox", "pfinbox/services", "pfinbox/store/migrations/versions"}
    assert packages - shown == set()


def test_every_file_and_function_of_the_journeys_is_there() -> None:
    steps = [
        (path, name) for path, names in STEP.findall(MAP) for name in re.findall(r"`(\w+)`", names)
    ]
    assert len(steps) > 20
    assert [step for step in steps if step[1] not in _names(step[0])] == []


@pytest.mark.parametrize(
    "suffix", ["*.py", "*.md", "*.toml"], ids=["python", "markdown", "configuration"]
)
def test_no_file_names_one_that_is_not_there(suffix: str) -> None:
    files = _files()
    known = {str(path) for path in files} | {path.name for path in files}
    lost = []
    for path in (one for one in files if one.match(suffix)):
        for line, text in _prose(path):
            for name in FILE.findall(text):
                there = name in known or any(one.endswith(f"/{name}") for one in known)
                if not there and name not in ELSEWHERE:
                    lost.append(f"{path}:{line}: {name}")
            for name in DOTTED.findall(text):
                if not _is_module(name):
                    lost.append(f"{path}:{line}: {name}")
    assert "\n".join(lost) == ""


def test_the_hooks_before_a_commit_are_the_linters_of_ci() -> None:
    hooks = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    ci = re.findall(r"^(\.venv/bin/(?:ruff|mypy|lint)\b.*)$", (ROOT / ".ci/run").read_text(), re.M)
    assert hooks == [command.removesuffix(" .") for command in ci]


def _table(heading: str) -> str:
    return MAP.split(f"\n## {heading}\n")[1].split("\n## ")[0]


@cache
def _names(path: str) -> set[str]:
    tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


@cache
def _files() -> list[Path]:
    """What belongs to the repository, by its path in there."""
    folders = (PACKAGE, ROOT / "tests", ROOT / ".github", ROOT / ".ci")
    found = [*ROOT.glob("*"), *(path for folder in folders for path in folder.rglob("*"))]
    return [path.relative_to(ROOT) for path in found if path.is_file()]


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    """What a file says to people: all of a page, comments and docstrings of a module."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    # Most modules name no file at all, and are not read any further.
    if not FILE.search(text) and not DOTTED.search(text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            said = ast.get_docstring(node, clean=False)
            if said:
                yield node.body[0].lineno, said
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            yield number, line


def _is_module(dotted: str) -> bool:
    """``a.b`` is a module, or a name in one."""
    path, home = (
        PACKAGE / dotted.replace(".", "/"),
        PACKAGE / dotted.rpartition(".")[0].replace(".", "/"),
    )
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    name = re.compile(rf"\b{path.name}\b")
    places = [file for file in (home.with_suffix(".py"), home / "__init__.py") if file.is_file()]
    return any(name.search(file.read_text(encoding="utf-8")) for file in places)
