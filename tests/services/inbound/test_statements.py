"""Receiving loads, decides and writes: how many statements that takes is not the batch's size."""

from dataclasses import replace
from typing import Any

from sqlalchemy import event

from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.party import Party
from tests.builders import Inbox


def mail(inbox: Inbox, n: int, *, by: int, answers: int | None = None) -> Incoming:
    message = Message(
        source_id=f"<{n}@x>",
        chat_key=None,
        sender=Party(f"client{by}@client.example", f"Client {by}"),
        sent_at=inbox.clock.now,
        text=f"Words {n}",
        title="A question",
        references=(f"<{answers}@x>",) if answers is not None else (),
    )
    return Incoming(key=f"INBOX:1:{n}", raw=message.text.encode(), event=message)


async def statements(inbox: Inbox, *items: Incoming) -> int:
    """How many it takes to receive these in one batch, the transaction's own left out."""
    said: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    engine = inbox.store.writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await inbox.receive("support", *items, cursor="here")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len([one for one in said if not one.startswith("BEGIN")])


async def test_a_batch_takes_as_many_statements_as_one_message(inbox: Inbox) -> None:
    # PostgreSQL: chats, tasks, new ids. SQLite: the words of new comments.
    more = 1 if inbox.store.sqlite else 4
    first = [mail(inbox, n, by=n) for n in range(20)]
    assert await statements(inbox, *first) <= 18 + more, "new clients"
    answer = mail(inbox, 100, by=0, answers=0)
    assert await statements(inbox, answer) <= 14 + more, "a live answer"
    answers = [mail(inbox, 200 + n, by=n, answers=n) for n in range(20)]
    assert await statements(inbox, *answers) <= 14 + more, "twenty of them"
    again = [replace(one, key=f"again {one.key}") for one in answers]
    assert await statements(inbox, *again) <= 10 + more, "repeats"
