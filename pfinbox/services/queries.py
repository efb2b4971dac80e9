"""What front ends look up: over a unit of work and, second, the agent who asks."""

from dataclasses import replace

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store import read
from pfinbox.store.read import (
    attachment_content,
    choices,
    colleagues,
    contact,
    contact_line,
    contacts,
    details,
    draft_count,
    drafts,
    merged_into,
    news,
    picture,
    portal_visits,
    quarantine,
    quarantine_raw,
    saved_counts,
    tasks,
    team,
    views,
    vocabulary,
)
from pfinbox.store.rows import (
    AccountRow,
    AgentRow,
    AttachmentRow,
    ContactRow,
    Conversation,
    DaemonRow,
    DeliveryRow,
    PortalVisitsRow,
)
from pfinbox.store.uow import UnitOfWork

__all__ = [
    "Card",
    "Health",
    "OutboxPage",
    "attachment_content",
    "card",
    "choices",
    "colleagues",
    "contact",
    "contact_line",
    "contacts",
    "conversation",
    "details",
    "draft_count",
    "drafts",
    "files",
    "health",
    "merged_into",
    "myself",
    "news",
    "outbox",
    "picture",
    "quarantine",
    "quarantine_raw",
    "saved_counts",
    "statuses",
    "tasks",
    "team",
    "views",
    "vocabulary",
]


@record
class Health:
    """How messages come and go: the accounts, the daemon that is alive, room on the disk."""

    accounts: tuple[AccountRow, ...]
    daemon: DaemonRow | None
    # Why nothing can be stored, None while there is room.
    full: Reason | None


@record
class Card:
    """A contact's card, the numbers and names of those merged into it, and visits to the page."""

    contact: ContactRow
    inside: tuple[tuple[int, str], ...]
    visits: PortalVisitsRow


@record
class OutboxPage:
    """All deliveries that are not over, next due first, and their comments' texts by id."""

    rows: tuple[DeliveryRow, ...]
    texts: dict[int, str]
    # Why nothing is sent at all, after a restore or a move.
    held: Reason | None = None


async def conversation(
    uow: UnitOfWork, actor: AgentActor, task_id: int, *, limit: int | None = 200
) -> Conversation:
    """The newest ``limit`` comments of a task; NotFound when it is not this agent's to see.

    Comments that were taken back are left out: they are drafts again.
    """
    held = await read.conversation(uow, actor, task_id, limit=limit)
    return replace(held, comments=tuple(row for row in held.comments if not row.taken_back))


async def files(
    uow: UnitOfWork, actor: AgentActor, task_id: int, comment_id: int | None
) -> tuple[AttachmentRow, ...]:
    """The files of a comment; None: of the last comment that has some (R20)."""
    held = await read.conversation(uow, actor, task_id, limit=None)
    rows = [c for c in held.comments if comment_id in (None, c.id) and c.attachments]
    return rows[-1].attachments if rows else ()


async def card(uow: UnitOfWork, actor: AgentActor, contact_id: int) -> Card:
    row = await read.contact(uow, actor, contact_id)
    visits = await portal_visits.visits(uow, row.id)
    return Card(row, await read.cards_within(uow, contact_id), visits)


async def outbox(uow: UnitOfWork, actor: AgentActor) -> OutboxPage:
    rows = await read.deliveries(uow, actor)
    texts = await read.texts(uow, {row.comment_id for row in rows})
    return OutboxPage(rows, texts, await read.sending_held(uow))


async def myself(uow: UnitOfWork, actor: AgentActor) -> tuple[AgentRow, tuple[AgentRow, ...]]:
    """This agent, and the colleagues who can stand in (R44)."""
    rows = await read.agents(uow)
    mine = [row for row in rows if row.id == actor.id]
    if not mine:
        raise NotFound(_("you are no agent of this inbox any more"))
    return mine[0], tuple(row for row in rows if row.active and row.id != actor.id)


async def health(uow: UnitOfWork, actor: AgentActor) -> Health:
    accounts = await read.accounts(uow, actor)
    return Health(accounts, await read.daemon(uow), read.full_disk(uow))


async def statuses(uow: UnitOfWork, _actor: AgentActor) -> tuple[tuple[str, bool], ...]:
    """Names and whether active, in the configured order: the same for every agent."""
    return await read.statuses(uow)
