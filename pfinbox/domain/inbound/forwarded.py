"""A client's mail that an agent forwards to us is that client's mail, marked unverified (R43).

What the forward says of it proves nothing: it opens a task of its own, whoever wrote before and
whatever it names, nothing is answered by a program, and it goes to nobody by itself.
"""

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Incoming, Message, Original, Sort
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.notices.answers import read_token
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.record import record


@record
class Forward:
    """The client's ``message``, and who forwarded it with which words."""

    message: Message
    agent_id: int
    note: str
    verified: bool


def by_agent(ws: WorkingSet, message: Message) -> Forward | None:
    """What an agent forwards with this mail; None where it is no such mail."""
    original = message.original
    if original is None or not ws.account.can(Capability.GLOBAL_ADDRESSES):
        return None
    if message.sort in (Sort.BOUNCE, Sort.OWN_LOOP) or message.sent_elsewhere or message.in_sent:
        return None
    if read_token(message.tokens) is not None:
        return None  # it answers a notice
    side = ws.side
    agent_id = side.agent(clean_line(message.sender.value))
    value = clean_line(original.sender.value)
    if agent_id is None or side.is_ours(value) or not value:
        return None
    agent = ws.agents.get(agent_id)
    if agent is None or not agent.active:
        return None
    why = Reason("forwarded", {"by": agent.name, "date": clean_line(original.dated) or "?"})
    as_written = _as_written(message, original, why)
    return Forward(as_written, agent_id, clean(original.note).strip(), message.verified is True)


def _as_written(message: Message, original: Original, why: Reason) -> Message:
    """The client's mail; of the forward it has when it came, and under which id."""
    return Message(
        source_id=message.source_id,
        chat_key=None,
        sender=original.sender,
        sent_at=message.sent_at,
        text=original.text,
        new_text=original.new_text,
        title=original.title,
        claimed_at=original.claimed_at,
        files=original.files,
        verified=False,
        no_auto_reply=True,
        spam=message.spam,
        warnings=(why, *message.warnings),
    )


def note(ws: WorkingSet, incoming: Incoming, forward: Forward, comment_id: int) -> None:
    """What the agent wrote above it, as an internal note below it."""
    if not forward.note:
        return
    beside = ws.decided.made["comment"][comment_id]
    # A forward opens a task of its own.
    ws.tasks[beside["task_id"]].agents_wrote[forward.agent_id] = beside["created_at"]
    ws.make(
        "comment",
        task_id=beside["task_id"],
        direction="outgoing",
        agent_id=forward.agent_id,
        text=forward.note,
        created_at=beside["created_at"],
        internal=True,
        imported=incoming.history,
        verified=forward.verified,
        account_id=ws.account.id,
        chat_id=beside["chat_id"],
        matched_by=Reason("forward_note").as_json(),
    )
