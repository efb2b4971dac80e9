"""A finished task takes its chats' messages again: never two open tasks for one chat (R4)."""

from pfinbox.domain.inbound.known import Conversation, order
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.tasks.taking import taking


def reopen(ws: WorkingSet, root: Conversation) -> bool:
    """Make the task's chats current on it; False, and nothing, where another open task has one."""
    root_id = root.task.id
    mine = sorted(ws.bindings.get(root_id, ()), key=lambda one: order(one.id))
    now = {one.chat_id: ws.serving[one.chat_id] for one in mine if one.chat_id in ws.serving}
    open_tasks = {i: one.root_id for i, one in now.items() if ws.is_open(one.root_id)}
    found = taking(root_id, {one.chat_id: one.aside for one in mine}, open_tasks)
    if found.rival_id is not None:
        return False
    # The last of several bindings of one chat.
    last = {one.chat_id: one for one in mine}
    for chat_id in found.chat_ids:
        before = now.get(chat_id)
        if before is not None and before.root_id == root_id:
            continue
        if before is not None:
            ws.change("binding", before.id, current=False)
        ws.change("binding", last[chat_id].id, current=True)
        ws.serving[chat_id] = last[chat_id]
    return True
