"""One line of the task list, made of what was read about its task."""

from typing import Any

from pfinbox.domain.contract.channel import Limits
from pfinbox.domain.outbound.planning import routes
from pfinbox.domain.unread import Reading, unread
from pfinbox.store.rows.people import Person
from pfinbox.store.rows.tasks import TaskRow


def reply_limits(row: Any) -> Limits | None:
    """The limits of the task's account, where it takes an answer for a while only (R25)."""
    limits = row.limits
    return Limits(**limits) if limits is not None and limits.get("reply_window") else None


def row_of_task(
    row: Any, baseline: int, states: Any | None, before: int | None, heard: Any | None
) -> TaskRow:
    """``row``, ``states`` and ``heard`` as ``read.lists.taskrows`` asks for them.

    ``baseline``: the highest comment id when the agent was added; ``before``: the task before this
    one that the agent may see (R8).
    """
    contact = Person("contact", row.card_id, row.card_name) if row.card_id is not None else None
    assignee = None
    if row.assignee_agent_id is not None:
        assignee = Person("agent", row.assignee_agent_id, row.agent_name, row.login)
    elif row.helper_id is not None:
        assignee = Person("contact", row.helper_id, row.helper_name)
    reading = Reading(
        last_notable_id=row.notable_id,
        notices=(row.noticed_id,),
        read_id=row.read_id,
        baseline=baseline,
    )
    limits, closes_at = reply_limits(row), None
    if limits is not None and heard is not None:
        closes_at = routes.closing(limits, heard.heard_at)
    return TaskRow(
        id=row.id,
        title=row.title,
        status=row.status,
        active=row.active,
        account=row.account_name,
        channel=row.channel,
        sign=row.sign or "",
        contact=contact,
        assignee=assignee,
        tags=tuple(sorted(set((row.tags or "").split("\n")) - {""})),
        unread=bool(unread(reading)),
        last_line=row.last_line,
        last_direction=row.last_direction,
        waiting_since=row.waiting_since,
        snoozed_until=row.snoozed_until,
        created_at=row.created_at,
        last_activity_at=row.last_activity_at,
        # A task merged into its own successor is no longer before it.
        previous_task_id=before if before != row.id else None,
        merged_into_id=row.merged_into_id,
        deleted_at=row.deleted_at,
        scheduled=states is not None and bool(states.scheduled),
        failed=states is not None and bool(states.failed),
        draft=row.draft,
        closes_at=closes_at,
    )
