"""What a channel is: its capabilities, its limits, its settings, and how it receives and sends.

Rules and screens ask for a capability, never for a channel's name.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import field
from enum import IntFlag, StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Table
from pfinbox.domain.contract.setup import Setup, plain_setup
from pfinbox.domain.contract.webhook import Request, Requests, Verdict
from pfinbox.errors import PfinboxError
from pfinbox.record import record


class Capability(IntFlag):
    """What a channel can do; stored as a number on the account's row."""

    SUBJECT = 1
    THREADS = 2  # many conversations with one person; without it: one chat, one task (R4)
    ATTACHMENTS = 4
    HTML = 8
    REPLY_QUOTE = 16  # the channel's own reply to a message
    EDITS = 32  # a client's copy of what we sent can be changed (``domain.contract.amending``)
    DELETES = 64  # what a client got can be taken away
    WRITE_FIRST = 128  # an agent can start the conversation
    GLOBAL_ADDRESSES = 256  # an address means the same on every account (e-mail)
    MANY_RECIPIENTS = 512  # one message to several, To and Cc visible (R45)
    FIXED_SOURCE_ID = 1024  # we choose the id before sending, a resend carries the same one
    ANSWER_ADDRESSES = 8192  # a signed address of its own for every recipient (R22)
    INVITES = 2048  # a link that opens a chat with us and carries a token (R30)
    OWN_PAGES = 32768  # clients write on pages of the web door, which show what is sent
    IDEMPOTENT = 16384  # a repeat with the same ``Outgoing.nonce`` is recognised, not shown again
    TYPING = 4096  # the client may see that somebody is writing
    MARKS_READ = 131072  # the other side is told how far our side has read
    TEMPLATES = 65536  # approved texts may be sent when the reply window is closed
    PICTURES = 262144  # people have pictures there (``domain.contract.pictures``)


class TextUnit(StrEnum):
    """What the length of a text is counted in."""

    UTF16 = "utf16"
    CHARACTERS = "characters"
    BYTES = "bytes"  # of UTF-8


@record
class Limits:
    """What the other side takes; None means no limit known.

    ``max_text`` and ``max_caption`` count ``text_unit``, sizes are bytes.
    """

    max_text: int | None = None
    max_caption: int | None = None
    max_file: int | None = None
    max_message: int | None = None
    files_per_part: int | None = None
    # Seconds after sending in which the client's copy can be taken away.
    delete_within: int | None = None
    text_unit: str = TextUnit.UTF16
    # Seconds after the client's last message in which the chat can be written to.
    reply_window: int | None = None
    # Seconds after the client's last message in which writing costs nothing; later it is charged.
    free_window: int | None = None
    # The only types of files that are taken.
    media_types: Sequence[str] | None = None
    # Of pictures, where these have a limit of their own.
    max_picture: int | None = None
    # Of pictures and videos above a template the types that are taken, each with its largest size.
    above_template: Mapping[str, int] | None = None
    # Seconds after the first attempt in which a repeat is recognised (IDEMPOTENT).
    repeat_within: int | None = None
    # Seconds for which the other side keeps what was not received; None: until it is.
    kept_for: int | None = None
    # Seconds after which what was sent and not seen follows by e-mail, where there is an address.
    mail_after: int | None = None


@record
class Finding:
    """One thing that ``doctor`` found out about an account."""

    ok: bool
    subject: str
    reason: Reason | None = None
    # How long it took, where that says something about the other side.
    seconds: float | None = None


@record
class AccountContext:
    """What a channel gets to know about the account it serves.

    ``settings`` are the checked keys of its section. ``mac_key`` signs reply addresses and
    Message-IDs; it is made at the store's first start.
    """

    name: str
    settings: Mapping[str, Any]
    mac_key: bytes
    company: str = ""
    # The account's own state, e.g. when it was first connected; plain JSON values.
    facts: Mapping[str, Any] = field(default_factory=dict)
    # The keys of the account's receipts that begin with a text, where somebody can look: for
    # channels that compare what the other side has with what is here.
    stored_keys: Callable[[str], Awaitable[Collection[str]]] | None = None
    # Whether the account has a chat with this key, where somebody can look.
    has_chat: Callable[[str], Awaitable[bool]] | None = None
    # What the web door has kept for the account, for a channel with ``ChannelSpec.admit``.
    requests: Requests | None = None
    # Where a service is to push to, for a channel with ``ChannelSpec.admit``; None where the web
    # door has no address of its own.
    hook_url: str | None = None
    # Gives a stored file an address that expires, for a service that takes files by address;
    # None where the web door has no address of its own.
    publish: Callable[[File], str] | None = None
    # Where the account keeps secrets that outlive the process and are in no backup; None where
    # the account is only tried.
    folder: Path | None = None


