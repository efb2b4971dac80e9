"""What happens to a task itself, and who takes part in it."""

from pfinbox.domain.events.event import Event
from pfinbox.record import record

# The task itself


@record(slots=False)
class TaskCreated(Event, activity="created", public="task.created"):
    """An agent made the task."""


@record(slots=False)
class TaskOpened(Event, public="task.opened"):
    """A client's message opened the task; ``answerable``: a program may acknowledge it (R10).

    ``address``: what it came from, None where nobody can be answered.
    """

    comment: int
    chat: int
    contact: int
    address: str | None
    answerable: bool = False


@record(slots=False)
class TopicNamed(Event, activity="topic", public="task.topic_named"):
    """What the conversation is about, as the service says: an advertisement, a page."""

    topic: str


@record(slots=False)
class TitleChanged(Event, activity="title", public="task.title_changed"):
    to: str


@record(slots=False)
class StatusChanged(Event, activity="status", public="task.status_changed"):
    """``undo``: an agent's own slip taken back."""

    before: str
    to: str
    undo: bool = False


@record(slots=False)
class SolvedByClient(Event, activity="solved_by_client", public="task.solved_by_client"):
    """A contact marked the task as solved on their own page."""

    contact: int


@record(slots=False)
class Assigned(Event, activity="assigned", public="task.assigned"):
    """An agent or a contact (``kind``) has the task now."""

    kind: str
    id: int


@record(slots=False)
class Unassigned(Event, activity="unassigned", public="task.unassigned"):
    pass


@record(slots=False)
class Snoozed(Event, activity="snoozed", public="task.snoozed"):
    """``until`` as ISO 8601."""

    until: str


@record(slots=False)
class Unsnoozed(Event, activity="unsnoozed", public="task.unsnoozed"):
    undo: bool = False


@record(slots=False)
class Woken(Event, activity="woken", public="task.woken"):
    """``by``: what ended the snooze."""

    by: str


@record(slots=False)
class Reopened(Event, activity="reopened", public="task.reopened"):
    """``by``: what opened the task."""

    by: str


@record(slots=False)
class ReplyViaChanged(Event, activity="reply_via", public="task.reply_via_changed"):
    to: str


@record(slots=False)
class ContactChanged(Event, activity="contact", public="task.contact_changed"):
    to: int


@record(slots=False)
class Deleted(Event, activity="deleted", public="task.deleted"):
    pass


@record(slots=False)
class Restored(Event, activity="restored", public="task.restored"):
    pass


@record(slots=False)
class Purged(Event, activity="purged", public="task.purged"):
    pass


@record(slots=False)
class MarkedSpam(Event, activity="spam", public="task.marked_spam"):
    """What the task was before, for whoever takes it out of Spam again."""

    deleted_at: str | None
    notable: int
    mark: int


@record(slots=False)
class UnmarkedSpam(Event, activity="unspam", public="task.unmarked_spam"):
    pass


# Who takes part


@record(slots=False)
class Joined(Event, activity="joined", public="participant.joined"):
    kind: str
    id: int


@record(slots=False)
class Left(Event, activity="left", public="participant.left"):
    kind: str
    id: int


@record(slots=False)
class ParticipantWrote(Event, activity="participant_wrote", public="participant.wrote"):
    """A contact wrote in the task for the first time."""

    contact: int


@record(slots=False)
class PutBefore(Event, activity="put_before", public="task.put_before"):
    """A deputy gets the messages of an assignee who is away (R44)."""

    to: int | None
    instead_of: int | None


@record(slots=False)
class HandedOver(Event, activity="handed_over", public="task.handed_over"):
    """The assignee was deactivated."""

    to: int | None
    instead_of: int
