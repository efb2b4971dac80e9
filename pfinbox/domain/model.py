"""What the rules look at: frozen snapshots of tasks, chats, people and accounts.

Ids are the store's. A contact's or task's id here is always that of its root: merges are resolved
when the snapshot is read, except where a field says ``origin``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

Kind = Literal["contact", "agent"]

NOTHING = Capability(0)
UNLIMITED = Limits()


@dataclass(frozen=True, slots=True, order=True)
class Who:
    """A contact or an agent."""

    kind: Kind
    id: int


@record
class Notify:
    """What the notify picker returns: who gets a comment, and the choices that go with it."""

    who: tuple[Who, ...] = ()
    # An address chosen for a contact (R17), by contact id.
    addresses: Mapping[int, str] = field(default_factory=dict)
    # Each contact a message of their own (R45).
    separately: bool = False
    # own, last, all or an account's name; None: the task's (R16).
    reply_via: str | None = None
    # People chosen by e-mail address who are on no card yet (R45).
    newcomers: tuple[Party, ...] = ()
    # E-mail addresses that stand in Cc where their mail begins a thread (R45).
    copies: tuple[str, ...] = ()

    @property
    def contacts(self) -> tuple[int, ...]:
        return tuple(who.id for who in self.who if who.kind == "contact")

    @property
    def agents(self) -> tuple[int, ...]:
        return tuple(who.id for who in self.who if who.kind == "agent")

    @property
    def internal(self) -> bool:
        return not self.contacts and not self.newcomers


@record
class Account:
    """One configured connection, as the daemon wrote it to its row."""

    id: int
    name: str
    channel: str
    capabilities: Capability = NOTHING
    limits: Limits = UNLIMITED
    role: str = "shared"
    owner_id: int | None = None
    configured: bool = True
    state: str = "ok"
    # 'true', 'false' or days such as '14d' (R6)
    new_task_after_close: str = "true"
    label: str = ""
    # A link that opens a chat, ``{token}`` in the place of an invitation's (R30).
    invite_link: str | None = None
    # What a program answers to the first message of a new task; None: nothing.
    acknowledgement: str | None = None
    # Whether agents' answers by e-mail may go to contacts (R22).
    contact_notices_by_mail: bool = True
    # Every address of its own, aliases included.
    addresses: tuple[str, ...] = ()

    def can(self, capability: Capability) -> bool:
        return capability in self.capabilities


@record
class Address:
    """One address on a card; ``scope`` is the account's id where ids are per account, else 0."""

    id: int
    channel: str
    scope: int
    value: str
    username: str | None = None
    main: bool = False
    blocked: bool = False
    bounced: bool = False
    duplicate: bool = False


@record
class Chat:
    """The client's end of a channel, as one task sees it."""

    id: int
    account_id: int
    key: str
    contact_id: int
    # The address its contact wrote from last; for a messenger the user's id.
    address: str = ""
    answer_to: str | None = None
    # An e-mail address that its contact left there, unproven.
    left_address: str | None = None
    writable: bool = True
    state_reason: Reason | None = None
    blocked: bool = False
    last_incoming_at: datetime | None = None
    subject: str | None = None
    # Bound to the task itself, not through a merge (R16's *own*).
    own: bool = True
    # It joined the task by an invitation, beside the way that the task had (R30).
    invited: bool = False
    # An agent wrote there by another way than the task's own; its contact has not used it here.
    aside: bool = False
    # A side conversation (R45).
    outside: bool = False
    # The open task that takes its messages now, and whose alone it is, if it is (R10).
    open_task_id: int | None = None
    open_task_of: int | None = None


@record
class ChatRecord:
    """A chat as it is stored, whatever tasks have it."""

    id: int
    account_id: int
    key: str
    # The card, as the chat names it.
    contact_id: int
    address_id: int | None = None
    answer_to: str | None = None
    left_address: str | None = None
    subject: str | None = None
    writable: bool = True
    state_reason: Mapping[str, Any] | None = None
    blocked_at: datetime | None = None
    # When a program last answered there.
    told_at: datetime | None = None


@record
class Binding:
    """That a task has a chat, and whether the task takes the chat's messages now."""

    id: int
    chat_id: int
    task_id: int
    # The task with merges resolved.
    root_id: int
    current: bool
    # The task only answered by the chat once (R16).
    aside: bool = False


@record
class Contact:
    """A client's card with everything that merged cards bring along."""

    id: int
    name: str
    addresses: tuple[Address, ...] = ()
    selectable: bool = False
    # Every chat of the contact, of this task or not.
    chats: tuple[Chat, ...] = ()

    @property
    def blocked(self) -> bool:
        return bool(self.addresses) and all(address.blocked for address in self.addresses)


@record
class Agent:
    """An employee."""

    id: int
    login: str
    name: str
    # What clients read in its place.
    public_name: str | None = None
    email: str | None = None
    admin: bool = False
    active: bool = True
    away_until: datetime | None = None
    deputy_id: int | None = None
    # Gets notices by e-mail too (R22).
    notify_by_mail: bool = False


@record
class Task:
    """One piece of conversation with a client."""

    id: int
    title: str
    status: str
    active: bool
    contact_id: int | None
    account_id: int | None
    reply_via: str = "own"
    assignee: Who | None = None
    participants: tuple[Who, ...] = ()
    # Chats of the task and of all tasks merged into it.
    chats: tuple[Chat, ...] = ()
    spam: bool = False
    private_to_id: int | None = None
    deleted_at: datetime | None = None
    purged_at: datetime | None = None
    closed_at: datetime | None = None
    snoozed_until: datetime | None = None
    waiting_since: datetime | None = None
    previous_task_id: int | None = None
    # The newest comment that is new for every agent of the account (R41).
    last_notable_id: int = 0
    last_activity_at: datetime | None = None
    # What the list shows of it; no direction: nobody has spoken yet, only a program.
    last_line: str = ""
    last_direction: str | None = None

    @property
    def client_cards(self) -> tuple[int, ...]:
        """The client's card, and those that joined by an invitation for the client (R30).

        Until somebody merges them, they are taken for one person.
        """
        if self.contact_id is None:
            return ()
        joined = (chat.contact_id for chat in self.chats if chat.invited)
        return tuple(dict.fromkeys((self.contact_id, *joined)))

    @property
    def living(self) -> bool:
        return self.deleted_at is None and self.purged_at is None

    @property
    def open(self) -> bool:
        return self.active and self.living
