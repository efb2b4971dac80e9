"""What happens to a task's chats; invitations to join one."""

from dataclasses import dataclass
from typing import Any

from pfinbox.domain.events.event import Event

# The chats of a task


@dataclass(frozen=True)
class ChatOpened(Event, activity="chat_opened", public="chat.opened"):
    """The chat can be written to again."""

    reason: Any


@dataclass(frozen=True)
class ChatClosed(Event, activity="chat_closed", public="chat.closed"):
    reason: Any


@dataclass(frozen=True)
class AddressLeft(Event, activity="address_left", public="chat.address_left"):
    """A client said where e-mail finds them; nobody has proven it."""

    address: str


@dataclass(frozen=True)
class ChatMoved(Event, activity="chat_moved", public="chat.moved"):
    """The chat goes on under another key."""


@dataclass(frozen=True)
class ChatMovedConflict(Event, activity="chat_moved_conflict", public="chat.moved_conflict"):
    other: int


# Invitations (R30)


@dataclass(frozen=True)
class Invited(Event, activity="invited", public="invitation.made"):
    account: str


@dataclass(frozen=True)
class InvitationUsed(Event, activity="invitation_used", public="invitation.used"):
    account: str
    contact: int


@dataclass(frozen=True)
class InvitationOtherCard(Event, activity="invitation_other_card", public="invitation.other_card"):
    client: int
    contact: int


@dataclass(frozen=True)
class InvitationConflict(Event, activity="invitation_conflict", public="invitation.conflict"):
    other: int
    survivor: int
    joining: int
    account: str
    contact: int


@dataclass(frozen=True)
class InvitationStale(Event, activity="invitation_stale", public="invitation.stale"):
    contact: int
