"""For whom a client's comment is news, and who is told by e-mail (R22, R41, R44)."""

from pfinbox.domain.access import may_see
from pfinbox.domain.events.comments import ClientWrote
from pfinbox.domain.events.tasks import Woken
from pfinbox.domain.inbound.known import KnownTask
from pfinbox.domain.inbound.reactions import deputies
from pfinbox.domain.inbound.reactions.deputies import works
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.notices.notices import NEWS, notice_content, sending_account, wants_mail
from pfinbox.domain.outbound.delivery import PartState, State


def wake(ws: WorkingSet, root: KnownTask) -> None:
    """A client's message ends the task's snooze."""
    task_id = root.task.id
    if root.task.snoozed_until is not None:
        ws.change_task(task_id, snoozed_until=None)
        ws.record(task_id, Woken(by="client"))


def wait(ws: WorkingSet, root: KnownTask, event: ClientWrote) -> None:
    """The client waits from the oldest message on that is still to answer."""
    if root.task.waiting_since is None:
        at = ws.decided.made["comment"][event.comment]["created_at"]
        ws.change_task(root.task.id, waiting_since=at)


def mark_unread(ws: WorkingSet, root: KnownTask, event: ClientWrote) -> None:
    """The comment is new for those whom it concerns; if none of them is here, for every agent."""
    task_id, assignee_id = root.task.id, root.assignee_agent_id
    concerned = _concerned(ws, root, event)
    if not _here(ws, concerned):
        ws.change_task(task_id, last_notable_id=event.comment)
    # An absent assignee finds it unread when back.
    unread_for = concerned | ({assignee_id} if assignee_id is not None else set())
    for agent_id in sorted(unread_for):
        ws.make("notice", agent_id=agent_id, comment_id=event.comment, task_id=task_id)


def _concerned(ws: WorkingSet, root: KnownTask, event: ClientWrote) -> set[int]:
    """Those whom the answered comment notified, and the assignee or who stands in (R44)."""
    account = ws.account
    concerned = set(ws.notified.get(event.answered or 0, ()))
    before = deputies.put_before_in(ws, root.task, root.assignee_agent_id)
    if before.assignee_id is not None:
        concerned.add(before.assignee_id)
    if account.role == "personal" and account.owner_id is not None and not concerned:
        concerned.add(account.owner_id)
    return concerned


def _here(ws: WorkingSet, agent_ids: set[int]) -> set[int]:
    return {one for one in agent_ids & ws.agents.keys() if works(ws.agents[one], ws.now)}


def tell_by_mail(ws: WorkingSet, root: KnownTask, event: ClientWrote) -> None:
    """A mail about the comment to those for whom it is new, who want one and may see it."""
    told = _here(ws, _concerned(ws, root, event)) or _here(ws, set(ws.agents))
    wanting = [ws.agents[one] for one in sorted(told) if wants_mail(ws.agents[one])]
    if not wanting:
        return
    task = root.task
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
            comment_id=event.comment,
            agent_id=agent.id,
            account_id=account.id,
            address=agent.email,
            state=State.PENDING,
            due_at=ws.now,
            notice=NEWS,
        )
        part_id = ws.make(
            "part",
            comment_id=event.comment,
            account_id=account.id,
            position=0,
            state=PartState.PENDING,
            content=notice_content(NEWS),
        )
        ws.make("delivery_part", delivery_id=delivery_id, part_id=part_id)
        ws.decided.topics.add("outbox")
