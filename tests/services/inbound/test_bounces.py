"""R24: a bounce is believed about our own mail, and counts against an address only for good."""

from typing import Any

import pytest
from sqlalchemy import select, update

from pfinbox.domain.contract.incoming import Incoming, Message, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.people.signing_in import Mailing
from pfinbox.store import tables as t
from pfinbox.store.write import signing_in
from tests.builders import Inbox, client

OURS = "<c1.n.mac@example.com>"


async def an_answer_sent(inbox: Inbox) -> None:
    await inbox.mails()
    await inbox.comment(1, to=[client(1)])
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(t.part).values(source_id=OURS, state="sent"))
        await uow.connection.execute(update(t.delivery).values(state="sent"))
        await uow.commit()


async def returned(inbox: Inbox, about: str = OURS, **args: Any) -> list[int]:
    reason = Reason("bounced", {"detail": "why"} | args)
    message = Message(
        source_id="<report@mx.example>",
        chat_key=None,
        sender=Party("mailer-daemon@mx.example", ""),
        sent_at=inbox.clock.now,
        text="Sorry.",
        sort=Sort.BOUNCE,
        bounced=(about,),
        bounce_reason=reason,
    )
    done = await inbox.receive("support", Incoming(key="INBOX:9:1", raw=b"x", event=message))
    return list(done.comment_ids)


async def state(inbox: Inbox) -> tuple[str, bool]:
    async with inbox.store.read() as uow:
        delivery = await uow.connection.scalar(select(t.delivery.c.state))
        at = await uow.connection.scalar(select(t.address.c.bounced_at).limit(1))
    return str(delivery), at is not None


@pytest.mark.parametrize("permanent", [True, False])
async def test_r24_an_address_is_flagged_after_a_permanent_failure(
    inbox: Inbox, permanent: bool
) -> None:
    await an_answer_sent(inbox)
    assert await returned(inbox, recipients=["maria@client.example"], permanent=permanent) == []
    assert await state(inbox) == ("failed", permanent)


async def test_r24_a_link_to_a_page_that_came_back_is_no_task(inbox: Inbox) -> None:
    await inbox.mails()
    sent = {"source_id": OURS, "mailing": Mailing.SENT}
    await inbox.store.run(lambda uow: signing_in.ask(uow, "maria@client.example", **sent))
    assert await returned(inbox, permanent=True) == []
    async with inbox.store.read() as uow:
        assert await uow.connection.scalar(select(t.sign_in.c.mailing)) == Mailing.FAILED
        assert await uow.connection.scalar(select(t.address.c.bounced_at)) is not None


async def test_r24_a_report_about_somebody_elses_mail_changes_nothing(inbox: Inbox) -> None:
    await an_answer_sent(inbox)
    assert len(await returned(inbox, "<other@x>", permanent=True)) == 1  # shown: it may be a trick
    assert await state(inbox) == ("sent", False)
