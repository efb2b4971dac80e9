"""What an empty list says: why nothing is in it, and what can be done next."""

import textwrap
from collections.abc import Callable, Sequence

from pfinbox.domain.contract.reason import Reason
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import AccountRow
from pfinbox.tui.inbox.views import LIVING, SEARCH, view_name
from pfinbox.wording.names import whole

# How the agent writes a command's key.
Key = Callable[[str], str]
# In these views clients may wait whose message has not come in.
_OF_WHAT_COMES_IN = ("to_answer", "inbox", "unassigned", "account:")
# States of an account that the other side does not answer, or has not answered yet.
_NOT_REACHED = ("new", "connecting", "retrying", "failed", "unserved")


def empty_words(
    view: str, query: str, health: "queries.Health | None", key: Key, *, starting: bool = False
) -> tuple[str, ...]:
    """The reason, then the next step. Nothing is known of the accounts before ``health`` is read,
    and nothing is said then. ``starting``: the daemon is on its way.
    """
    if query or view.startswith(SEARCH):
        return _nothing_found(view, query)
    if view.startswith(_OF_WHAT_COMES_IN):
        if health is None:
            return ()
        if starting and health.daemon is None:
            return (_("The daemon is starting; what has come is here in a moment."),)
        if missing := _may_be_missing(view, health, key):
            return missing
    reason, step = _usual(view, key)
    return (reason, step) if step else (reason,)


def _nothing_found(view: str, query: str) -> tuple[str, ...]:
    if view == LIVING:
        step = _("in:trash and in:spam look there, too.")
        return _("Nothing found in all tasks."), step
    if not query:
        return (_("Nothing found."),)
    reason = _("Nothing found in {view}.").format(view=view_name(view))
    return reason, _("^o in the search field looks in all tasks.")


def _may_be_missing(view: str, health: "queries.Health", key: Key) -> tuple[str, ...]:
    """Why the view may be empty though clients have written."""
    if health.full is not None:
        return whole(health.full.sentence()), _("Until there is room, nothing can come in.")
    of = view.removeprefix("account:") if view.startswith("account:") else None
    accounts = [row for row in health.accounts if of in (None, row.name)]
    if health.daemon is None:
        reason = _("No daemon is running, so nothing comes in.")
        return reason, _("pfinbox daemon starts one.")
    if not health.accounts:
        reason = _("No account is connected, so nothing can come in.")
        return reason, _("pfinbox init adds one, pfinbox doctor tries it.")
    if away := [row for row in accounts if row.state in _NOT_REACHED]:
        reason = _("{names}: not reached, so messages of clients may be missing here.")
        step = _("{key} shows what each account says.").format(key=key("accounts"))
        return reason.format(names=_names(away)), *_details(away), step
    if reading := [row for row in accounts if is_catching_up(row.detail)]:
        reason = _("{names}: still being read, so messages of clients may be missing here.")
        return reason.format(names=_names(reading)), *_details(reading)
    return ()


def is_catching_up(detail: Reason | None) -> bool:
    return detail is not None and detail.kind == "catching_up"


def _names(rows: Sequence[AccountRow]) -> str:
    return ", ".join(row.name for row in rows)


def _details(rows: Sequence[AccountRow]) -> tuple[str, ...]:
    """What is known about the first of them that says something."""
    told = [whole(row.detail.sentence()) for row in rows if row.detail is not None]
    return tuple(told[:1])


def _usual(view: str, key: Key) -> tuple[str, str]:
    if view.startswith("tag:"):
        tag = view.removeprefix("tag:")
        step = _("{key} tags a task; {search} tag:{tag} finds closed ones, too.")
        step = step.format(key=key("tags"), search=key("search"), tag=tag)
        return _("No open task has this tag."), step
    if view.startswith("account:"):
        step = _("{key} shows how each account does.").format(key=key("accounts"))
        return _("No task of this account is open."), step
    goes = _("{key} shows all that is open.").format(key=key("view_inbox"))
    return {
        "to_answer": (_("Every client has an answer."), goes),
        "inbox": (
            _("No task is open."),
            _("{key} writes to a client first.").format(key=key("new")),
        ),
        "mine": (
            _("Nothing is assigned to you."),
            _("{key} shows what nobody has, {mine} takes it.").format(
                key=key("view_unassigned"), mine=key("mine")
            ),
        ),
        "unassigned": (_("Every open task has somebody."), goes),
        "waiting": (
            _("No answer of a client is awaited."),
            _("What we answered comes here until the client writes."),
        ),
        "snoozed": (
            _("Nothing is hidden until later."),
            _("{key} hides a task, until then or until the client writes.").format(
                key=key("snooze")
            ),
        ),
        "scheduled": (
            _("Nothing goes out later."),
            _("{key} while writing chooses when.").format(key=key("send_later")),
        ),
        "done": (_("No task is closed."), _("{key} closes one.").format(key=key("close"))),
        "spam": (
            _("No spam."),
            _("{key} puts a task here and blocks its sender.").format(key=key("spam")),
        ),
        "trash": (
            _("The trash is empty."),
            _("{key} throws a task away.").format(key=key("trash")),
        ),
    }.get(view, (_("Nothing here."), ""))


def wrapped(words: Sequence[str], width: int) -> list[tuple[str, bool]]:
    """Lines of at most ``width`` cells, with an empty one between sentences; whether a line
    belongs to the first of them, the reason.
    """
    lines: list[tuple[str, bool]] = []
    for n, sentence in enumerate(words):
        lines += [("", False)] if n else []
        lines += [(line, n == 0) for line in textwrap.wrap(sentence, max(width, 20))]
    return lines
