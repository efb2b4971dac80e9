"""Forwarding: chosen comments and their files go to somebody outside, by e-mail (R45).

It is a comment like any other, in a thread of its own: what is answered there comes back into the
task, and reaches the client only when a person writes to the client.
"""

from datetime import datetime

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.files import File
from pfinbox.domain.model import Notify, Task
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan
from pfinbox.domain.recipients import forwarding as rules
from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.domain.recipients.forwarding import Passable
from pfinbox.domain.tasks.then import STAYS, Then
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.comments import comments, planning
from pfinbox.services.comments.comments import CommentRequest, Saved
from pfinbox.services.tasks import drafts
from pfinbox.store import files, load, snapshots
from pfinbox.store.uow import UnitOfWork

# The mode of the draft of a forward; it belongs to its task.
DRAFT = "forward"


@record
class ForwardRequest:
    """What to pass on, and to which e-mail addresses."""

    task_id: int
    to: tuple[str, ...]
    # None: the client's last comment.
    comment_ids: tuple[int, ...] = ()
    text: str = ""
    cc: tuple[str, ...] = ()
    # None: that of the first comment.
    subject: str | None = None
    # Which files of these comments go along; None: all of them.
    file_ids: tuple[int, ...] | None = None
    attachments: tuple[File, ...] = ()
    client_key: str | None = None
    undo_seconds: float = 0
    # When it goes out (R18); None: now. ``send_anyway``: even if the client writes before.
    send_at: datetime | None = None
    send_anyway: bool = False
    # What becomes of the task with it.
    then: Then = STAYS


async def forward(uow: UnitOfWork, actor: AgentActor, request: ForwardRequest) -> Saved:
    """Store the forward as a comment and queue it; Refused leaves nothing behind."""
    task = await access.living_task(uow, actor, request.task_id)
    notify, chosen = await _decided(uow, task, request)
    accounts = await snapshots.accounts(uow)
    written_by = {one.author_id for one in chosen if one.author_id is not None}
    authors = await snapshots.contacts(uow, written_by)
    attached = [
        one
        for one in await load.originals.attachments(uow, [one.id for one in chosen])
        if request.file_ids is None or one in request.file_ids
    ]
    saved = await comments.add_comment(
        uow,
        actor,
        CommentRequest(
            task.id,
            request.text,
            notify,
            quote_id=chosen[0].id if len(chosen) == 1 else None,
            attachments=(*await files.load(uow, attached), *request.attachments),
            forwarded=tuple(rules.passed_on(task, one, accounts, authors) for one in chosen),
            subject=request.subject or None,
            client_key=request.client_key,
            # What is written to the client goes on as it is.
            keep_draft=True,
            undo_seconds=request.undo_seconds,
            send_at=request.send_at,
            send_anyway=request.send_anyway,
            then=request.then,
        ),
    )
    await drafts.drop(uow, actor, task.id, DRAFT)
    return saved


async def plan(uow: UnitOfWork, actor: AgentActor, request: ForwardRequest) -> DeliveryPlan:
    """To whom it would go, and by what; nothing is stored."""
    task = await access.living_task(uow, actor, request.task_id, lock=False)
    notify, _chosen = await _decided(uow, task, request)
    return await planning.plan(uow, actor, task.id, notify)


async def _decided(
    uow: UnitOfWork, task: Task, request: ForwardRequest
) -> tuple[Notify, list[Passable]]:
    """Who gets the forward, and the comments in it."""
    values = [mailbox(one).value for one in (*request.to, *request.cc)]
    side, cards = await load.cards.our_side(uow), await load.cards.by_mail(uow, values)
    notify = rules.recipients(task, request.to, request.cc, side, cards)
    passable = await load.originals.passable(uow, task.id, request.comment_ids)
    return notify, rules.chosen(task, passable, request.comment_ids)
