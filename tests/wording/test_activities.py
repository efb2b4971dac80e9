"""R21: whatever the services write down has a sentence, and shows nothing raw."""

import ast
import re
from datetime import UTC
from pathlib import Path

import pfinbox.services
from pfinbox.store.rows import ActivityRow, Person
from pfinbox.wording.activities import activity_words, sentences
from pfinbox.wording.times import Clock
from tests.builders import START

SERVICES = Path(pfinbox.services.__file__).parent
CLOCK = Clock(START, UTC)


def kinds_written() -> set[str]:
    """Every text constant that may be the kind in ``journal.record(uow, task, KIND, ...)``."""
    found: set[str] = set()
    for path in SERVICES.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if ast.unparse(call.func) == "journal.record" and len(call.args) > 2:
                for part in ast.walk(call.args[2]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        found.add(part.value)
                    elif isinstance(part, ast.Name):
                        found |= _values(tree, part.id)
    return found


def _values(tree: ast.Module, name: str) -> set[str]:
    """What a variable called so is ever set to, also as an argument of a function of the file."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            found |= {
                part.value
                for part in ast.walk(node.value)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            }
    for function in (n for n in tree.body if isinstance(n, ast.AsyncFunctionDef)):
        names = [argument.arg for argument in function.args.args]
        if name not in names:
            continue
        for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
            place = names.index(name)
            if ast.unparse(call.func) == function.name and len(call.args) > place:
                value = call.args[place]
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found.add(value.value)
    return found


def test_r21_every_kind_that_is_written_has_a_sentence() -> None:
    written = kinds_written()
    assert {"status", "hidden", "chat_closed", "purged"} <= written
    assert written - sentences().keys() == set()


def test_r21_a_sentence_names_who_did_it_and_shows_times_in_the_agents_zone() -> None:
    by = Person("agent", 1, "Anna Lis")
    args = {"until": "2026-11-03T09:00:00+00:00"}
    row = ActivityRow("snoozed", args, START, by)
    assert activity_words(row, {}, CLOCK) == "Anna Lis snoozed it until tomorrow 09:00"
    erased = ActivityRow("comments_erased", {"count": 3}, START, by)
    assert activity_words(erased, {}, CLOCK).endswith("3 comments are gone")
    # What a newer version wrote is shown as it is, and never stops the screen.
    strange = ActivityRow("unheard_of", {"a": "[/]"}, START, None)
    assert activity_words(strange, {}, CLOCK) == "pfinbox: unheard_of a: [/]"
    assert all(re.fullmatch(r"[a-z_]+", kind) for kind in sentences())
