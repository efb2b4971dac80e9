"""What an agent reads in a notice by e-mail (R22): the news first, then what was said before.

Every comment says whether the client sees it; the line above everything says who gets an answer.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.notices.answers import MARK
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.i18n import _
from pfinbox.record import record

LONGEST = 4000


@record
class Entry:
    """One comment as a notice shows it; ``to``: the contacts who got it, none for internal ones."""

    author: str
    incoming: bool
    at: datetime
    text: str
    to: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    verified: bool | None = None
    automatic: bool = False
    # By somebody to whom a part of the conversation was forwarded (R45).
    outside: bool = False

    @property
    def internal(self) -> bool:
        return not self.incoming and not self.to


def news(
    task_id: int,
    title: str,
    entries: Sequence[Entry],
    zone: tzinfo,
    *,
    goes_to: Sequence[str] | None,
    first: str = "",
) -> str:
    """The text of a notice; ``entries`` with the newest last.

    ``goes_to``: who gets an answer, None where this mail cannot be answered. ``first``: what the
    agent must know before the news.
    """
    newest, *before = reversed(entries)
    blocks = [_answering(task_id, goes_to), *([first] if first else []), _block(newest, zone)]
    if before:
        blocks.append(_("Before that:"))
        blocks += [_block(entry, zone) for entry in before]
    blocks.append(f"#{task_id} {clean_line(title)}")
    return "\n\n".join(blocks) + "\n"


def told(task_id: int, reason: Reason, answer: str | None) -> str:
    """Why an agent's answer by e-mail went to nobody; ``answer``: its words, if it was theirs."""
    blocks = [
        _("Your answer to #{id} was sent to nobody: {why}.").format(
            id=task_id, why=reason.sentence()
        ),
        _("It is kept in the task as an internal note."),
    ]
    if answer:
        blocks.append(_("You wrote:") + "\n" + _cut(answer))
    return "\n\n".join(blocks)


def _answering(task_id: int, goes_to: Sequence[str] | None) -> str:
    if goes_to is None:
        return _("This mail cannot be answered; open #{id} in pfinbox.").format(id=task_id)
    if not goes_to:
        words = _("Write your answer above this line; it goes into the task, to nobody by name.")
    else:
        words = _("Write your answer above this line; it goes to: {names}.").format(
            names=", ".join(clean_line(name, 100) for name in goes_to)
        )
    # The mark must end where it ends, whatever somebody is called.
    return f"{MARK} {words.replace('##', '')} -##"


def _block(entry: Entry, zone: tzinfo) -> str:
    words = [clean_line(entry.author, 100) or _("somebody"), _kind(entry)]
    if entry.automatic:
        words.append(_("written by a program"))
    if entry.verified is False:
        words.append(_("SENDER NOT VERIFIED"))
    words.append(f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M %Z}".strip())
    lines = [" · ".join(words)]
    if entry.text.strip():
        lines.append(_cut(entry.text))
    lines += [_("[file: {name}]").format(name=clean_line(name, 200)) for name in entry.files]
    return "\n".join(lines)


def _kind(entry: Entry) -> str:
    if entry.incoming:
        return _("somebody outside") if entry.outside else _("client")
    if entry.internal:
        return _("internal")
    return _("to {names}").format(names=clean_line(", ".join(entry.to), 300))


def _cut(text: str) -> str:
    return clean(text.strip("\n"), LONGEST)
