"""What follows from what comes in, decided with its batch: the next message of it sees that.

What looks at rows that the batch has yet to write follows when it is written
(``services/events/reactions.py``).
"""

from pfinbox.domain.events.comments import ClientWrote, SentOutside
from pfinbox.domain.events.event import Event
from pfinbox.domain.events.tasks import TaskOpened
from pfinbox.domain.inbound.reactions import deputies, news
from pfinbox.domain.inbound.working_set import WorkingSet


def follow(ws: WorkingSet, root_id: int, event: Event) -> None:
    """Record an event of a root task, and what follows from it, in this order."""
    ws.record(root_id, event)
    root = ws.tasks[root_id]
    match event:
        case ClientWrote():
            news.wake(ws, root)
            news.wait(ws, root, event)
            news.mark_unread(ws, root, event)
            news.tell_by_mail(ws, root, event)
            deputies.stand_in(ws, root)


def over_the_store(event: Event) -> bool:
    """Whether something follows over the store, which the batch is written for first."""
    match event:
        case TaskOpened(answerable=True) | SentOutside():
            return True
    return False
