"""Loading the working set of a received batch: the number of statements is not the batch's size."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Row,
    Select,
    Text,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy import table as named_table

from pfinbox.domain.access import AccountAccess
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.inbound.identity import purged as rules
from pfinbox.domain.inbound.identity.repeats import Mark, mark
from pfinbox.domain.inbound.known import NamedComment
from pfinbox.domain.inbound.working_set import WorkingSet, known_by_bytes, names_of
from pfinbox.domain.model import Account
from pfinbox.domain.outbound.delivery import PartState
from pfinbox.domain.recipients.correspondents import our_side
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.load import purged
from pfinbox.store.load.inbound import chats, people, tasks
from pfinbox.store.load.inbound.chat_statements import notified_agents
from pfinbox.store.tables.base import BigInt
from pfinbox.store.uow import UnitOfWork

_SEQUENCE = named_table("sqlite_sequence", column("name", Text()), column("seq", BigInteger()))
_own, _root = t.task.alias("own"), t.task.alias("root")
# Ids in one statement; each of its selects names them all.
_IDS = 300


async def working_set(
    uow: UnitOfWork, account_id: int, items: Sequence[Incoming], *, reread: bool = False
) -> WorkingSet:
    """What the batch is decided over; ``reread``: also where their receipts are there already."""
    rows = (await uow.connection.execute(_accounts(is_sqlite=uow.sqlite))).all()
    accounts = {row.id: snapshots.account_of(row) for row in rows}
    agents = await snapshots.agents(uow)
    account, head = accounts[account_id], rows[0]
    # What comes twice under one key is looked at once.
    marks = {one.key: mark(one) for one in reversed(items)}
    key = bytes.fromhex(head.mac_key) if head.any_purged else None
    ws = WorkingSet(
        now=uow.now,
        account=account,
        accounts=accounts,
        access={row.id: _access(row) for row in rows},
        agents=agents,
        side=our_side(accounts.values(), agents.values()),
        statuses=_statuses(head.statuses),
        mail_account=(head.inbox or {}).get("mail_account"),
        marks=marks,
        receipts=set(),
        by_bytes={},
        purged=await _purged(uow, account, items, marks, key),
        highest=_highest(head.highest),
    )
    await _by_bytes(uow, ws, items)
    await _named(uow, ws, names_of(items))
    left = [one for one in items if reread or one.key not in ws.receipts]
    await people.load(uow, ws, left)
    await chats.load(uow, ws, left)
    await tasks.load(uow, ws, left)
    return ws


@cache
def _accounts(*, is_sqlite: bool) -> Select[Any]:
    """All accounts, each beside what the store says of itself: one question instead of four."""
    served_by = select(func.aggregate_strings(cast(t.account_agent.c.agent_id, Text), " ")).where(
        t.account_agent.c.account_id == t.account.c.id
    )
    line = cast(t.status.c.position, Text) + case((t.status.c.active, " 1 "), else_=" 0 ")
    numbers = _SEQUENCE.c.name + literal(" ") + cast(_SEQUENCE.c.seq, Text)
    head = {
        "mac_key": select(t.setting.c.value).where(t.setting.c.name == "mac_key"),
        "inbox": select(t.setting.c.value).where(t.setting.c.name == "inbox"),
        "statuses": select(func.aggregate_strings(line + t.status.c.name, "\n")),
        # PostgreSQL gives ids from its sequences when they are taken.
        "highest": select(func.aggregate_strings(numbers, "\n"))
        if is_sqlite
        else select(literal(None, Text)),
    }
    return select(
        t.account,
        served_by.scalar_subquery().label("served_by"),
        exists().where(t.purged_id.c.hash != "").label("any_purged"),
        *(one.scalar_subquery().label(name) for name, one in head.items()),
    ).order_by(t.account.c.id)


def _access(row: Row[Any]) -> AccountAccess:
    return AccountAccess(
        id=row.id,
        personal=row.role == "personal",
        owner_id=row.owner_id,
        agent_ids=frozenset(int(one) for one in (row.served_by or "").split()),
        awaits=row.awaits is not None,
    )


def _highest(lines: str | None) -> dict[str, int]:
    parts = (line.split(" ") for line in (lines or "").split("\n") if line)
    return {name: int(number) for name, number in parts}


def _statuses(lines: str | None) -> dict[str, bool]:
    parts = [line.split(" ", 2) for line in (lines or "").split("\n") if line]
    ordered = sorted((int(position), name, active) for position, active, name in parts)
    return {name: active == "1" for _position, name, active in ordered}


async def _by_bytes(uow: UnitOfWork, ws: WorkingSet, items: Sequence[Incoming]) -> None:
    shas = {ws.marks[one.key].sha256 for one in items if known_by_bytes(one)}
    if not shas:
        return
    same = (
        select(t.receipt.c.sha256, t.receipt.c.comment_id, _root.c.spam)
        .outerjoin(t.comment, t.comment.c.id == t.receipt.c.comment_id)
        .outerjoin(_own, _own.c.id == t.comment.c.task_id)
        .outerjoin(_root, _root.c.id == _own.c.root_id)
        .where(t.receipt.c.account_id == ws.account.id, t.receipt.c.sha256.in_(shas))
        .order_by(t.receipt.c.id)
    )
    for row in await uow.connection.execute(same):
        ws.by_bytes.setdefault(row.sha256, row.comment_id)
        if row.spam:
            ws.in_spam.add(row.comment_id)


async def _purged(
    uow: UnitOfWork,
    account: Account,
    items: Sequence[Incoming],
    marks: dict[str, Mark],
    key: bytes | None,
) -> frozenset[str]:
    if key is None or not items:
        return frozenset()
    by_key = {one.key: rules.hashes(key, account, one, marks[one.key]) for one in reversed(items)}
    found = await purged.purged_of(uow, frozenset().union(*by_key.values()))
    return frozenset(one for one, hashes in by_key.items() if hashes & found)


async def _named(uow: UnitOfWork, ws: WorkingSet, names: Collection[str]) -> None:
    """The chats and comments that these source ids mean in the account; which receipts it has."""
    ids, keys = sorted(names), list(ws.marks)
    for start in range(0, max(len(ids), 1), _IDS):
        values = {"account_id": ws.account.id, "names": ids[start : start + _IDS], "keys": keys}
        keys = []
        for row in await uow.connection.execute(_meanings(), values):
            if row.how == "receipt":
                ws.receipts.add(row.source_id)
                continue
            if row.how == "leads":
                ws.ids.chats[row.source_id] = row.chat_id
                continue
            comment = NamedComment(
                row.comment_id,
                row.how,
                row.chat_id,
                row.contact_id,
                row.digest,
                in_doubt=row.state in (PartState.TRANSMITTING, PartState.UNKNOWN),
            )
            ws.ids.add(row.source_id, comment)
            ws.notified[row.comment_id] = frozenset(map(int, (row.notified or "").split()))
            if row.state == "spam":
                ws.in_spam.add(row.comment_id)


@cache
def _meanings() -> CompoundSelect[Any]:
    no_id, no_text = literal(None, BigInt), literal(None, Text)

    def mean(
        table: Any, how: str, comment: Any, chat: Any, card: Any, digest: Any, state: Any = no_text
    ) -> Any:
        return select(
            literal(how, Text).label("how"),
            table.c.source_id,
            comment.label("comment_id"),
            chat.label("chat_id"),
            card.label("contact_id"),
            digest.label("digest"),
            state.label("state"),
            (notified_agents(comment) if how != "leads" else no_text).label("notified"),
        ).where(
            table.c.account_id == bindparam("account_id"),
            table.c.source_id.in_(bindparam("names", expanding=True)),
        )

    came, went, beside, leads = t.comment, t.part, t.comment_alias, t.known_id
    received = (
        select(
            literal("receipt", Text),
            t.receipt.c.key,
            no_id,
            no_id,
            no_id,
            no_text,
            no_text,
            no_text,
        )
        .where(t.receipt.c.account_id == bindparam("account_id"))
        .where(t.receipt.c.key.in_(bindparam("keys", expanding=True)))
    )
    return union_all(
        mean(leads, "leads", no_id, leads.c.chat_id, no_id, no_text),
        received,
        mean(
            came,
            "came",
            came.c.id,
            came.c.chat_id,
            t.contact.c.root_id,
            came.c.digest,
            case((_root.c.spam, "spam")),
        ).select_from(
            came.join(_own, _own.c.id == came.c.task_id)
            .join(_root, _root.c.id == _own.c.root_id)
            .outerjoin(t.contact, t.contact.c.id == came.c.contact_id)
        ),
        mean(went, "went", went.c.comment_id, went.c.chat_id, no_id, no_text, went.c.state),
        mean(beside, "beside", beside.c.comment_id, no_id, no_id, no_text),
    )
