"""People as the read side hands them out: agents, contacts, whoever is chosen."""

from dataclasses import field
from datetime import datetime

from pfinbox.domain.model import Who
from pfinbox.record import record


@record
class Person:
    """A contact (no login) or an agent, with the name to show."""

    kind: str
    id: int
    name: str
    login: str | None = None

    @property
    def who(self) -> Who:
        return Who("agent" if self.kind == "agent" else "contact", self.id)


@record
class AgentRow:
    id: int
    login: str
    name: str
    email: str | None
    admin: bool
    active: bool
    away_until: datetime | None = None
    deputy: str | None = None
    notify_by_mail: bool = False
    # What clients read in place of the name.
    public_name: str | None = None


@record
class PresenceRow:
    """A colleague who looks at a task, or is answering in it; or its client, who is writing."""

    task_id: int
    person: Person
    answering: bool


@record
class Choices:
    """Whom the notify picker offers in one task: the client first, then contacts, then agents."""

    people: tuple[Person, ...]
    # E-mail addresses of each contact, by contact id (R17).
    addresses: dict[int, tuple[str, ...]] = field(default_factory=dict)
    # Accounts by which the contacts can be reached (R16).
    accounts: tuple[str, ...] = ()
    # The task's own choice: own, last, all or an account's name.
    reply_via: str = "own"


@record
class Details:
    """What is known of a task besides its row."""

    participants: tuple[Person, ...]
    # By what its client is answered: own, last, all or an account's name.
    reply_via: str
    # Accounts by which the client can be reached.
    accounts: tuple[str, ...]
