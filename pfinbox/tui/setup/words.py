"""The pages' words and choices."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from pfinbox.domain.contract.setup import Page as Asked
from pfinbox.domain.contract.setup import Question
from pfinbox.i18n import _
from pfinbox.tui.setup.form import Form
from pfinbox.tui.setup.gate import Line, SetupGate
from pfinbox.tui.setup.page import Pick
from pfinbox.tui.setup.preview import Preview
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item


def _item(words: str, value: Any, aside: str = "") -> Item:
    return Item(safe.line(words), value, Content.styled(aside, "$foreground-muted"))


def channel_items(gate: SetupGate) -> list[Item]:
    """One for every kind of account."""
    return [_item(setup.title, name, setup.about) for name, setup in gate.channels()]


def first_page(gate: SetupGate) -> Pick:
    """Where everything begins."""
    items = channel_items(gate)
    items.append(_item(_("Join my team's inbox"), "database", _("its PostgreSQL database")))
    items.append(_item(_("Look at the demo"), "demo", _("invented clients, nothing of yours")))
    if gate.used_before:
        items.append(_item(_("Open the inbox of this machine"), "inbox", _("without an account")))
    items.append(_item(_("Quit"), "quit"))
    words = (
        safe.line(_("There is no configuration yet: {path}").format(path=gate.path)),
        Content(_("Nothing is written before you have seen it. How shall it begin?")),
    )
    page = Pick(Content(_("Welcome to pfinbox")), words, items)
    page.escape = _("quit")
    return page


def ways_page(question: Question, way: str | None, note: str) -> Pick:
    """Where a secret is kept; the last way chosen first."""
    items = [
        _item(_("A command prints it"), "command", _("pass, gopass, secret-tool, op …")),
        _item(_("An environment variable holds it"), "env"),
        _item(_("A file of its own holds it"), "file"),
        _item(_("In the configuration file, as it is"), "inline", _("readable by you alone")),
    ]
    words = [Content(question.help)] if question.help else []
    if note:
        words.append(safe.block(note, "$text-warning"))
    title = _("Where is the {secret} kept?").format(secret=question.label)
    page = Pick(Content(title), words, items)
    page.on = way
    return page


def secret_question(question: Question, way: str) -> Question:
    """The question for a secret that is kept in this way."""
    labels = {
        "command": (_("command"), _("Its first line of output counts; try: pass show support")),
        "env": (_("variable"), _("Its name only. The daemon must have it, too.")),
        "file": (_("file"), _("Its path; a relative one starts at the configuration's folder.")),
        "inline": (question.label, _("What you type is not shown.")),
    }
    label, help_ = labels[way]
    check = question.check if way == "inline" else None
    return Question(question.name, label, "text", help=help_, check=check)


def database_question() -> Question:
    """Where the team's inbox is."""
    return Question(
        "url",
        _("database's address"),
        "secret",
        help=_("Your admin knows it; it looks like postgresql://user:password@host/pfinbox"),
    )


def look_ways(lines: Sequence[Line]) -> Sequence[Item]:
    if any(line.problem for line in lines):
        return [_item(_("Change the address"), "change")]
    return [_item(_("Go on"), "on"), _item(_("Change the address"), "change")]


# Where a person can mend what is wrong: a wrong password is no matter of the server's name.
_OF_THE_SECRET = ("auth_failed", "secret_unreadable")
# What a person should know does not keep the account from working; that the web door has no address
# yet, or that nothing was subscribed before the first start, no question here would mend.
_TO_BE_KNOWN = ("webhook_set", "group_privacy", "no_base_url", "not_subscribed")


def account_ways(lines: Sequence[Line], pages: Sequence[Asked], address: str | None) -> list[Item]:
    """What can be done after an account was tried; what helps most stands first."""
    changes = [_item(_("Change: {page}").format(page=one.title), n) for n, one in enumerate(pages)]
    wrong = [line for line in lines if line.problem is not None]
    if not wrong:
        test = _("Send a mail to {address} and see it arrive").format(address=address)
        on = [_item(test, "post")] if address else []
        return [*on, _item(_("Go on"), "on"), *changes]
    if all(line.kind in _TO_BE_KNOWN for line in wrong):
        return [_item(_("Go on"), "on"), _item(_("Try again"), "again"), *changes]
    secret = wrong[0].kind in _OF_THE_SECRET
    # The page to mend is the last one of its kind: the servers come after the address.
    order = [n for n, one in enumerate(pages) if (one.secret is not None) == secret]
    first = [changes[order[-1]]] if order else []
    others = [one for one in changes if one not in first]
    on_all_the_same = _item(_("Go on all the same"), "on", _("doctor will say it again"))
    return [*first, _item(_("Try again"), "again"), *others, on_all_the_same]


def post_ways(lines: Sequence[Line]) -> Sequence[Item]:
    if any(line.problem for line in lines):
        return [_item(_("Try again"), "post"), _item(_("Go on all the same"), "on")]
    return [_item(_("Go on"), "on")]


def person_page(given: Mapping[str, str], problem: str, *, staffed: bool) -> Form:
    """Who sits here; an inbox with agents knows their names."""
    help_ = _("How colleagues call you. The first agent of an inbox administers it.")
    if staffed:
        help_ = _("One of the agents who are in that inbox already; an admin adds others.")
    questions = [Question("login", _("login"), help=help_, check=_login)]
    if not staffed:
        words = _("What clients see as the sender's name.")
        questions.append(Question("name", _("name"), help=words))
    return Form(Content(_("Who are you?")), questions, given, problem=problem)


def _login(text: str) -> str | None:
    if len(text.strip()) <= 64 and text.isprintable() and len(text.split()) == 1:
        return None
    return _("A login is one word of at most 64 characters.")


def last_page(gate: SetupGate, login: str) -> Preview:
    """What will be written, and the last word."""
    items = [
        _item(_("Write it and open the inbox"), "write"),
        _item(_("One more account"), "more"),
    ]
    goes = _("This goes to {path}, readable by you alone.").format(path=gate.path)
    words = [safe.line(goes)]
    if gate.inbox_at is not None:
        words.append(safe.line(_("The inbox itself will be {path}.").format(path=gate.inbox_at)))
    return Preview(Content(_("Ready")), words, items, gate.preview(login))
