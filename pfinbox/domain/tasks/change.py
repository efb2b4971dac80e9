"""What an agent changes in a task, and what follows from that (R28, R35, R41)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pfinbox.domain.events.event import Activity, Event
from pfinbox.domain.events.tasks import (
    Assigned,
    ContactChanged,
    Joined,
    Left,
    ReplyViaChanged,
    Snoozed,
    StatusChanged,
    TitleChanged,
    Unassigned,
    Unsnoozed,
)
from pfinbox.domain.model import Agent, Contact, Task, Who
from pfinbox.domain.tasks.undo_close import is_slip
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.tags import tag_name
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Seen:
    """What an agent saw of a task before changing it."""

    assignee: Who | None


@record
class TaskChange:
    """What to change; whatever is left at its default stays as it is."""

    status: str | None = None
    assignee: Who | None = None
    unassign: bool = False
    title: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    snooze_until: datetime | None = None
    no_snooze: bool = False
    add_participants: tuple[Who, ...] = ()
    remove_participants: tuple[Who, ...] = ()
    contact_id: int | None = None
    reply_via: str | None = None
    # The agent undoes an earlier change; within minutes of it that is recognised without this.
    undo: bool = False
    # Who had the task when the agent looked; whoever took it since keeps it.
    seen: Seen | None = None

    @property
    def people(self) -> tuple[Who, ...]:
        """Everybody whom the change brings into the task."""
        chosen = (self.assignee,) if self.assignee is not None else ()
        return (*chosen, *self.add_participants)

    @property
    def widens(self) -> bool:
        """Whether more people may see the task afterwards (R49)."""
        return self.contact_id is not None or bool(self.people)


@record
class Around:
    """What a change looks at besides the task."""

    agent_id: int
    now: datetime
    # Whether each status is active.
    statuses: Mapping[str, bool]
    # The last event that opened, closed, hid or showed the task.
    last: Activity | None
    agents: Mapping[int, Agent] = field(default_factory=dict)
    contacts: Mapping[int, Contact] = field(default_factory=dict)

    def named(self, who: Who) -> str:
        return (self.agents[who.id] if who.kind == "agent" else self.contacts[who.id]).name


@dataclass(slots=True)
class Changed:
    """What becomes of the task."""

    # Columns of the task.
    values: dict[str, object] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    # The task is open again and takes its chats' messages.
    opened: bool = False
    tags: tuple[str, ...] = ()
    untagged: tuple[str, ...] = ()
    joined: list[Who] = field(default_factory=list)
    # Those who came in by writing, and are let in by an agent now.
    let_in: list[Who] = field(default_factory=list)
    left: tuple[Who, ...] = ()

    def answered(self) -> None:
        """Nobody waits any more."""
        self.values |= {"waiting_since": None, "last_notable_id": 0}


def title_of(words: str) -> str:
    """A title as it is kept; UsageError where nothing is left of the words."""
    line = clean_line(words)
    if not line:
        raise UsageError(_("a task needs a title"))
    return line


def change(task: Task, wanted: TaskChange, around: Around) -> Changed:
    """What ``wanted`` makes of the task; Refused where it may not be."""
    found = Changed()
    if wanted.title is not None and (title := title_of(wanted.title)) != task.title:
        found.values["title"] = title
        found.events.append(TitleChanged(to=title))
    if wanted.status is not None and wanted.status != task.status:
        _status(task, wanted, around, found)
    if wanted.unassign or wanted.assignee is not None:
        _assignee(task, wanted, around, found)
    _snooze(task, wanted, around, found)
    if wanted.reply_via is not None and wanted.reply_via != task.reply_via:
        found.values["reply_via"] = wanted.reply_via
        found.events.append(ReplyViaChanged(to=wanted.reply_via))
    if wanted.contact_id is not None and wanted.contact_id != task.contact_id:
        found.values["contact_id"] = wanted.contact_id
        found.events.append(ContactChanged(to=wanted.contact_id))
    found.tags = tuple(filter(None, map(tag_name, wanted.add_tags)))
    found.untagged = wanted.remove_tags
    _participants(task, wanted, around, found)
    return found


def _slip(wanted: TaskChange, around: Around, event: type[Event]) -> bool:
    """Whether the last thing that happened to the task is this agent's ``event``, to take back."""
    last = around.last
    if last is None or not last.was(event):
        return False
    return is_slip(last.agent_id, last.at, around.agent_id, around.now, said_so=wanted.undo)


def _status(task: Task, wanted: TaskChange, around: Around, found: Changed) -> None:
    status = wanted.status or ""
    if status not in around.statuses:
        raise NotFound(
            _("there is no status {name}; known: {known}").format(
                name=status, known=", ".join(around.statuses)
            )
        )
    active = around.statuses[status]
    found.opened = active and not task.active
    slip = found.opened and _slip(wanted, around, StatusChanged)
    found.values |= {"status": status, "active": active}
    if found.opened:
        found.values["closed_at"] = None
    if task.active and not active:
        found.answered()
        found.values |= {"closed_at": around.now, "snoozed_until": None}
    found.events.append(StatusChanged(before=task.status, to=status, undo=slip))


def _assignee(task: Task, wanted: TaskChange, around: Around, found: Changed) -> None:
    who, holder, seen = wanted.assignee, task.assignee, wanted.seen
    if seen is not None and holder is not None and holder not in (seen.assignee, who):
        # Of two agents who take a task at the same moment the first keeps it.
        words = _("{name} has taken #{id} meanwhile")
        raise Refused(words.format(name=around.named(holder), id=task.id))
    if who == holder:
        return
    if who is not None:
        _may_take_part(who, around)
    agent_id = who.id if who is not None and who.kind == "agent" else None
    contact_id = who.id if who is not None and who.kind == "contact" else None
    found.values |= {"assignee_agent_id": agent_id, "assignee_contact_id": contact_id}
    found.events.append(Assigned(kind=who.kind, id=who.id) if who is not None else Unassigned())


def _may_take_part(who: Who, around: Around) -> None:
    """An active agent, or a card with the switch "can be chosen in tasks" (R28)."""
    if who.kind == "agent" and not around.agents[who.id].active:
        raise Refused(_("{name} is deactivated").format(name=around.named(who)))
    if who.kind == "contact" and not around.contacts[who.id].selectable:
        raise Refused(
            _("{name} cannot be chosen in tasks; switch it on at the card first").format(
                name=around.named(who)
            )
        )


def _snooze(task: Task, wanted: TaskChange, around: Around, found: Changed) -> None:
    until = wanted.snooze_until
    if until is not None:
        if until <= around.now:
            raise Refused(_("a snooze must end in the future"))
        found.answered()
        found.values["snoozed_until"] = until
        found.events.append(Snoozed(until=until.isoformat()))
    if wanted.no_snooze and task.snoozed_until is not None:
        # Who changes the status as well does more than to take the snooze back.
        slip = "status" not in found.values and _slip(wanted, around, Snoozed)
        found.values["snoozed_until"] = None
        found.events.append(Unsnoozed(undo=slip))


def _participants(task: Task, wanted: TaskChange, around: Around, found: Changed) -> None:
    for who in dict.fromkeys(wanted.add_participants):
        if who in task.participants:
            found.let_in.append(who)
            continue
        _may_take_part(who, around)
        found.joined.append(who)
        found.events.append(Joined(kind=who.kind, id=who.id))
    found.left = tuple(who for who in wanted.remove_participants if who in task.participants)
    found.events += [Left(kind=who.kind, id=who.id) for who in found.left]
