"""Brings the catalogues up to date with the source: ``python -m tests.catalogues``.

Sentences that are new in the source appear in every ``.po`` without a translation, those that are
no longer used disappear, and the compiled files are written anew. The rest is an editor's work.
"""

import ast
import re
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from pfinbox.i18n import LANGUAGES, LOCALE_DIR
from pfinbox.locale.compiling import compile_catalogues

FUNCTIONS = ("_", "N_", "ngettext", "pgettext")

# In the templates of pages: _("...") and ngettext("...", "...", n), in double quotes.
IN_TEMPLATE = re.compile(r'\b(?:_|ngettext)\(\s*"([^"]+)"(?:,\s*"([^"]+)")?')

_CHANGING = tuple(
    f'"{name}:'
    for name in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)

# Click looks its own sentences up, too (i18n.lend_to_libraries): those that our users can see.
CLICK = (
    "Usage:",
    "Options",
    "Commands",
    "Show this message and exit.",
    "env var: {var}",
    "default: {default}",
    "required",
    "Error: {message}",
    "Try '{command} {option}' for help.",
    "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}",
    "Missing command.",
    "Missing argument",
    "Missing option",
    "Missing parameter",
    "Choose from:\n\t{choices}",
    "No such option {name!r}.",
    "No such command {name!r}.",
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    "Option {name!r} does not take a value.",
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.",
    "{name} {filename!r} does not exist.",
    "{name} {filename!r} is a file.",
    "{name} {filename!r} is a directory.",
    "{name} {filename!r} is not readable.",
    "{name} {filename!r} is not writable.",
    "Could not open file {filename!r}: {message}",
    "unknown error",
    "file",
    "directory",
    "path",
)


def template() -> Catalog:
    """Every sentence of the source, with the files that it stands in, and those of click."""
    catalog = Catalog(fuzzy=False)
    for file in sorted(LOCALE_DIR.parent.rglob("*.py")):
        where = [(str(file.relative_to(LOCALE_DIR.parents[1])), 0)]
        for call in calls(file):
            words = [str(a.value) for a in call.args if isinstance(a, ast.Constant)]
            if name_of(call) == "pgettext":
                catalog.add(words[1], None, where, context=words[0])
            else:
                catalog.add(words[0] if len(words) == 1 else (words[0], words[1]), None, where)
    for file in sorted(LOCALE_DIR.parent.rglob("*.html")):
        where = [(str(file.relative_to(LOCALE_DIR.parents[1])), 0)]
        for one, many in IN_TEMPLATE.findall(file.read_text(encoding="utf-8")):
            catalog.add((one, many) if many else one, None, where)
    for sentence in CLICK:
        catalog.add(sentence, None, [("click", 0)])
    return catalog


def calls(file: Path) -> list[ast.Call]:
    """The calls that name a sentence, in order; also inside f-strings, which xgettext misses."""
    found = [
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and name_of(node) in FUNCTIONS and node.args
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    ]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def path(language: str) -> Path:
    return LOCALE_DIR / language / "LC_MESSAGES" / "pfinbox.po"


def read(language: str) -> Catalog:
    with path(language).open("rb") as opened:
        return read_po(opened, locale=language, domain="pfinbox", abort_invalid=True)


def update(language: str, template: Catalog) -> int:
    """Bring one catalogue up to date; the number of sentences that wait for a translation."""
    catalog = read(language)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    write(language, catalog)
    return sum(not all(forms(message)) for message in catalog if message.id)


def write(language: str, catalog: Catalog) -> None:
    """Without dates and line numbers, which would change with every edit of the source."""
    content = BytesIO()
    write_po(content, catalog, width=100, sort_by_file=True, include_lineno=False)
    lines = content.getvalue().decode().rstrip().splitlines()
    kept = (line for line in lines if not line.startswith(_CHANGING))
    path(language).write_text("\n".join(kept) + "\n", encoding="utf-8")


def forms(message: Message) -> tuple[str, ...]:
    """The translations of one sentence: one, or one for each plural form."""
    string = message.string
    return (string,) if isinstance(string, str) else tuple(string or ("",))


def main() -> None:
    fresh = template()
    for language in LANGUAGES:
        if language != "en":
            missing = update(language, fresh)
            print(f"{path(language)}: {missing} sentences without a translation")  # noqa: T201
    compile_catalogues(LOCALE_DIR)


if __name__ == "__main__":
    main()
