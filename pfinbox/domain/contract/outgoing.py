"""What a channel is to hand over, and what came of it."""

from dataclasses import field
from datetime import datetime
from email.utils import format_datetime

from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.template import FilledTemplate
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Forwarded:
    """A message that is passed on: the lines that mail programs put above it, and its words."""

    # "Maria <maria@client.example>"
    author: str
    at: datetime
    subject: str
    text: str

    def as_json(self) -> dict[str, str]:
        return {
            "author": self.author,
            "at": self.at.isoformat(),
            "subject": self.subject,
            "text": self.text,
        }

    @classmethod
    def from_json(cls, value: dict[str, str]) -> "Forwarded":
        at = datetime.fromisoformat(value["at"])
        return cls(value["author"], at, value["subject"], value["text"])

    def lines(self) -> list[str]:
        """Author, date (RFC 5322) and subject, one line each."""
        head = [
            _("From: {author}").format(author=self.author),
            _("Date: {date}").format(date=format_datetime(self.at)),
        ]
        return [*head, _("Subject: {subject}").format(subject=self.subject)]


@record(kw_only=True)
class Outgoing:
    """One part to hand over: one API call, or one mail.

    ``source_id`` is the Message-ID fixed before the first attempt (None where the other side gives
    the id). ``reply_token`` names the chat in a signed reply address; the channel spells it.
    """

    chat_key: str | None
    to: tuple[Party, ...]
    text: str
    created_at: datetime
    cc: tuple[Party, ...] = ()
    # Who of them gets this copy; None: everyone. The others have it, or get it another time.
    only: tuple[str, ...] | None = None
    source_id: str | None = None
    # The part's own, the same at every attempt: what an IDEMPOTENT channel knows a repeat by.
    nonce: str = ""
    subject: str | None = None
    files: tuple[File, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    # A messenger's own reply: the source id of the message quoted.
    quote_source_id: str | None = None
    # For channels that spell quotations in the text: the quoted words, who said them and when.
    quote_text: str | None = None
    quote_author: str = ""
    quoted_at: datetime | None = None
    # Messages passed on to somebody outside, below what the agent wrote (R45).
    forwarded: tuple[Forwarded, ...] = ()
    reply_token: str | None = None
    sender_name: str = ""
    # Names this recipient's own answer address (R22), before ``reply_token``. It stands in no id
    # that travels on with answers and forwarded mail.
    answer_token: str | None = None
    # An approved text (TEMPLATES), which ``text`` spells out.
    template: FilledTemplate | None = None
    # Written by a program (acknowledgements, notices): carries RFC 3834 headers.
    automatic: bool = False
    # What cannot be delivered must not come back (RFC 3834, 3.3: an empty envelope sender).
    no_bounce: bool = False


@record
class Sent:
    """The other side has it."""

    source_id: str
    # Further ids of the same part (an album), and the chat's key when it is another one by now.
    also: tuple[str, ...] = field(default=(), kw_only=True)
    chat_key: str | None = field(default=None, kw_only=True)
