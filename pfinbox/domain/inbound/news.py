"""For whom a client's comment is news, and who is told by e-mail (R22, R41, R44)."""

from collections.abc import Collection
from typing import Any

from pfinbox.domain.access import may_see
from pfinbox.domain.inbound import deputies
from pfinbox.domain.inbound.deputies import works
from pfinbox.domain.inbound.known import KnownTask
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Task
from pfinbox.domain.notices.notices import NEWS, notice_content, sending_account, wants_mail
from pfinbox.domain.outbound.delivery import PartState, State


def client_wrote(
    ws: WorkingSet, root: KnownTask, comment_id: int, *, answered_id: int | None, **values: Any
) -> None:
    """Mark the client's comment as new for those it concerns, and the task as to answer.

    New for the assignee and for those whom the answered comment notified; if nobody of them is
    here, for every agent of the account (R44: before that, for the deputy of an absent assignee).
    ``answered_id`` is the comment that it answers; ``values``: what else changes in the task.
    """
    account, task = ws.account, root.task
    assignee_id = task.assignee.id if task.assignee and task.assignee.kind == "agent" else None
    concerned = set(ws.notified.get(answered_id or 0, ()))
    stand_in = deputies.put_before_in(ws, task, assignee_id)
    if stand_in.assignee_id is not None:
        concerned.add(stand_in.assignee_id)
    if account.role == "personal" and account.owner_id is not None and not concerned:
        concerned.add(account.owner_id)
    here = {one for one in concerned & ws.agents.keys() if works(ws.agents[one], ws.now)}
    # Whoever is back some day finds it unread.
    if assignee_id is not None:
        concerned.add(assignee_id)
    if not here:
        values["last_notable_id"] = comment_id
    taken_from = stand_in.instead_of is not None and stand_in.assignee_id is None
    if taken_from:
        values["assignee_agent_id"] = None
    ws.change_task(task.id, **values)
    for agent_id in sorted(concerned):
        ws.make("notice", agent_id=agent_id, comment_id=comment_id, task_id=task.id)
    _tell(ws, task, comment_id, here)
    if stand_in.instead_of is not None:
        deputies.say_so(ws, root, stand_in)


def _tell(ws: WorkingSet, task: Task, comment_id: int, here: Collection[int]) -> None:
    """A mail about the comment to those of these agents, or of all, who want it and may see it."""
    told = here or {one.id for one in ws.agents.values() if works(one, ws.now)}
    wanting = [ws.agents[one] for one in sorted(told) if wants_mail(ws.agents[one])]
    if not wanting:
        return
    chosen = next((one.id for one in ws.accounts.values() if one.name == ws.mail_account), None)
    account = sending_account(list(ws.accounts.values()), chosen, task.account_id)
    if account is None:
        return
    access = ws.access[task.account_id] if task.account_id is not None else None
    for agent in wanting:
        if not may_see(agent, task, access):
            continue
        delivery_id = ws.make(
            "delivery",
            comment_id=comment_id,
            agent_id=agent.id,
            account_id=account.id,
            address=agent.email,
            state=State.PENDING,
            due_at=ws.now,
            notice=NEWS,
        )
        part_id = ws.make(
            "part",
            comment_id=comment_id,
            account_id=account.id,
            position=0,
            state=PartState.PENDING,
            content=notice_content(NEWS),
        )
        ws.make("delivery_part", delivery_id=delivery_id, part_id=part_id)
        ws.decided.topics.add("outbox")
