"""What taking a merged task out would mean: which comments go, and whether it may be done (R33)."""

from datetime import datetime

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.merging import parting as rules
from pfinbox.domain.merging.parting import Parting
from pfinbox.domain.merging.tree import Tree
from pfinbox.domain.model import Binding
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.store import load
from pfinbox.store.read import visibility
from pfinbox.store.uow import UnitOfWork


@record
class Place:
    """One comment of a merged conversation and the task where it would be."""

    comment_id: int
    task_id: int
    direction: str
    internal: bool
    line: str
    at: datetime
    # The comment was written in another task of the merge and follows the chat of its delivery.
    moves: bool = False


@record
class Preview:
    """What an unmerge would do; ``refusal`` says why it cannot be done now."""

    survivor_id: int
    task_id: int
    places: tuple[Place, ...]
    refusal: str | None = None


@record
class Plan:
    """What an unmerge means, with what it was decided over."""

    parting: Parting
    tree: Tree
    bindings: tuple[Binding, ...]


async def preview_unmerge(uow: UnitOfWork, actor: AgentActor, task_id: int) -> Preview:
    """Where each comment of the conversation would be; nothing is changed."""
    parting = (await part(uow, actor, task_id)).parting
    refusal = None
    try:
        await must_be_allowed(uow, actor, parting)
    except Refused as refused:
        refusal = str(refused)
    moving = {said.id for said in parting.moving}
    places = tuple(
        Place(
            comment_id=said.id,
            task_id=task_id if said.id in parting.going else parting.survivor.id,
            direction="outgoing" if said.outgoing else "incoming",
            internal=said.internal,
            line=said.line,
            at=said.at,
            moves=said.id in moving,
        )
        for said in parting.comments
    )
    return Preview(parting.survivor.id, task_id, places, refusal)


async def part(uow: UnitOfWork, actor: AgentActor, task_id: int) -> Plan:
    """What taking the task out of its survivor means."""
    survivor = await access.the_task(uow, actor, task_id)
    leaving = await load.tasks.own(uow, task_id)
    if survivor.id == task_id:
        raise Refused(_("task #{id} is not merged into another one").format(id=task_id))
    tree = await load.merges.tree(uow, "task", survivor.id)
    comments = await load.comments.spoken(uow, survivor.id)
    bindings = await load.chats.bindings(uow, [survivor.id])
    return Plan(rules.part(survivor, leaving, tree, comments, bindings), tree, tuple(bindings))


async def must_be_allowed(uow: UnitOfWork, actor: AgentActor, parting: Parting) -> None:
    """Refused when one chat would have two open tasks (R4)."""
    others = rules.open_elsewhere(parting)
    who = await visibility.viewer(uow, actor)
    if parting.leaving.open and others - await visibility.visible_among(uow, who, others):
        raise Refused(_("its chat goes on in a task that you may not see"))
    rules.must_leave_one_task_a_chat(parting)
