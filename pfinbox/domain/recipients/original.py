"""The comment that an answer answers: who has it, and what is quoted of it (R19, R45).

Words that a recipient has not seen (a note among colleagues, another contact's message in a merged
task) go out only when the agent confirms it.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Account, Contact
from pfinbox.domain.recipients.correspondents import OurSide
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record

# With words that a recipient has not seen: refuse, send them, or answer without quoting them.
Unseen = Literal["refuse", "send", "omit"]


class QuoteUnseen(Refused):
    """A recipient has not seen the quoted words; the agent must confirm them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            _("{names} would see words that were not said to them: the ones quoted").format(
                names=", ".join(names)
            )
        )
        self.names = tuple(names)


@record
class Original:
    """A comment of the same task as its answer; contacts by their root."""

    id: int
    incoming: bool
    # What is quoted of it: of a mail what is new in it.
    words: str
    # The contact who wrote it, and by which account.
    author_id: int | None = None
    account_id: int | None = None
    # The subject of its mail.
    subject: str | None = None
    # It stands in a side conversation.
    outside: bool = False
    # To and Cc of the client's mail, and where its author asked to be answered.
    recipients: tuple[Party, ...] = ()
    answer_to: str | None = None
    # The contacts whom our comment has reached.
    reached: frozenset[int] = frozenset()
    # The chats in which the other side knows it.
    chats: frozenset[int] = frozenset()


def others_on(original: Original, side: OurSide) -> list[Party]:
    """Everyone else on the client's mail, without ourselves and agents."""
    # The author's Reply-To is the author, not somebody else.
    return side.others(one for one in original.recipients if one.value != original.answer_to)


def unseen_by(
    original: Original, contacts: Iterable[Contact], newcomers: Iterable[Party] = ()
) -> list[str]:
    """The names of those who have neither written nor got the comment.

    ``newcomers``: people without a card, who may have got the client's mail as well.
    """
    listed = {one.value.lower() for one in original.recipients}
    return [
        *(one.name for one in contacts if not _has(original, one, listed)),
        *(one.name or one.value for one in newcomers if one.value.lower() not in listed),
    ]


def _has(original: Original, contact: Contact, listed: set[str]) -> bool:
    if not original.incoming:
        return contact.id in original.reached
    if contact.id == original.author_id:
        return True
    # Cc of a side conversation counts for nothing: pfinbox passes nothing on by itself.
    return not original.outside and any(
        one.scope == 0 and one.value.lower() in listed for one in contact.addresses
    )


def quoted_above(original: Original, account: Account, chat_id: int) -> str:
    """What a messenger's message begins with where no reply of the channel can quote.

    A reply needs the quoted message in the same chat; a mail has its quotation below the text.
    """
    if not account.can(Capability.REPLY_QUOTE) or chat_id in original.chats:
        return ""
    return "".join(f"> {line}".rstrip() + "\n" for line in original.words.strip("\n").split("\n"))
