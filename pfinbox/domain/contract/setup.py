"""What is asked for a new account, as data: the channel declares it, a screen shows it.

A channel without questions of its own is asked about by the keys that its settings require.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from typing import Any

from pfinbox.domain.contract.settings import Key, Table
from pfinbox.i18n import _
from pfinbox.record import record

# What was answered, by the question's name: text, or for a secret the text itself or where it
# comes from ({"env": …}, {"file": …}, {"command": …}).
Answers = Mapping[str, Any]


@record
class Question:
    """One field. ``kind``: text, secret, choice (then ``choices`` are values and their words)."""

    name: str
    label: str
    kind: str = "text"
    help: str = ""
    default: str = ""
    optional: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    # Gets the answer, returns what is wrong with it (a sentence) or None.
    check: Callable[[str], str | None] | None = None

    def problem(self, answer: str) -> str | None:
        """What is wrong with an answer to this question, None when nothing is."""
        if not answer.strip():
            return None if self.optional else _("This is needed.")
        return self.check(answer) if self.check is not None else None


@record
class Page:
    """Questions that are asked together; a secret is asked alone."""

    title: str
    questions: tuple[Question, ...]

    @property
    def secret(self) -> Question | None:
        """The one question of a page that asks for a secret."""
        return self.questions[0] if self.questions[0].kind == "secret" else None


@record
class Suggestion:
    """Likely answers to later questions, and what a person should know about them.

    ``secret_note`` is what there is to know about the secret.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    secret_note: str = ""


@record
class Setup:
    """How an account of a channel is asked for and what becomes of the answers.

    ``settings`` makes the keys of the account's section, ``account`` a likely name for it.
    ``suggest`` is asked after the first page; it may look around in the network.
    """

    title: str
    about: str
    pages: tuple[Page, ...]
    settings: Callable[[Answers], dict[str, Any]]
    account: Callable[[Answers], str]
    suggest: Callable[[Answers], Awaitable[Suggestion]] | None = None


def plain_setup(channel: str, label: str, settings: Table) -> Setup:
    """Questions about all that ``settings`` requires, for channels that declare none."""
    wanted = dict(_required(settings, ""))
    plain = tuple(_question(name, key) for name, key in wanted.items() if key.kind != "secret")
    pages = [Page(label, plain)] if plain else []
    for name, key in wanted.items():
        if key.kind == "secret":
            pages.append(Page(_last(name), (_question(name, key),)))
    return Setup(
        title=_("Make an account: {channel}").format(channel=label),
        about="",
        pages=tuple(pages),
        settings=lambda answers: _nested(answers, wanted),
        account=lambda answers: channel,
    )


def _required(table: Table, path: str) -> list[tuple[str, Key]]:
    found: list[tuple[str, Key]] = []
    for name, key in table.keys.items():
        dotted = f"{path}.{name}" if path else name
        if isinstance(key, Table):
            found += _required(key, dotted) if key.required else []
        elif key.required:
            found.append((dotted, key))
    return found


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _question(name: str, key: Key) -> Question:
    choices = tuple((str(one), str(one)) for one in key.choices)
    if key.kind == "bool":
        choices = (("false", _("no")), ("true", _("yes")))
    kind = "secret" if key.kind == "secret" else "choice" if choices else "text"

    def check(answer: str) -> str | None:
        try:
            value = _typed(answer, key)
        except ValueError:
            return _("This must be a whole number.")
        return key.check(value) if key.check is not None else None

    return Question(
        name,
        name.replace(".", " "),
        kind,
        help=key.doc,
        default=choices[0][0] if choices else "",
        choices=choices,
        check=check if kind == "text" else None,
    )


def _typed(answer: str, key: Key) -> Any:
    if key.kind == "int":
        return int(answer)
    if key.kind == "bool":
        return answer == "true"
    if key.kind == "list":
        return [one.strip() for one in answer.split(",") if one.strip()]
    return answer.strip()


def _nested(answers: Answers, wanted: Mapping[str, Key]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for dotted, key in wanted.items():
        table = made
        *path, name = dotted.split(".")
        for one in path:
            table = table.setdefault(one, {})
        answer = answers[dotted]
        table[name] = answer if key.kind == "secret" else _typed(answer, key)
    return made
