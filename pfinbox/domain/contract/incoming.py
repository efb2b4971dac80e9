"""What a channel received: a message, or another event, and the bytes that it was read from."""

from datetime import datetime
from enum import StrEnum

from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.packing import Packed
from pfinbox.record import record


class Sort(StrEnum):
    """What kind of sender a message has; decided by the channel before any matching."""

    HUMAN = "human"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    OWN_LOOP = "own_loop"


@record(kw_only=True)
class Original:
    """A mail that the sender of another one forwards: all of it is only that sender's claim."""

    sender: Party
    text: str
    new_text: str | None = None
    title: str | None = None
    claimed_at: datetime | None = None
    # The date as the forward writes it, which may name no zone.
    dated: str = ""
    files: tuple[File, ...] = ()
    # The forwarder's own words.
    note: str = ""


@record(kw_only=True)
class ByPage:
    """Where a contact wrote on their own page (R36): in a conversation, or None for a new one.

    ``chat_id``: the contact's chat in it, None where the contact has none there.
    """

    task_id: int | None
    chat_id: int | None


@record(kw_only=True)
class Message:
    """A message as its sender wrote it."""

    # Identifies the message at the other side: Message-ID (may be empty), ``chat:message``.
    source_id: str
    # Further ids of the same message: the other pictures of an album.
    also: tuple[str, ...] = ()
    # The messenger dialogue; None where a chat is found by matching (e-mail).
    chat_key: str | None
    sender: Party
    # The server's time (INTERNALDATE, the messenger's date).
    sent_at: datetime
    text: str
    # The part of ``text`` that is new, when the channel could tell it from quotes and signatures.
    new_text: str | None = None
    # The words of ``text`` as the search index has them, where the channel had the time for it.
    words: str | None = None
    title: str | None = None
    # What the chat is about at the other side, in one line: an advertisement, a page.
    topic: str | None = None
    # The sender's own claim of the time (Date header), only shown.
    claimed_at: datetime | None = None
    # Where an answer goes when the sender asked for another address (Reply-To).
    answer_to: Party | None = None
    to: tuple[Party, ...] = ()
    cc: tuple[Party, ...] = ()
    files: tuple[File, ...] = ()
    # What is proven by a signed reply address of ours, e.g. which chat.
    tokens: tuple[str, ...] = ()
    # Ids that it answers, most specific first (In-Reply-To, then References from last to first).
    references: tuple[str, ...] = ()
    # What is proven by a signed Message-ID of ours among them: known even if the row is gone.
    id_tokens: tuple[str, ...] = ()
    # The bare subject of an answer ("Re: …") that names no other message, where the account
    # matches by subject and sender.
    answered_subject: str | None = None
    # Task number in the subject, as ``128``.
    task_number: int | None = None
    # Part of the quoted message that the client marked.
    quote_text: str | None = None
    # The words of the message that it answers, for one that is not here.
    answered_text: str | None = None
    sort: Sort = Sort.HUMAN
    # For a bounce: the Message-IDs of ours that it is about, and why.
    bounced: tuple[str, ...] = ()
    bounce_reason: Reason | None = None
    # The sender was proven by a server that the account trusts; None where the channel cannot tell.
    verified: bool | None = None
    # Its sender wants no answer from a program (X-Auto-Response-Suppress, a null Return-Path).
    no_auto_reply: bool = False
    # The server or its folder calls it spam.
    spam: bool = False
    # Written by our side outside pfinbox (R43).
    sent_elsewhere: bool = False
    # It lies where our side's mail lies; whose it is, its sender says.
    in_sent: bool = False
    # Written on our own page; no channel hands over such a message.
    by_page: ByPage | None = None
    # The mail that it forwards, as far as that can be told.
    original: Original | None = None
    # What the agent must know: files left out, text shortened.
    warnings: tuple[Reason, ...] = ()


@record(kw_only=True)
class Edit:
    """The client changed a message; the earlier text is kept (R11).

    ``files`` are all that it has now; ``warnings`` name those that could not be had.
    """

    source_id: str
    chat_key: str | None
    text: str
    edited_at: datetime
    files: tuple[File, ...] = ()
    warnings: tuple[Reason, ...] = ()


