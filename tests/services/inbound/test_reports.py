"""R24: what the other side tells of a message later on moves its delivery forward, never back."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from pfinbox.domain.contract.incoming import Fate, Incoming, Message, Report
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.store import tables as t
from tests.builders import Inbox, client


async def an_answer(inbox: Inbox, state: str = "sent") -> None:
    await inbox.says("Hello")
    saved = await inbox.comment(1, to=[client(1)])
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.part).values(source_id="ours", state=state))
        await uow.connection.execute(update(t.delivery).values(state=state))
        part_id = await uow.connection.scalar(select(t.part.c.id))
        await uow.connection.execute(
            insert(t.comment_alias).values(
                account_id=inbox.account_ids["bot"],
                source_id="theirs",
                comment_id=saved.comment_id,
                part_id=part_id,
            )
        )
        await uow.commit()


async def told(inbox: Inbox, *reports: tuple[str, Fate]) -> None:
    for number, (source_id, fate) in enumerate(reports):
        reason = Reason("rejected", {"detail": "no credit"}) if fate is Fate.FAILED else None
        event = Report(source_id=source_id, fate=fate, at=inbox.clock.now, reason=reason)
        await inbox.receive("bot", Incoming(key=f"r{number}{fate}", raw=b"x", event=event))


async def found(inbox: Inbox) -> tuple[str, bool, bool]:
    async with inbox.store.read() as uow:
        d = t.delivery.c
        row = (await uow.connection.execute(select(d.state, d.delivered_at, d.seen_at))).one()
    return row[0], row[1] is not None, row[2] is not None


@pytest.mark.parametrize("name", ["ours", "theirs"])
async def test_r24_a_failure_that_comes_late_is_an_alarm(inbox: Inbox, name: str) -> None:
    await an_answer(inbox)
    await told(inbox, (name, Fate.FAILED), (name, Fate.FAILED))
    assert await found(inbox) == ("failed", False, False)
    async with inbox.store.read() as uow:
        part = await uow.connection.scalar(select(t.part.c.state))
        error = await uow.connection.scalar(select(t.delivery.c.error))
    assert (part, error and error["kind"]) == ("failed", "rejected")


async def test_r24_whoever_tells_that_it_was_seen_has_it(inbox: Inbox) -> None:
    await an_answer(inbox, "unknown")
    await told(inbox, ("theirs", Fate.SEEN), ("theirs", Fate.DELIVERED))
    assert await found(inbox) == ("sent", True, True)


async def test_r24_what_comes_back_proves_a_message_whose_answer_was_lost(inbox: Inbox) -> None:
    await an_answer(inbox, "unknown")
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.part).values(source_id=None, nonce="n7"))
        await uow.commit()
    event = Report(source_id="wamid.7", fate=Fate.SENT, at=inbox.clock.now, nonce="n7")
    await inbox.receive("bot", Incoming(key="r", raw=b"x", event=event))
    assert await found(inbox) == ("sent", False, False)
    await told(inbox, ("wamid.7", Fate.SEEN))
    assert await found(inbox) == ("sent", True, True)


@pytest.mark.parametrize(
    ("text", "minutes", "known"),
    [("The answer ", 3, True), ("Another answer", 3, False), ("The answer", -3, False)],
)
async def test_r43_our_own_words_that_come_back_without_our_id_are_no_other_message(
    inbox: Inbox, text: str, minutes: int, known: bool
) -> None:
    """Only what was in doubt, in this chat, with these words, after it was tried (R24)."""
    await an_answer(inbox, "unknown")
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.part).values(source_id=None))
        content = await uow.connection.scalar(select(t.part.c.content))
        given = {**(content or {}), "text": "The answer"}
        await uow.connection.execute(update(t.part).values(content=given))
        due = (await uow.connection.scalars(select(t.delivery.c.due_at))).one()
        await uow.commit()
    inbox.clock.advance(seconds=600)
    message = Message(
        source_id="e-7",
        chat_key="501",
        sender=Party("us"),
        to=(Party("501"),),
        sent_at=due + timedelta(minutes=minutes),
        text=text,
        sent_elsewhere=True,
    )
    # A look tells it twice.
    for key in ("first", "again"):
        await inbox.receive("bot", Incoming(key=key, raw=key.encode(), event=message))
    assert (await found(inbox))[0] == ("sent" if known else "unknown")
    async with inbox.store.read() as uow:
        elsewhere = await uow.connection.scalars(select(t.comment.c.sent_elsewhere))
        assert sum(elsewhere) == (not known)


async def test_r24_what_was_sent_until_then_was_seen(inbox: Inbox) -> None:
    await an_answer(inbox)
    at = inbox.clock.now
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.delivery).values(first_tried_at=at))
        await uow.commit()
    seen, arrived = Fate.SEEN, Fate.DELIVERED
    cases = (
        (-1, "501", "", seen, (False, False)),
        (0, "502", "", seen, (False, False)),
        # The message that was read is meant whatever the other side's clock says.
        (-1, "501", "ours", arrived, (True, False)),
        (1, "501", "other", seen, (True, True)),
    )
    for number, (seconds, chat, name, fate, known) in enumerate(cases):
        until = at + timedelta(seconds=seconds)
        event = Report(source_id=name, fate=fate, at=at, chat_key=chat, until=until)
        await inbox.receive("bot", Incoming(key=f"r{number}", raw=b"x", event=event))
        assert await found(inbox) == ("sent", *known)


async def test_a_report_on_nothing_of_ours_changes_nothing(inbox: Inbox) -> None:
    await an_answer(inbox)
    await told(inbox, ("other", Fate.FAILED), ("", Fate.SEEN))
    assert await found(inbox) == ("sent", False, False)