class Transmitting(Protocol):
    """Awaited just before a part may have left; raises where it must not leave.

    ``turned_away``: recipients, by address, for whom the other side does not take it: a
    TemporaryFailure is to be tried again for this one alone. The part goes to the others.
    """

    async def __call__(self, turned_away: Mapping[str, "ChannelError"] | None = None, /) -> None:
        """Everything about the hand-over is written down when this returns."""
        ...


class Channel(Protocol):
    """One account's connection. Lives in the daemon; opened once, closed once."""

    def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Endless batches; asking for the next one confirms the last to the other side.

        Raises ChannelError; the caller backs off and calls again with the stored cursor.
        """
        ...

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        """Hand one part over; awaits ``transmitting()`` just before it may have left.

        Raises TemporaryFailure or PermanentFailure only where the other side has it for certain
        not; anything else after ``transmitting()`` is UnknownOutcome.
        """
        ...

    def mint(self, token: str, nonce: str) -> str | None:
        """The source id that a part will carry, or None where the other side gives it.

        The same arguments give the same id: a resend cannot be taken for another message.
        ``token`` is what a reply will prove (see ``Message.tokens``); ``nonce`` is the part's own.
        """
        ...

    def parse(self, key: str, raw: bytes) -> Incoming:
        """Read stored bytes again (``quarantine reprocess``)."""
        ...

    async def probe(self) -> list[Finding]:
        """Try the connection for ``doctor``; never raises for what it finds."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Abreast(Protocol):
    """A channel that says how many messages it hands over at a time."""

    abreast: int


@record
class ChannelSpec:
    """A channel's light description: importing it must import no network library.

    ``open`` imports what it needs and makes the connection object without connecting.
    ``describe`` gives the account's own address for people ("support@…", "@bot"), from settings.
    """

    name: str
    label: str
    sign: str  # one or two cells, for the list
    capabilities: Capability
    limits: Limits
    settings: Table
    open: Callable[[AccountContext], Channel]
    describe: Callable[[Mapping[str, Any]], str]
    # Capabilities and limits that the account's settings change.
    adapt: Callable[[Mapping[str, Any], Capability, Limits], tuple[Capability, Limits]] | None = (
        None
    )
    # For a service that pushes: whether a request is the service's own, and what it is answered.
    # Pure and quick, as it stands before every answer; secrets are compared in constant time.
    admit: Callable[[Mapping[str, Any], Request], Verdict] | None = None
    # Normalises an address as people type it; raises ValueError when it is none.
    normalise: Callable[[str], str] = str.strip
    # Every address of the account's own; None: ``describe`` gives the only one.
    addresses: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None
    # Starts what takes long beside the daemon's own start, by the settings as they stand in the
    # file; nothing is imported for it.
    begin: Callable[[Mapping[str, Any]], None] | None = None
    # What is asked for a new account; None: all that ``settings`` requires.
    ask: Callable[[], Setup] | None = None

    def setup(self) -> Setup:
        """How a new account is asked for, in the reader's language."""
        return self.ask() if self.ask else plain_setup(self.name, self.label, self.settings)


# Kinds of a reason that concern the account's server, and no message more than another.
_UNREACHABLE = frozenset({"connection_failed", "tls_failed", "smtp_not_spoken"})


class ChannelError(PfinboxError):
    """Something at the other side failed; ``reason`` is what is stored and shown."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.sentence())
        self.reason = reason


class TemporaryFailure(ChannelError):
    """Not now; ``retry_after`` seconds if the other side said so.

    ``refused``: recipients of the part, by address, for whom it is never.
    """

    def __init__(
        self,
        reason: Reason,
        retry_after: float | None = None,
        *,
        refused: Mapping[str, Reason] | None = None,
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.refused = dict(refused or {})

    @property
    def unreachable(self) -> bool:
        """Whether any other message would fail in the same way now."""
        return self.reason.kind in _UNREACHABLE


class PermanentFailure(ChannelError):
    """Not ever, for this message; ``chat_writable=False`` when the chat itself is closed to us."""

    def __init__(self, reason: Reason, *, chat_writable: bool = True) -> None:
        super().__init__(reason)
        self.chat_writable = chat_writable


class AccountFailure(ChannelError):
    """The account itself cannot work (password, token): a person must act; others go on."""


class UnknownOutcome(ChannelError):
    """It may have arrived; never repeated blindly (R24)."""