@record(kw_only=True)
class Deletion:
    """The client deleted messages; they are marked, not lost (R11)."""

    source_ids: tuple[str, ...]
    chat_key: str | None
    deleted_at: datetime


@record(kw_only=True)
class ChatStarted:
    """A client opened a chat without writing: a card and a chat, no task (R42)."""

    chat_key: str
    sender: Party
    at: datetime
    # What followed the start command, e.g. an invitation token (R30).
    payload: str = ""
    # What the account has said there at once; the first task of the chat shows it.
    greeting: str = ""


@record(kw_only=True)
class ChatState:
    """The chat can or cannot be written to from now on (the client blocked or unblocked us).

    ``prefix``: so can or cannot all chats whose key begins with ``chat_key``. ``owner``: who gave
    that access; chats that an earlier access of theirs opened go on under this one.
    """

    chat_key: str
    writable: bool
    reason: Reason | None
    at: datetime
    prefix: bool = False
    owner: str | None = None


@record(kw_only=True)
class ChatKeyChanged:
    """The same dialogue goes on under another key (a group became a supergroup).

    ``sender``: its client is known by this address from now on, besides the earlier one.
    """

    chat_key: str
    new_key: str
    at: datetime
    sender: Party | None = None


@record(kw_only=True)
class Reaction:
    """Somebody put signs at a message, ours or theirs; ``signs`` are all that stand there now."""

    source_id: str
    sender: Party
    signs: tuple[str, ...]
    at: datetime


@record(kw_only=True)
class Introduction:
    """Somebody says in a chat what they are called, and where e-mail finds them.

    Nobody has proven it. ``instead_of``: what the channel called them before; a card that was
    given another name meanwhile keeps that.
    """

    chat_key: str
    name: str
    instead_of: str
    email: str
    at: datetime


class Fate(StrEnum):
    """What the other side tells of a message of ours, some time after it took it.

    SENT: it has it, which proves a hand-over whose answer was lost.
    """

    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    FAILED = "failed"


@record(kw_only=True)
class Report:
    """The other side tells what became of a message of ours (R24).

    ``source_id`` is that of our message, as it was sent or as the other side named it. ``nonce``:
    the part's own (``Outgoing.nonce``), where the other side gives it back. ``chat_key`` and
    ``until``: also all that was sent in the chat up to then.
    """

    source_id: str
    fate: Fate
    at: datetime
    # Why it failed.
    reason: Reason | None = None
    nonce: str = ""
    chat_key: str | None = None
    until: datetime | None = None


@record(kw_only=True)
class Unreadable:
    """It could not be read: kept whole and shown to a person (quarantine)."""

    reason: Reason
    sent_at: datetime
    # What little is known for the list.
    title: str = ""
    sender: Party | None = None
    # It only takes long: to be read again by itself, while others go on.
    again: bool = False


@record(kw_only=True)
class Ignored:
    """Nothing to show, only recorded (channel posts, our own loop)."""

    reason: Reason


IncomingEvent = (
    Message
    | Edit
    | Deletion
    | ChatStarted
    | ChatState
    | ChatKeyChanged
    | Introduction
    | Reaction
    | Report
    | Gap
    | Unreadable
    | Ignored
)


@record(kw_only=True)
class Incoming:
    """One thing received: its identity, its bytes and what was read from them.

    ``key`` is unique within the account: ``folder:uidvalidity:uid`` for e-mail, a hash of the
    update for Telegram. ``raw`` is kept unchanged for ever.
    """

    key: str
    raw: bytes
    event: IncomingEvent
    # More than one message came of these bytes only after a re-index: the same bytes, another key.
    match_bytes: bool = False
    # Older than the account's first contact: arrives done and read and triggers nothing.
    history: bool = False
    # ``raw`` as it is stored, where the channel had the time for it.
    packed: Packed | None = None
    # Read again after it came: what answers it may be here already.
    late: bool = False
