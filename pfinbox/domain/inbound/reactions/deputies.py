"""Who gets a client's message while its assignee is away or gone (R44)."""

from datetime import datetime

from pfinbox.domain.access import may_see
from pfinbox.domain.events.tasks import PutBefore
from pfinbox.domain.inbound.known import KnownTask
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Agent, Task
from pfinbox.record import record


@record
class Before:
    """Who should have a client's message before them (R44)."""

    assignee_id: int | None
    # The absent or deactivated agent that it was taken from.
    instead_of: int | None = None


def put_before(assignee: Agent | None, deputy: Agent | None, now: datetime) -> Before:
    """The agent who gets a client's message when ``assignee`` may be away or gone."""
    if assignee is None:
        return Before(None)
    if works(assignee, now):
        return Before(assignee.id)
    if deputy is not None and works(deputy, now):
        return Before(deputy.id, instead_of=assignee.id)
    return Before(None, instead_of=assignee.id)


def works(agent: Agent, now: datetime) -> bool:
    """Whether the agent is here to answer: neither deactivated nor away."""
    return agent.active and (agent.away_until is None or agent.away_until <= now)


def deputy_of(ws: WorkingSet, assignee_id: int) -> Before:
    """The assignee, else the deputy, else nobody in particular."""
    assignee = ws.agents.get(assignee_id)
    deputy = ws.agents.get(assignee.deputy_id) if assignee and assignee.deputy_id else None
    return put_before(assignee, deputy, ws.now)


def put_before_in(ws: WorkingSet, task: Task, assignee_id: int | None) -> Before:
    """The same for a task: a deputy who may not see it is none.

    A task that only its assignee may see stays assigned: nobody else would see it (R10).
    """
    found = deputy_of(ws, assignee_id) if assignee_id is not None else Before(None)
    if found.instead_of is None:
        return found
    if found.assignee_id is not None:
        access = ws.access[task.account_id] if task.account_id is not None else None
        if may_see(ws.agents[found.assignee_id], task, access):
            return found
    if task.private_to_id == found.instead_of:
        return Before(found.instead_of)
    return Before(None, instead_of=found.instead_of)


def stand_in(ws: WorkingSet, root: KnownTask) -> None:
    """A client wrote to an assignee who is away: the task is put before the deputy, or nobody."""
    before = put_before_in(ws, root.task, root.assignee_agent_id)
    if before.instead_of is None:
        return
    if before.assignee_id is None:
        ws.change_task(root.task.id, assignee_agent_id=None)
    say_so(ws, root, before)


def say_so(ws: WorkingSet, root: KnownTask, before: Before) -> None:
    """Record in the task who gets its messages now, once in an absence.

    An absence ends with the assignee's next comment in the task. Each time that the task loses its
    assignee is recorded: between two of them the task was given back.
    """
    event = PutBefore(before.assignee_id, before.instead_of)
    last = root.put_before
    if before.assignee_id is not None and last is not None and last[0] == event.args():
        since = root.agents_wrote.get(before.instead_of or 0)
        if since is None or since <= last[1]:
            return
    task_id = root.task.id
    ws.record(task_id, event)
    root.put_before = (event.args(), ws.tasks[task_id].recorded_at or ws.now)
