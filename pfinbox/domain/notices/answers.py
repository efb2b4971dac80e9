"""Agents' answers by e-mail (R22): what an answer address proves, and where the answer may go.

Whatever is missing, the answer stays inside: no client ever reads a mail that was not proven to be
the agent's answer to exactly this notice.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Agent, Who
from pfinbox.record import record

# An answer comes within days; whoever finds an old notice uses the inbox.
VALID_FOR = timedelta(days=14)

# Refusals after which the agent may answer again, by a fresh address.
_AGAIN = ("client_wrote", "answer_expired")

_TOKEN = re.compile(r"n([0-9a-z]{1,8})-([0-9a-z]{1,8})-([0-9a-z]{1,8})-([0-9a-z]{1,8})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Mail programs fold and quote it; no language, no letter with a case to change.
MARK = "##-"
_MARKED = re.compile(r"##-.{1,400}?-##", re.DOTALL)
# Shorter lines ("OK", "Thanks!") prove nothing about who wrote them first.
_TELLING = 12


@record
class NoticeToken:
    """Names one agent's notice of one comment; a channel signs it, so that nobody can make one.

    ``task_id`` is the comment's own task, so that it follows every merge and unmerge.
    """

    agent_id: int
    task_id: int
    comment_id: int
    # To the minute.
    expires_at: datetime

    def spelled(self) -> str:
        """For an address: ``n7-3k-1b2-k1x9q``; at most 36 characters of [a-z0-9-]."""
        minutes = int(self.expires_at.timestamp()) // 60
        numbers = (self.agent_id, self.task_id, self.comment_id, minutes)
        return "n" + "-".join(_base36(number) for number in numbers)

    @property
    def issued_at(self) -> datetime:
        return self.expires_at - VALID_FOR


def new_token(agent_id: int, task_id: int, comment_id: int, now: datetime) -> NoticeToken:
    return NoticeToken(agent_id, task_id, comment_id, now + VALID_FOR)


def read_token(tokens: Iterable[str]) -> NoticeToken | None:
    """The first notice among the proven tokens of a mail; others name chats."""
    for token in tokens:
        match = _TOKEN.fullmatch(token)
        if match is None:
            continue
        agent_id, task_id, comment_id, minutes = (int(part, 36) for part in match.groups())
        try:
            expires_at = datetime.fromtimestamp(minutes * 60, UTC)
        except (OverflowError, ValueError, OSError):
            continue
        return NoticeToken(agent_id, task_id, comment_id, expires_at)
    return None


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def objection(
    token: NoticeToken,
    agent: Agent,
    *,
    sender: str,
    verified: bool | None,
    now: datetime,
    revoked_at: datetime | None,
    comment_task_id: int,
) -> Reason | None:
    """Why a mail is not believed to be ``agent``'s answer; None when everything is proven.

    ``verified``: what the server that the account trusts says of the sender, None where it says
    nothing. ``comment_task_id``: where the answered comment is now.
    """
    if not agent.active or (revoked_at is not None and token.issued_at < revoked_at):
        return Reason("answer_revoked")
    if now >= token.expires_at:
        return Reason("answer_expired", {"days": VALID_FOR.days})
    if comment_task_id != token.task_id:
        return Reason("answer_moved")
    if not agent.email or sender.lower() != agent.email.lower():
        return Reason("answer_from_another", {"address": sender})
    if verified is None:
        return Reason("answer_unprovable")
    return None if verified else Reason("answer_unproven")


def recipients(
    notified: Sequence[Who], author: Who | None, agent_id: int, *, contacts: bool = True
) -> tuple[Who, ...]:
    """Who gets an answer: everyone whom the notice's comment went to, and its author.

    ``contacts`` false: the account keeps them out of comments made by e-mail.
    """
    everyone = dict.fromkeys((*((author,) if author is not None else ()), *notified))
    me = Who("agent", agent_id)
    return tuple(who for who in everyone if who != me and (contacts or who.kind == "agent"))


def answer_text(text: str, new_text: str | None) -> str:
    """What the agent wrote, without what the notice said: above the mark, quotations gone."""
    kept = new_text if new_text is not None else text
    mark = _MARKED.search(kept)
    if mark is None:
        return kept.strip()
    # The mark, and the lines that a mail program put before the quotation ("On ..., X wrote:").
    above = kept[: mark.start()].rstrip("> \n")
    head, _blank, last = above.rpartition("\n\n")
    return (head if _introduces(last) else above).strip()


def _introduces(paragraph: str) -> bool:
    return paragraph.rstrip().endswith(":") or "@" in paragraph


def gives_away(answer: str, internal: Iterable[str]) -> bool:
    """Whether words of internal comments stand in an answer: a quotation that was not cut off."""
    said = {line for text in internal for line in _lines(text)}
    return any(line in said for line in _lines(answer)) or MARK in answer


def _lines(text: str) -> Iterable[str]:
    for line in text.splitlines():
        bare = " ".join(line.lstrip("> ").split()).casefold()
        if len(bare) >= _TELLING:
            yield bare


def may_answer_again(reason: Reason, agent: Agent) -> bool:
    """Whether a mail about a refused answer has an address for another one."""
    return reason.kind in _AGAIN and agent.active
