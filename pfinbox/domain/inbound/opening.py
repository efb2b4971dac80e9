"""Opening what a message needs: its chat, a task new or again, and the binding of the two."""

from dataclasses import replace
from datetime import timedelta

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.events.chats import ClientGreeted
from pfinbox.domain.events.tasks import TopicNamed
from pfinbox.domain.inbound.known import KnownChat, KnownTask, order
from pfinbox.domain.inbound.reactions import deputies
from pfinbox.domain.inbound.reactions.deputies import Before
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.model import Binding, Task, Who
from pfinbox.domain.people.cards import Sender
from pfinbox.domain.tasks import statuses
from pfinbox.domain.tasks.taking import taking
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.subjects import stem, title

_LONGEST_LINE = 500
_ABOVE = timedelta(microseconds=1)


def make_chat(ws: WorkingSet, incoming: Incoming, message: Message, sender: Sender) -> int:
    """The chat of a new conversation; an e-mail chat is named by its first message's receipt."""
    key = message.chat_key if message.chat_key is not None else incoming.key
    subject = clean_line(message.title) if message.title else None
    chat_id = ws.make(
        "chat",
        account_id=ws.account.id,
        key=key,
        contact_id=sender.card_id,
        address_id=sender.address_id,
        subject=subject,
        created_at=ws.now,
    )
    ws.chats[chat_id] = KnownChat(
        chat_id,
        key,
        sender.card_id,
        sender.contact_id,
        sender.address_id,
        address=sender.value,
        address_blocked=sender.blocked,
        subject=subject,
    )
    ws.keys[key] = chat_id
    if subject is not None:
        ws.subjects[sender.contact_id, stem(subject)[0]] = chat_id
    return chat_id


def open_task(
    ws: WorkingSet,
    message: Message,
    sender: Sender | None,
    current: Task | None,
    *,
    spam: bool,
    history: bool,
) -> KnownTask:
    """A new task; R8's link to the last one of this contact, R44's assignee, R42's spam."""
    account = ws.account
    last = None
    if sender is not None and sender.known and not spam and not history:
        last = ws.last_said.get(sender.contact_id)
    before = Before(None)
    had_it = None
    if current is not None and current.assignee is not None and current.assignee.kind == "agent":
        had_it = current.assignee.id
    private_to = account.owner_id if account.role == "personal" else None
    if private_to is not None and not spam and not ws.agents[private_to].active:
        # Seen by the owner alone, a task of theirs would be seen by nobody.
        before = deputies.deputy_of(ws, private_to)
        private_to = private_to if before.assignee_id is not None else None
        had_it = None
    at = min(message.sent_at, ws.now)
    task = Task(
        0,
        title=title_of(message),
        status=statuses.finished(ws.statuses) if history else statuses.first(ws.statuses),
        active=not history,
        contact_id=sender.contact_id if sender else None,
        account_id=account.id,
        assignee=_agent(before),
        previous_task_id=last.task_id if last is not None else None,
        spam=spam,
        private_to_id=private_to,
        deleted_at=ws.now if spam else None,
        closed_at=ws.now if history else None,
        last_activity_at=at,
    )
    if had_it is not None:
        before = deputies.put_before_in(ws, task, had_it)
        task = replace(task, assignee=_agent(before))
    task_id = ws.make(
        "task",
        title=task.title,
        status=task.status,
        active=task.active,
        contact_id=sender.card_id if sender else None,
        account_id=account.id,
        assignee_agent_id=before.assignee_id,
        previous_task_id=task.previous_task_id,
        spam=spam,
        private_to_id=private_to,
        deleted_at=task.deleted_at,
        closed_at=task.closed_at,
        created_at=at,
        last_activity_at=at,
    )
    new = KnownTask(replace(task, id=task_id), created_at=at)
    ws.tasks[task_id] = new
    if message.topic:
        # It stands at the head, above the message that opens the task.
        ws.record(task_id, TopicNamed(clean_line(message.topic, _LONGEST_LINE)), at - _ABOVE)
    if before.instead_of is not None:
        deputies.say_so(ws, new, before)
    return new


def show_greeting(
    ws: WorkingSet, chat_id: int, greeting: str, task_id: int, message: Message
) -> None:
    """Above the client's next message stands what the account said when the chat was opened."""
    at = min(message.sent_at, ws.now) - _ABOVE
    ws.record(task_id, ClientGreeted(clean_line(greeting, _LONGEST_LINE)), at)
    ws.change_chat(chat_id, greeting=None)


def _agent(before: Before) -> Who | None:
    return Who("agent", before.assignee_id) if before.assignee_id is not None else None


def title_of(message: Message) -> str:
    """What a task that this message opens is called."""
    file_name = message.files[0].name if message.files else ""
    return title(message.title, message.text, file_name)


def bind(ws: WorkingSet, chat_id: int, task_id: int, *, current: bool = True) -> None:
    """A new task has this chat; ``current``: it takes its messages, too, from whatever task did."""
    binding_id = ws.make(
        "binding", task_id=task_id, chat_id=chat_id, current=False, created_at=ws.now
    )
    binding = Binding(binding_id, chat_id, task_id, task_id, current=False)
    ws.bindings.setdefault(task_id, []).append(binding)
    if current:
        ws.take_chat(binding)
    if ws.tasks[task_id].task.spam:
        ws.spam_tasks[chat_id] = task_id


def reopen(ws: WorkingSet, root: KnownTask) -> bool:
    """Make a finished task take its chats' messages again.

    False, and nothing, where another open task has one of them: never two for one chat (R4).
    """
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
        if before is None or before.root_id != root_id:
            ws.take_chat(last[chat_id])
    return True


def remember(ws: WorkingSet, message: Message, chat_id: int) -> None:
    """Keep every id by which a later message may name this chat; the first chat keeps an id."""
    remember_ids(ws, (message.source_id, *message.references), chat_id)


def remember_ids(ws: WorkingSet, source_ids: tuple[str, ...], chat_id: int) -> None:
    """The same for these ids."""
    if not ws.account.can(Capability.THREADS):
        return
    ids = {clean_line(source_id) for source_id in source_ids} - {""}
    for source_id in sorted(ids - ws.ids.chats.keys()):
        ws.make("known_id", account_id=ws.account.id, source_id=source_id, chat_id=chat_id)
    ws.ids.lead(ids, chat_id)
