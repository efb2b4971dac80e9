"""Sentences: how the source names them, in which form they come, and where they must not be."""

import ast
import gettext
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pfinbox.domain.text.moments.when import parse_when
from pfinbox.i18n import LANGUAGES, LOCALE_DIR, _, ngettext, pgettext
from pfinbox.locale.compiling import compile_catalogues
from pfinbox.tui.commands.table import commands
from pfinbox.tui.inbox.views import AWAY, LATER, WORK, view_name
from tests.catalogues import FUNCTIONS, forms, name_of, read
from tests.tui.scene import morning

OTHERS = [language for language in LANGUAGES if language != "en"]
SOURCE = LOCALE_DIR.parent
# These look up what was marked by N_ elsewhere.
LOOKS_UP = {
    "cli/shell/lazy.py",
    "cli/shell/speaking.py",
    "domain/contract/settings.py",
    "web/pages.py",
}


@pytest.mark.parametrize("language", OTHERS)
def test_what_stands_in_narrow_places_is_short_enough(
    language: str, speak: Callable[[str], None]
) -> None:
    speak(language)
    assert not [c.help for c in commands() if len(c.help) > 46], "the help screen cuts it"
    assert not [c.label for c in commands() if len(c.label) > 15], "the hint line has no room"
    assert not [label for label in map(view_name, (*WORK, *LATER, *AWAY)) if len(label) > 14], (
        "the views pane cuts it"
    )
    hints = [
        text
        for message in read(language)
        if message.id and " · " in message.id and "tui" in str(message.locations)
        for text in forms(message)
    ]
    assert not [text for text in hints if len(text) > 65], "a dialog of 70 columns cuts it"
    assert len(pgettext("age", "now")) <= 5
    # Ages take five cells at most; the week and the year have as many names as ever.
    assert all(len(_(sign).format(n=59)) <= 3 for sign in ("{n}m", "{n}h", "{n}d"))
    assert len(_("Mon Tue Wed Thu Fri Sat Sun").split()) == 7
    assert len(_("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_times_that_are_given_as_examples_are_understood(
    language: str, speak: Callable[[str], None]
) -> None:
    speak(language)
    now = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
    for example in _("tomorrow 9:00, mon 14:30, in 2h").split(", "):
        assert parse_when(example, now, UTC) > now


def test_plurals_follow_the_language(speak: Callable[[str], None]) -> None:
    def said(n: int) -> str:
        return ngettext("{n} task", "{n} tasks", n).format(n=n)

    speak("ru")
    assert [said(n) for n in (1, 2, 5, 11, 21, 22)] == [
        "1 задача", "2 задачи", "5 задач", "11 задач", "21 задача", "22 задачи",
    ]  # fmt: skip
    speak("pl")
    assert [said(n) for n in (1, 2, 5, 12, 21, 22)] == [
        "1 zadanie", "2 zadania", "5 zadań", "12 zadań", "21 zadań", "22 zadania",
    ]  # fmt: skip


def test_no_sentence_is_looked_up_before_the_language_is_chosen() -> None:
    """Nor is one put together before it is looked up: f-strings are in no catalogue."""
    wrong = []
    for file in sorted(SOURCE.rglob("*.py")):
        place = str(file.relative_to(SOURCE))
        for call, in_function in _calls(ast.parse(file.read_text(encoding="utf-8")), False):
            kind, first = name_of(call), call.args[0]
            if not in_function and kind != "N_":
                wrong.append(f"{place}:{call.lineno}: looked up while the module is imported")
            if not isinstance(first, ast.Constant) and place not in LOOKS_UP:
                wrong.append(f"{place}:{call.lineno}: not a sentence but an expression")
    assert not wrong, "\n".join(wrong)


def _calls(node: ast.AST, in_function: bool) -> Iterator[tuple[ast.Call, bool]]:
    """Every call that names a sentence, and whether it waits for its function to be called."""
    if isinstance(node, ast.Call) and name_of(node) in FUNCTIONS and node.args:
        yield node, in_function
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        # Decorators and defaults are evaluated when it is defined.
        defined = [*getattr(node, "decorator_list", []), *node.args.defaults]
        defined += [default for default in node.args.kw_defaults if default is not None]
        body = node.body if isinstance(node.body, list) else [node.body]
        for child in defined:
            yield from _calls(child, in_function)
        for child in body:
            yield from _calls(child, True)
        return
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, in_function)


def test_the_build_compiles_what_the_program_reads(tmp_path: Path) -> None:
    folder = tmp_path / "locale"
    shutil.copytree(LOCALE_DIR, folder, ignore=shutil.ignore_patterns("*.mo", "*.py"))
    written = compile_catalogues(folder)
    assert [path.parts[-3] for path in written] == sorted(OTHERS)
    assert compile_catalogues(folder, stale_only=True) == []
    assert gettext.translation("pfinbox", folder, ["ru"]).gettext("Reply") == "Ответ"
    # The one that is read here was compiled before the tests.
    for path in written:
        assert path.read_bytes() == (LOCALE_DIR / path.relative_to(folder)).read_bytes()


async def test_nothing_is_stored_in_the_reader_s_language(
    tmp_path: Path, speak: Callable[[str], None]
) -> None:
    """What agents see differs, what is stored does not: others read it in their language."""
    speak("ru")
    inbox = await morning(f"sqlite+aiosqlite:///{tmp_path / 'inbox.sqlite'}")
    await inbox.store.close()
    with sqlite3.connect(tmp_path / "inbox.sqlite") as database:
        dump = "\n".join(database.iterdump())
    sentences = [text for message in read("ru") if message.id for text in forms(message)]
    pieces = {max(re.split(r"{[^}]*}", text), key=len).strip() for text in sentences}
    assert not [piece for piece in pieces if len(piece) > 9 and piece in dump]
