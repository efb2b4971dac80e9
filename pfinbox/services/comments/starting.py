"""A conversation that we begin: its task, the first comment and its deliveries at once (R29, R45).

Until then nothing is stored of it but a draft, which belongs to no task.
"""

from dataclasses import replace
from datetime import datetime

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Notify, Task, Who
from pfinbox.domain.outbound.planning.delivery_plan import Answered, DeliveryPlan
from pfinbox.domain.outbound.planning.templates import TemplateChoice
from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.domain.recipients.forwarding import by_address
from pfinbox.domain.tasks.then import STAYS, Then
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.comments import comments, conversations, correspondents, planning
from pfinbox.services.comments.comments import CommentRequest, Saved
from pfinbox.services.comments.planning import Context
from pfinbox.services.tasks import drafts
from pfinbox.store import load
from pfinbox.store.uow import UnitOfWork

# The draft of a new mail belongs to no task.
NO_TASK, DRAFT = 0, "mail"


@record
class StartRequest:
    """What to say, by which account; by e-mail to addresses, else to a contact."""

    account: str
    text: str = ""
    title: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    contact_id: int | None = None
    attachments: tuple[File, ...] = ()
    # The same key twice is one conversation.
    client_key: str | None = None
    undo_seconds: float = 0
    # When it goes out (R18); None: now. ``send_anyway``: even if the client writes before.
    send_at: datetime | None = None
    send_anyway: bool = False
    # What becomes of the task with it.
    then: Then = STAYS
    # The mode of the draft that it was.
    draft: str = DRAFT
    # An approved text in place of one's own (R25).
    template: TemplateChoice | None = None


@record
class Started:
    task_id: int
    saved: Saved


async def senders(uow: UnitOfWork, actor: AgentActor) -> list[str]:
    """The accounts by which this agent can begin a mail, shared ones first."""
    found = [
        account
        for account in (await access.accounts(uow, actor)).values()
        if account.configured and account.can(Capability.GLOBAL_ADDRESSES)
    ]
    return [one.name for one in sorted(found, key=lambda account: account.role == "personal")]


async def start(uow: UnitOfWork, actor: AgentActor, request: StartRequest) -> Started:
    """Store all of it, or nothing; the client is whoever stands first in To."""
    if request.client_key is not None:
        for comment_id, due_at in (await load.comments.by_key(uow, [request.client_key])).values():
            task = await access.task_of_comment(uow, actor, comment_id)
            return Started(task.id, Saved(comment_id, due_at))
    notify = _notify(request)
    if request.contact_id is not None:
        task_id = await conversations.message(
            uow, actor, request.contact_id, request.account, title=request.title or None
        )
    else:
        task_id, _contact_id = await conversations.message_to(
            uow, actor, request.to[0], request.account, title=request.title
        )
    saved = await comments.add_comment(
        uow,
        actor,
        CommentRequest(
            task_id,
            request.text,
            notify,
            template=request.template,
            attachments=request.attachments,
            client_key=request.client_key,
            undo_seconds=request.undo_seconds,
            send_at=request.send_at,
            send_anyway=request.send_anyway,
            then=request.then,
        ),
    )
    await drafts.drop(uow, actor, NO_TASK, request.draft)
    return Started(task_id, saved)


async def plan(uow: UnitOfWork, actor: AgentActor, request: StartRequest) -> DeliveryPlan:
    """To whom it would go, and by what; nothing is stored."""
    if request.contact_id is not None:
        root = await access.the_contact(uow, actor, request.contact_id)
        request = replace(request, contact_id=root)
    notify = _notify(request)
    account = await access.the_account(uow, actor, request.account)
    side = await load.cards.our_side(uow)
    for party in notify.newcomers:
        if side.is_ours(party.value):
            words = _("{address} is an address of our own")
            raise Refused(words.format(address=party.value))
    known, invited = await correspondents.known(uow, notify)
    for contact_id in invited:
        if not await access.knows(uow, actor, contact_id):
            # Whose card it is shows when the mail is stored, not before (R46).
            known, invited = notify, frozenset()
    client = next(iter(known.contacts), None)
    task = Task(0, request.title, "", True, client, account.id)
    return await planning.plan_in(
        uow,
        actor,
        Context(task),
        known,
        None,
        Answered(addressed=invited),
        files=[file.weighed for file in request.attachments],
    )


def _notify(request: StartRequest) -> Notify:
    if request.contact_id is not None:
        return Notify((Who("contact", request.contact_id),), reply_via=request.account)
    if not request.to:
        raise UsageError(_("say to which address it goes"))
    return by_address(_parties(request.to), _parties(request.cc), request.account)


def _parties(typed: tuple[str, ...]) -> list[Party]:
    return [mailbox(one) for one in typed]
