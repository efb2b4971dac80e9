"""What a merge of tasks would bring together, and what it would ask; nothing is changed (R32)."""

from collections.abc import Sequence

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.merging.joining import join, ways
from pfinbox.errors import Refused
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.store import read, snapshots
from pfinbox.store.rows import Conversation, TaskRow
from pfinbox.store.uow import UnitOfWork


@record
class MergePreview:
    """``question``: why it must be wanted expressly; ``accounts``: to choose one to answer by."""

    survivor_id: int
    question: str | None = None
    accounts: tuple[str, ...] = ()


@record
class Together:
    """What a merge brings together: the rule's word about it, and the tasks, survivor first."""

    preview: MergePreview
    parts: tuple[Conversation, ...]


async def merge_targets(
    uow: UnitOfWork, actor: AgentActor, contact_id: int | None
) -> tuple[TaskRow, ...]:
    """Tasks to merge with: the client's own first, finished ones too, then the newest."""
    rows: list[TaskRow] = []
    if contact_id is not None:
        rows += (await read.contact(uow, actor, contact_id)).tasks
    rows += (await read.tasks(uow, actor, "active", limit=300)).rows
    return tuple({row.id: row for row in rows}.values())


async def together(
    uow: UnitOfWork, actor: AgentActor, survivor_id: int, other_ids: Sequence[int]
) -> Together:
    """The preview with the newest comments of each task; Refused where no merge can be."""
    found = await preview_merge(uow, actor, survivor_id, other_ids)
    task_ids = (found.survivor_id, *other_ids)
    parts = [await read.conversation(uow, actor, i, limit=200) for i in task_ids]
    return Together(found, tuple(parts))


async def preview_merge(
    uow: UnitOfWork, actor: AgentActor, survivor_id: int, other_ids: Sequence[int]
) -> MergePreview:
    """Refused and NotFound as the merge itself."""
    survivor = await access.living_task(uow, actor, survivor_id, lock=False)
    others = [await access.living_task(uow, actor, i, lock=False) for i in other_ids]
    ids = {x.contact_id for x in (survivor, *others) if x.contact_id is not None}
    contacts = await snapshots.contacts(uow, ids)
    accounts = await snapshots.accounts(uow)
    question: str | None = None
    choices: tuple[str, ...] = ()
    try:
        join(survivor, others, contacts, accounts, force=True)
    except Refused:
        choices = tuple(sorted({accounts[c.account_id].name for c in ways(survivor, *others)}))
    via = choices[0] if choices else None
    try:
        join(survivor, others, contacts, accounts, reply_via=via)
    except Refused as refused:
        question = str(refused)
    return MergePreview(survivor.id, question, choices)
