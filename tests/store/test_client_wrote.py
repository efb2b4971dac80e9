"""What counts as the client's word is the same in SQL and in the domain (R18, R41)."""

from dataclasses import fields
from itertools import product
from typing import Any

from sqlalchemy import select

from pfinbox.domain import client_wrote as rules
from pfinbox.domain.client_wrote import CommentFacts
from pfinbox.store import client_wrote
from pfinbox.store import tables as t
from tests.store.seed import NOW, Seed


async def test_r18_both_say_the_same_of_every_kind_of_comment(seed: Seed) -> None:
    anna, account = await seed.agent("anna"), await seed.account("support", "email")
    maria, supplier = await seed.contact("Maria"), await seed.contact("Supplier")
    merged_card = await seed.contact("Maria at home", root_id=maria)
    chats = {
        False: await seed.chat(account, maria, "own"),
        True: await seed.chat(account, supplier, "outside"),
    }
    tasks = {
        False: await seed.task(contact_id=merged_card),
        True: await seed.task(contact_id=maria, spam=True, deleted_at=NOW),
    }
    await seed.set(t.chat, chats[True], outside=True)
    names = [field.name for field in fields(CommentFacts)]
    every = [CommentFacts(*bits) for bits in product((False, True), repeat=len(names))]
    kinds: dict[int, CommentFacts] = {}
    rows: list[dict[str, Any]] = []
    for number, facts in enumerate(every, start=1):
        kinds[number] = facts
        rows.append(
            {
                "id": number,
                "task_id": tasks[facts.spam],
                "direction": "incoming" if facts.incoming else "outgoing",
                "contact_id": (maria if facts.by_client else supplier) if facts.incoming else None,
                "agent_id": None if facts.incoming else anna,
                "text": "Hello",
                "created_at": NOW,
                "automatic": facts.automatic,
                "imported": facts.imported,
                "deleted_at": NOW if facts.deleted else None,
                "chat_id": chats[facts.outside],
            }
        )
    await seed.rows(t.comment, *rows)
    async with seed.store.read() as uow:
        wrote = set(
            await uow.connection.scalars(select(t.comment.c.id).where(client_wrote.client_wrote()))
        )
        heard = set(
            await uow.connection.scalars(select(t.comment.c.id).where(client_wrote.is_heard()))
        )
    assert heard == {number for number, facts in kinds.items() if rules.is_heard(facts)}
    assert wrote == {number for number, facts in kinds.items() if rules.client_wrote(facts)}
    assert 0 < len(wrote) < len(heard)
