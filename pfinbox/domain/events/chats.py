"""What happens to a task's chats; invitations to join one."""

from typing import Any

from pfinbox.domain.events.event import Event
from pfinbox.record import record

# The chats of a task


@record(slots=False)
class ChatOpened(Event, activity="chat_opened", public="chat.opened"):
    """The chat can be written to again."""

    reason: Any


@record(slots=False)
class ChatClosed(Event, activity="chat_closed", public="chat.closed"):
    reason: Any


@record(slots=False)
class ClientGreeted(Event, activity="greeted", public="chat.greeted"):
    """What the account said by itself to a client who opened the chat and had not written yet."""

    words: str


@record(slots=False)
class AddressLeft(Event, activity="address_left", public="chat.address_left"):
    """A client said where e-mail finds them; nobody has proven it."""

    address: str


@record(slots=False)
class MessagesMissing(Event, activity="messages_missing", public="chat.messages_missing"):
    """The service does not give what was written between two moments."""

    reason: Any
    since: str | None
    until: str


@record(slots=False)
class ChatMoved(Event, activity="chat_moved", public="chat.moved"):
    """The chat goes on under another key."""


@record(slots=False)
class ChatMovedConflict(Event, activity="chat_moved_conflict", public="chat.moved_conflict"):
    other: int


# Invitations (R30)


@record(slots=False)
class Invited(Event, activity="invited", public="invitation.made"):
    account: str


@record(slots=False)
class InvitationUsed(Event, activity="invitation_used", public="invitation.used"):
    account: str
    contact: int


@record(slots=False)
class InvitationOtherCard(Event, activity="invitation_other_card", public="invitation.other_card"):
    client: int
    contact: int


@record(slots=False)
class InvitationConflict(Event, activity="invitation_conflict", public="invitation.conflict"):
    other: int
    survivor: int
    joining: int
    account: str
    contact: int


@record(slots=False)
class InvitationStale(Event, activity="invitation_stale", public="invitation.stale"):
    contact: int
