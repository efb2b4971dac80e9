"""What receiving looks at for one batch: what the store holds, and what the batch decided since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from pfinbox.domain.access import AccountAccess
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.events.event import Event
from pfinbox.domain.inbound.awaited import Awaited, Awaiting
from pfinbox.domain.inbound.identity.repeats import Mark
from pfinbox.domain.inbound.known import (
    KnownChat,
    KnownTask,
    LastSaid,
    Named,
    NumberedTask,
)
from pfinbox.domain.model import Account, Agent, Binding
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.recipients.correspondents import OurSide
from pfinbox.domain.text.cleaning import clean_line, clean_value

_NEXT = timedelta(microseconds=1)
_CHAT = frozenset(one.name for one in fields(KnownChat))
# Columns of a task that its snapshot has under the same name.
_IN_SNAPSHOT = (
    "title",
    "status",
    "active",
    "closed_at",
    "snoozed_until",
    "waiting_since",
    "last_activity_at",
    "last_line",
    "last_direction",
)

Row = dict[str, Any]


@dataclass(slots=True)
class Decided:
    """What a batch decided and the store does not hold yet; rows are named by local ids."""

    # By table, in the order in which the rows were made.
    made: dict[str, dict[int, Row]] = field(default_factory=dict)
    # By table and id; what changes in one row is merged.
    changed: dict[str, dict[int, Row]] = field(default_factory=dict)
    files: list[tuple[int, tuple[File, ...]]] = field(default_factory=list)
    # The words of comments for the search index, where the channel gave them.
    words: dict[int, str] = field(default_factory=dict)
    # Files that stand in the bytes of a receipt.
    stand_in: list[tuple[int, tuple[File, ...]]] = field(default_factory=list)
    # What answered these names waits for them no more: comment and lowest rank.
    quoted: list[tuple[int, int]] = field(default_factory=list)
    # Contacts who stop taking part, by task (roots of cards).
    left: list[tuple[int, int]] = field(default_factory=list)
    # The past arrived: contact, task and moment whose links to earlier tasks may change (R8).
    relinked: list[tuple[int, int, datetime]] = field(default_factory=list)
    # What happened, in this order, by root task.
    happened: list[tuple[int, Event]] = field(default_factory=list)
    # Tasks with another title or client, and contacts with another name.
    renamed: set[int] = field(default_factory=set)
    renamed_contacts: set[int] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    # A client's message came.
    arrived: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.made or self.changed or self.quoted or self.left or self.relinked)


@dataclass(slots=True)
class WorkingSet:
    """What a batch of one account is decided over, and what was decided so far."""

    now: datetime
    account: Account
    accounts: Mapping[int, Account]
    access: Mapping[int, AccountAccess]
    agents: Mapping[int, Agent]
    side: OurSide
    # Names of statuses in their order, with whether they are active.
    statuses: Mapping[str, bool]
    # The account that was chosen to send the company's mail.
    mail_account: str | None
    # By the receipt's key.
    marks: Mapping[str, Mark]
    # The keys whose receipts are there.
    receipts: set[str]
    # The comments of receipts by the sha256 of their bytes, where something asks for it.
    by_bytes: dict[str, int | None]
    # The keys of what was here and was purged (R34).
    purged: frozenset[str]
    # The highest id that each table had, where the store takes ids itself.
    highest: Mapping[str, int] = field(default_factory=dict)
    # What the ids mean that the messages of the batch have or name.
    ids: Named = field(default_factory=Named)
    # By address, on the account's own channel; and whatever e-mail address is on some card.
    people: dict[str, Sender] = field(default_factory=dict)
    on_cards: set[str] = field(default_factory=set)
    chats: dict[int, KnownChat] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    # By contact and bare subject.
    subjects: dict[tuple[int, str], int] = field(default_factory=dict)
    numbers: dict[int, NumberedTask] = field(default_factory=dict)
    # The current binding by chat; and by root, of finished tasks, all bindings.
    serving: dict[int, Binding] = field(default_factory=dict)
    bindings: dict[int, list[Binding]] = field(default_factory=dict)
    # Open root tasks among those that only bindings name.
    open_elsewhere: frozenset[int] = frozenset()
    tasks: dict[int, KnownTask] = field(default_factory=dict)
    # What takes the messages of blocked chats.
    spam_tasks: dict[int, int] = field(default_factory=dict)
    last_said: dict[int, LastSaid] = field(default_factory=dict)
    # Active agents whom a comment notified.
    notified: dict[int, frozenset[int]] = field(default_factory=dict)
    awaited: Awaited = field(default_factory=Awaited)
    # Comments, among those that are named, whose task is spam.
    in_spam: set[int] = field(default_factory=set)
    decided: Decided = field(default_factory=Decided)
    _last_local: int = 0
    # The new rows of what new comments wait for, with their ranks.
    _expecting: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    _joined: dict[tuple[int, int], int] = field(default_factory=dict)

    def make(self, table: str, **values: Any) -> int:
        """Decide on a new row; returns its local id."""
        self._last_local -= 1
        self.decided.made.setdefault(table, {})[self._last_local] = values
        return self._last_local

    def change(self, table: str, row_id: int, **values: Any) -> None:
        """Decide on other values of a row."""
        new = self.decided.made.get(table, {}).get(row_id)
        if new is not None:
            new.update(values)
        else:
            self.change_later(table, row_id, **values)

    def change_later(self, table: str, row_id: int, **values: Any) -> None:
        """The same, where the values may name rows that are made after this one."""
        self.decided.changed.setdefault(table, {}).setdefault(row_id, {}).update(values)

    def change_chat(self, chat_id: int, **values: Any) -> None:
        """Change a chat; what the batch looks at changes with it."""
        self.change("chat", chat_id, **values)
        seen = {name: one for name, one in values.items() if name in _CHAT}
        self.chats[chat_id] = replace(self.chats[chat_id], **seen)

    def change_task(self, root_id: int, **values: Any) -> None:
        """Change a root task; what the batch looks at changes with it."""
        self.change("task", root_id, **values)
        root = self.tasks[root_id]
        seen = {name: values[name] for name in _IN_SNAPSHOT if name in values}
        root.task = replace(root.task, **seen)
        if values.get("assignee_agent_id", 0) is None:
            root.task = replace(root.task, assignee=None)
        if "created_at" in values:
            root.created_at = values["created_at"]

    def join(self, task_id: int, card_id: int, contact_id: int) -> None:
        """A contact takes part in a root task from now on, as they wrote in it."""
        row_id = self.make("participant", task_id=task_id, contact_id=card_id, let_in=False)
        self._joined[task_id, contact_id] = row_id

    def leave(self, task_id: int, contact_id: int) -> None:
        """The contact does not take part any more."""
        joined = self._joined.pop((task_id, contact_id), None)
        if joined is not None:
            del self.decided.made["participant"][joined]
        self.decided.left.append((task_id, contact_id))

    def expect(self, source_id: str, one: Awaiting) -> None:
        """A comment waits for this id."""
        row_id = self.make(
            "awaited",
            account_id=self.account.id,
            source_id=source_id,
            comment_id=one.comment_id,
            rank=one.rank,
        )
        self._expecting.setdefault(one.comment_id, []).append((one.rank, row_id))
        self.awaited.add(source_id, one)

    def quoted(self, comment_id: int, rank: int) -> None:
        """The comment waits no more for what it answers, nor for anything less specific."""
        for one, row_id in self._expecting.get(comment_id, ()):
            if one >= rank:
                self.decided.made["awaited"].pop(row_id, None)
        self.awaited.answered(comment_id, rank)
        self.decided.quoted.append((comment_id, rank))

    def record(self, task_id: int, event: Event, at: datetime | None = None) -> None:
        """An event of a root task: the journal keeps it if it is an activity.

        ``at``: when it happened, if not now.
        """
        self.decided.happened.append((task_id, event))
        if event.activity is None:
            return
        moment, args = at or self.now_in(task_id), clean_value(event.args())
        self.make("activity", task_id=task_id, kind=event.activity, args=args, at=moment)
        self.tasks[task_id].recorded_at = moment

    def now_in(self, root_id: int) -> datetime:
        """Now; but after all that happened in the task, even if our clock says something else."""
        root = self.tasks[root_id]
        moments = (root.task.last_activity_at, root.recorded_at)
        latest = [at for at in moments if at is not None and at > self.now]
        return max(latest) + _NEXT if latest else self.now

    def said_at(self, root_id: int, at: datetime) -> datetime:
        """The ``created_at`` of what the other side dates ``at``: never later than storing it."""
        return at if at <= self.now else min(at, self.now_in(root_id))

    def dated(self, root_id: int, message: Message) -> Message:
        """The message with the moment that its comment has."""
        at = self.said_at(root_id, message.sent_at)
        return message if at == message.sent_at else replace(message, sent_at=at)

    def serves(self, chat_id: int | None) -> tuple[KnownTask | None, int | None]:
        """The task that takes a chat's messages now, with the chat's own task in that root."""
        binding = self.serving.get(chat_id) if chat_id is not None else None
        if binding is None or binding.root_id not in self.tasks:
            return None, None
        return self.tasks[binding.root_id], binding.task_id

    def take_chat(self, binding: Binding) -> None:
        """The task of this binding takes the chat's messages from now on, and no other one."""
        before = self.serving.get(binding.chat_id)
        if before is not None:
            self._set_current(before, current=False)
        self.serving[binding.chat_id] = self._set_current(binding, current=True)

    def _set_current(self, binding: Binding, *, current: bool) -> Binding:
        self.change("binding", binding.id, current=current)
        changed = replace(binding, current=current)
        of_root = self.bindings.get(binding.root_id, [])
        of_root[:] = [changed if one.id == changed.id else one for one in of_root]
        return changed

    def heard(self, contact_id: int, at: datetime, comment_id: int, root_id: int) -> None:
        """A contact wrote or was written to in a task: R8 leads there, unless it is dead."""
        if not self.tasks[root_id].task.living:
            return
        said, before = LastSaid(at, comment_id, root_id), self.last_said.get(contact_id)
        if before is None or said.place >= before.place:
            self.last_said[contact_id] = said

    def is_open(self, root_id: int) -> bool:
        if root_id in self.tasks:
            return self.tasks[root_id].task.open
        return root_id in self.open_elsewhere


def names_of(items: Iterable[Incoming]) -> frozenset[str]:
    """Every id that the messages among these have or name."""
    messages = [one.event for one in items if isinstance(one.event, Message)]
    own = {clean_line(message.source_id) for message in messages}
    # Some servers change the case of what they keep.
    lower = {name.lower() for name in own}
    also = {clean_line(name) for message in messages for name in message.also}
    named = (message.references for message in messages)
    return frozenset(own.union(lower, also, *named) - {""})


def known_by_bytes(incoming: Incoming) -> bool:
    """What names no id is known by its bytes, wherever and in what order its copies are found."""
    event = incoming.event
    nameless = isinstance(event, Message) and not clean_line(event.source_id)
    return incoming.match_bytes or nameless
