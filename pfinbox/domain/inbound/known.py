"""What the store holds of the people, chats, tasks and comments that a batch concerns.

A negative id is a local one: the batch made the row, and the store gives it its id in the end.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from pfinbox.domain.model import Task, Who
from pfinbox.domain.people.cards import Sender
from pfinbox.record import record

_LOCAL_AFTER_STORED = 1 << 62


def order(row_id: int) -> int:
    """Sorts local ids after those of the store, in the order in which they were given."""
    return row_id if row_id > 0 else _LOCAL_AFTER_STORED - row_id


@record
class NamedComment:
    """A comment that has a source id: it came under it, went out in parts, or has it beside."""

    id: int
    how: Literal["came", "went", "beside"]
    chat_id: int | None = None
    # The author's card, merged ones resolved; None where no contact wrote it.
    contact_id: int | None = None
    digest: str | None = None
    # The comment went out, and nobody knows whether it arrived.
    in_doubt: bool = False


@dataclass(slots=True)
class Named:
    """What the source ids mean that the messages of a batch name."""

    # The chat that an id leads to; the first chat keeps an id.
    chats: dict[str, int] = field(default_factory=dict)
    comments: dict[str, list[NamedComment]] = field(default_factory=dict)

    def of(self, source_id: str) -> list[NamedComment]:
        return self.comments.get(source_id, [])

    def add(self, source_id: str, comment: NamedComment) -> None:
        self.comments.setdefault(source_id, []).append(comment)

    def lead(self, source_ids: Iterable[str], chat_id: int) -> None:
        """These ids lead to the chat from now on, as far as they led nowhere."""
        for source_id in source_ids:
            self.chats.setdefault(source_id, chat_id)

    def adopt(self, comment_ids: Collection[int], chat_id: int) -> None:
        """These comments have a chat from now on."""
        for name, comments in self.comments.items():
            self.comments[name] = [
                replace(one, chat_id=chat_id) if one.id in comment_ids else one for one in comments
            ]

    def in_doubt(self, source_ids: Iterable[str]) -> bool:
        """Whether one of these ids is that of a part whose fate is not known."""
        return any(one.in_doubt for name in source_ids for one in self.of(name))

    def sent_under(self, source_ids: Iterable[str]) -> int | None:
        """The comment that we sent under one of these ids."""
        ours = (one.id for name in source_ids for one in self.of(name) if one.how == "went")
        return min(ours, default=None)

    def repeat_of(self, source_id: str, digest: str | None) -> int | None:
        """The comment that shows the very message with this id and this digest (R12)."""
        same = (one.id for one in self.of(source_id) if one.how == "came" and one.digest == digest)
        return min(same, key=order, default=None)


@record
class KnownChat:
    """A chat of the account that a message of the batch may belong to."""

    id: int
    key: str
    # The card, and its root.
    card_id: int
    contact_id: int
    address_id: int | None
    # What the address is, and whether it is blocked.
    address: str = ""
    address_blocked: bool = False
    answer_to: str | None = None
    left_address: str | None = None
    subject: str | None = None
    blocked: bool = False
    outside: bool = False
    # What the account said to whoever opened it, until a task shows that.
    greeting: str | None = None
    last_incoming_at: datetime | None = None

    @property
    def client(self) -> Sender:
        """The chat's contact, as a sender."""
        return Sender(
            self.contact_id,
            self.card_id,
            self.address_id,
            self.address_blocked,
            known=True,
            value=self.address,
        )


@record
class KnownComment:
    """A comment of a task, without its words."""

    id: int
    task_id: int
    created_at: datetime
    internal: bool = False
    automatic: bool = False
    imported: bool = False
    account_id: int | None = None
    card_id: int | None = None
    contact_id: int | None = None
    chat_id: int | None = None
    source_id: str | None = None
    answer_to: str | None = None


@dataclass(slots=True)
class KnownTask:
    """A root task, with what receiving looks at and changes in it."""

    task: Task
    created_at: datetime
    # The last automatic line.
    recorded_at: datetime | None = None
    # What the task had in it before the batch; loaded where imported or sent mail may need it.
    said: list[KnownComment] = field(default_factory=list)
    # Something in its journal was not written by an import.
    handled: bool = False
    # The last comment that went to a contact, and when each agent wrote last.
    last_to_client: int | None = None
    # Who was put before this task last, and when (R44).
    put_before: tuple[dict[str, object], datetime] | None = None
    agents_wrote: dict[int, datetime] = field(default_factory=dict)

    @property
    def assignee_agent_id(self) -> int | None:
        assignee = self.task.assignee
        return assignee.id if assignee is not None and assignee.kind == "agent" else None

    def takes_part(self, contact_id: int) -> bool:
        return Who("contact", contact_id) in self.task.participants

    def said_after(self, at: datetime) -> bool:
        """Whether we or a client said more after that; a program's answer says nothing."""
        return any(one.created_at > at and not (one.internal or one.automatic) for one in self.said)

    def newest_of_programs(self, at: datetime) -> bool:
        """Whether no program said anything after that."""
        return all(one.created_at <= at for one in self.said if one.automatic)


@record
class LastSaid:
    """The last living task in which a contact wrote or was written to (R8)."""

    at: datetime
    comment_id: int
    task_id: int

    @property
    def place(self) -> tuple[datetime, int]:
        return self.at, order(self.comment_id)


@record
class NumberedTask:
    """The task that a number in a subject means, merges resolved."""

    root_id: int
    # Its chats in the account, in the order in which the task got them.
    chat_ids: tuple[int, ...]
