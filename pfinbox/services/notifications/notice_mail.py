"""The mail of a notice (R22), put together when it is about to leave."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Agent, Task
from pfinbox.domain.notices import text as notice_text
from pfinbox.domain.notices.answers import may_answer_again, new_token
from pfinbox.i18n import _, speaking
from pfinbox.services import access
from pfinbox.services.notifications import addressees
from pfinbox.store import load, snapshots
from pfinbox.store.load.outbound.notices import Letter, Told
from pfinbox.store.uow import UnitOfWork


async def envelope(uow: UnitOfWork, part_id: int) -> tuple[Outgoing, str]:
    """The envelope of the part of a notice and its nonce, in the language that its agent reads."""
    letter = await load.notices.letter(uow, part_id)
    told = await load.notices.told(uow, letter.comment_id)
    task = await snapshots.task(uow, letter.task_id)
    agent = (await snapshots.agents(uow, [letter.agent_id]))[letter.agent_id]
    account = (await snapshots.accounts(uow))[letter.account_id]
    subject, sender = f"#{task.id} {task.title}", ""
    with speaking(letter.language):
        if letter.reason is not None:
            text, token = await _told(uow, task, agent, account, told, letter, letter.reason)
            subject = _("Not sent: {subject}").format(subject=subject)
        else:
            text, token = await _news(uow, task, agent, account, told.id, _zone(letter))
            sender = told.author
            if told.author_id is not None:
                sender = addressees.marked(task, told.author_id, told.author)
    outgoing = Outgoing(
        chat_key=None,
        to=(Party(letter.address, agent.name),),
        text=text,
        created_at=letter.first_tried_at or uow.now,
        source_id=letter.source_id,
        subject=subject,
        references=tuple(await load.notices.earlier(uow, task.id, letter)),
        answer_token=token,
        sender_name=sender,
        automatic=True,
    )
    return outgoing, letter.nonce


async def _news(
    uow: UnitOfWork,
    task: Task,
    agent: Agent,
    account: Account,
    comment_id: int,
    zone: tzinfo,
    *,
    first: str = "",
) -> tuple[str, str | None]:
    """The text, and the answer address's token where this account can have one."""
    entries = await load.notices.entries(uow, task.id, comment_id)
    goes_to: list[str] | None = None
    token = None
    if account.can(Capability.ANSWER_ADDRESSES):
        who = await addressees.of_answer(uow, task, comment_id, agent.id, account)
        goes_to = await addressees.names(uow, task, who)
        own = await load.comments.task_of(uow, comment_id=comment_id)
        token = new_token(agent.id, own or task.id, comment_id, uow.now).spelled()
    text = notice_text.news(task.id, task.title, entries, zone, goes_to=goes_to, first=first)
    return text, token


async def _told(
    uow: UnitOfWork,
    task: Task,
    agent: Agent,
    account: Account,
    note: Told,
    letter: Letter,
    reason: Reason,
) -> tuple[str, str | None]:
    # A note may quote a stranger, unless the mail came from the agent's own address.
    words = note.words if note.agent_id == agent.id else None
    text = notice_text.told(task.id, reason, words)
    if not may_answer_again(reason, agent) or not await access.may_see(uow, agent, task):
        return text, None
    answered_id = note.quote_id
    if reason.kind == "client_wrote":
        answered_id = await load.notices.last_of_client(uow, task.id) or answered_id
    if answered_id is None:
        return text, None
    return await _news(uow, task, agent, account, answered_id, _zone(letter), first=text)


def _zone(letter: Letter) -> tzinfo:
    try:
        return ZoneInfo(letter.timezone) if letter.timezone else UTC
    except (OSError, ValueError):  # this machine does not know it
        return UTC
