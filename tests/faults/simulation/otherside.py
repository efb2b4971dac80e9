"""The other side of an account: what clients wrote, what was confirmed, what has arrived there.

It is the ground truth that the promise is held against. It never fails by itself: what is between
it and the program is the network.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.incoming import Deletion, Edit, Incoming, IncomingEvent, Message
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party


@dataclass(slots=True)
class Given:
    """A client's message. ``texts``: as it was written, then as it was changed."""

    account: str
    # The messenger's chat, or the address that a mail came from.
    chat: str
    source_id: str
    texts: list[str]
    key: str
    at: float
    deleted: bool = False


@dataclass(slots=True)
class Taken:
    """A part that arrived at the people of ``addresses``.

    ``position``: how many changes of deliveries' states had been committed by then.
    """

    account: str
    process: str
    nonce: str
    chat_key: str | None
    addresses: tuple[str, ...]
    text: str
    source_id: str
    at: float
    position: int


class Witness(Protocol):
    """Who looks at what happens at the other side, in the moment in which it happens."""

    def position(self) -> int: ...

    def leaves(self, nonce: str) -> None: ...

    def confirmed(self, account: str, keys: list[str]) -> None: ...


@dataclass
class OtherSide:
    """One account's servers. ``mail``: a mailbox with a cursor; else a messenger's queue."""

    account: str
    witness: Witness
    mail: bool = False
    # A repeat with the same nonce is recognised.
    idempotent: bool = False
    given: list[Given] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    # What clients see of ours, by source id; None: taken away.
    copies: dict[str, str | None] = field(default_factory=dict)
    # Everything that came, in its order; a messenger forgets what was confirmed.
    arrived: list[Incoming] = field(default_factory=list)
    confirmed: int = 0
    # Raised by every new numbering of the mailbox.
    validity: int = 1
    news: list[asyncio.Event] = field(default_factory=list)

    # --- what clients do ----------------------------------------------------------------------

    def write(
        self, chat: str, text: str, now: datetime, at: float, answers: str | None = None
    ) -> Given:
        n = len(self.given) + 1
        if self.mail:
            source_id, sender = f"<{n}@{chat}>", Party(chat, chat.partition("@")[0])
        else:
            source_id, sender = f"{chat}:{n}", Party(chat, f"Client {chat}", f"client{chat}")
        message = Message(
            source_id=source_id,
            chat_key=None if self.mail else chat,
            sender=sender,
            sent_at=now,
            text=text,
            title=f"About {text}" if self.mail else None,
            references=(answers,) if answers else (),
        )
        key = self._arrive(text, message)
        given = Given(self.account, chat, source_id, [text], key, at)
        self.given.append(given)
        return given

    def change(self, given: Given, text: str, now: datetime) -> None:
        given.texts.append(text)
        edit = Edit(source_id=given.source_id, chat_key=given.chat, text=text, edited_at=now)
        self._arrive(f"edit {text}", edit)

    def delete(self, given: Given, now: datetime) -> None:
        given.deleted = True
        deletion = Deletion(source_ids=(given.source_id,), chat_key=given.chat, deleted_at=now)
        self._arrive(f"delete {given.source_id}", deletion)

    def renumber(self) -> None:
        """The mailbox is numbered anew: every mail has another key."""
        self.validity += 1

    def _arrive(self, raw: str, event: IncomingEvent) -> str:
        n = len(self.arrived) + 1
        key = f"INBOX:1:{n}" if self.mail else f"u{n}"
        self.arrived.append(Incoming(key=key, raw=f"{n} {raw}".encode(), event=event))
        for event_of_poll in self.news:
            event_of_poll.set()
        return key

    # --- what the program asks ----------------------------------------------------------------

    def confirm(self, up_to: int) -> None:
        """A messenger's client says that it has these updates; they are not given again."""
        if up_to > self.confirmed:
            keys = [one.key for one in self.arrived[self.confirmed : up_to]]
            self.witness.confirmed(self.account, keys)
            self.confirmed = up_to

    def numbered(self, n: int) -> Incoming:
        """What came ``n``-th, under its key in the mailbox's numbering of now."""
        incoming = self.arrived[n - 1]
        if not self.mail or self.validity == 1:
            return incoming
        return replace(incoming, key=f"INBOX:{self.validity}:{n}", match_bytes=True)

    def take(self, process: str, part: Outgoing, left_out: frozenset[str], at: float) -> Taken:
        """A part arrives. Of an idempotent channel a repeat is the same message."""
        if self.idempotent:
            known = next((one for one in self.taken if one.nonce == part.nonce), None)
            if known is not None:
                return known
        only = set(part.only) if part.only is not None else None
        people = tuple(
            one.value
            for one in (*part.to, *part.cc)
            if one.value not in left_out and (only is None or one.value in only)
        )
        n = len(self.taken) + 1
        source_id = part.source_id or f"{part.chat_key}:ours{n}"
        taken = Taken(
            self.account,
            process,
            part.nonce,
            part.chat_key,
            people,
            part.text,
            source_id,
            at,
            self.witness.position(),
        )
        self.taken.append(taken)
        self.copies[source_id] = part.text
        return taken

    def amend(self, change: Amendment) -> bool:
        """A client's copy changes; False: there is none."""
        if self.copies.get(change.source_id) is None:
            return False
        deleted = change.kind is AmendmentKind.DELETE
        self.copies[change.source_id] = None if deleted else change.text
        return True

    def keep_copy(self, taken: Taken, part: Outgoing, now: datetime) -> None:
        """The mailbox's own copy of what was sent comes in like any mail."""
        message = Message(
            source_id=taken.source_id,
            chat_key=None,
            sender=Party(f"{self.account}@ours.example"),
            sent_at=now,
            text=part.text,
            title=part.subject,
            to=part.to,
            in_sent=True,
        )
        self._arrive(f"copy of {taken.source_id} {len(self.taken)}", message)
