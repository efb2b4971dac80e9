"""A delivery plan as messages to be queued, and what each of their parts carries."""

from collections.abc import Mapping, Sequence
from typing import Any

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.outgoing import Forwarded
from pfinbox.domain.contract.parts import Piece, cut
from pfinbox.domain.model import Account, Task
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan, PlanRow
from pfinbox.domain.outbound.planning.templates import ByTemplate
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Message:
    """The rows of a plan that share one message; ``chat_id`` None: a mail that starts a thread."""

    account: Account
    chat_id: int | None
    rows: tuple[PlanRow, ...]

    @property
    def template(self) -> str | None:
        """The name of the approved text that it goes as."""
        return self.rows[0].template


@record(kw_only=True)
class Words:
    """What a comment's messages say."""

    text: str
    # Ids of the comment's files.
    files: Sequence[int] = ()
    # The comment that it answers, and whether its words go along.
    quote_id: int | None = None
    quotes: bool = False
    forwarded: Sequence[Forwarded] = ()
    # The subject of the mail that it answers, or the one that its author chose.
    subject: str | None = None
    # The approved text that these words are; ``text`` spells it out.
    template: ByTemplate | None = None


def messages(plan: DeliveryPlan) -> list[Message]:
    groups: dict[int, list[PlanRow]] = {}
    for row in plan.rows:
        if row.account is not None:
            groups.setdefault(row.group, []).append(row)
    found = []
    for rows in groups.values():
        account = rows[0].account
        chat_id = next((row.chat_id for row in rows if row.chat_id is not None), None)
        if account is not None:
            found.append(Message(account, chat_id, tuple(rows)))
    return found


def subject(task: Task, words: Words) -> str:
    """What a thread that begins with these words is called."""
    if words.forwarded and not words.subject:
        return clean_line(forwarded_subject(words.forwarded[0].subject or task.title))
    # An answer goes on under the subject of the mail that it answers.
    return clean_line(words.subject or task.title)


def forwarded_subject(of: str) -> str:
    """The subject under which a mail is passed on."""
    return f"Fwd: {of}"


def linkable(message: Message, words: Words) -> PlanRow | None:
    """The only recipient of a mail, who may find a link to the conversation in it.

    Whoever has a link reads the conversation: none stands in what several people get, or somebody
    outside.
    """
    alone = len(message.rows) == 1 and message.rows[0].recipient.kind == "contact"
    if alone and not words.forwarded and message.account.can(Capability.GLOBAL_ADDRESSES):
        return message.rows[0]
    return None


def contents(message: Message, words: Words, above: str, link: str = "") -> list[dict[str, Any]]:
    """What the parts of a message carry; ``above`` and ``link``: what stands around the text."""
    filled = words.template.filled if words.template and message.template else None
    if filled is not None:
        # The service puts it together: nothing is cut, and nothing stands around it.
        pieces, above, link = [Piece(words.text, tuple(range(len(words.files))))], "", ""
    else:
        pieces = cut(above + words.text, len(words.files), message.account.limits)
    return [
        {
            "text": piece.text,
            "files": [words.files[i] for i in piece.files],
            "to": [_addressed(row) for row in message.rows if not row.copy],
            "cc": [_addressed(row) for row in message.rows if row.copy],
            # Only the first part answers the quoted message.
            "quote": words.quote_id if number == 0 else None,
            "quotes": words.quotes,
            "above": above if number == 0 else "",
            "link": link if number == len(pieces) - 1 else "",
            "forwarded": [one.as_json() for one in words.forwarded] if number == 0 else [],
            "template": filled.as_json() if filled is not None else None,
        }
        for number, piece in enumerate(pieces)
    ]


@record
class PartContent:
    """A part and what it carries."""

    id: int
    chat_id: int | None
    state: str
    content: Mapping[str, Any]


def edited(parts: Sequence[PartContent], text: str) -> dict[int, dict[str, Any]]:
    """What the parts of a comment carry with another text, by their ids; Refused where cut."""
    if any(part.content.get("template") for part in parts):
        raise Refused(_("a template says what was approved; take it back instead"))
    spoken = [part for part in parts if part.content["text"]]
    if len(spoken) > len({part.chat_id for part in spoken}):
        raise Refused(_("a text sent in several parts cannot be edited; take it back instead"))
    return {part.id: {**part.content, "text": part.content["above"] + text} for part in spoken}


def _addressed(row: PlanRow) -> dict[str, Any]:
    # A card without a name is called by its address, which is no name to write into a mail.
    name = row.name if row.name != row.address else ""
    return {"value": row.address or "", "name": name, "contact": row.recipient.id}
