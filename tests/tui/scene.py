"""The inbox that the TUI's tests and screenshots show; made by the real services."""

from datetime import timedelta

from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Who
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.tasks import tasks
from pfinbox.store import tables as t
from tests.builders import Inbox, a_file, client

LONG = """Hello,

our accounting says that the sum on invoice 2231 does not match the order.
Could you please check and send us a corrected one before Friday? Our bank closes the month then.

Best regards
Maria"""
QUOTED = f"""Thanks, got it. One more thing: the VAT number is missing.

> Am 02.11.2026 schrieb Anna:
> {LONG[:80]}
> Of course, one moment."""


async def morning(url: str) -> Inbox:
    """Ten conversations in every state that the list can show."""
    inbox = await Inbox.make(url, logins=("anna", "boris", "clara"))
    anna = inbox.agent_ids["anna"]
    await _rename(inbox, {"anna": "Anna Lis", "boris": "Boris Orlov", "clara": "Clara Weiss"})
    clock = inbox.clock
    clock.advance(days=-3)
    old = await task_of(inbox, await inbox.mails(
        "Where can I find the manual?", sender="maria@client.example", name="Maria Lopez",
        subject="The manual",
    ))  # fmt: skip
    await inbox.comment(old, "Here: https://ours.example/manual", to=[await contact_of(inbox, old)])
    await change(inbox, old, status="done")
    clock.advance(days=2, hours=1)
    invoice = await task_of(inbox, await inbox.mails(
        LONG, sender="maria@client.example", name="Maria Lopez", subject="Invoice 2231 is wrong",
        files=(a_file("invoice-2231.pdf", b"x" * 48213, "application/pdf"),),
    ))  # fmt: skip
    maria = await contact_of(inbox, invoice)
    await change(inbox, invoice, assignee=Who("agent", anna), add_tags=("billing",))
    clock.advance(minutes=12)
    await inbox.comment(invoice, "Boris, was this one yours?", to=[inbox.agent("boris")])
    clock.advance(minutes=7)
    await inbox.comment(
        invoice, "Yes, a typo. The right sum is 1 240.", by="boris", to=[inbox.agent("anna")]
    )
    clock.advance(minutes=3)
    await inbox.comment(invoice, "Of course, one moment.", to=[maria])
    clock.advance(hours=18)
    first = await message_id(inbox, invoice)
    await inbox.mails(
        QUOTED, sender="maria@client.example", name="Maria Lopez", answers=first,
        subject="Re: Invoice 2231 is wrong", new_text=QUOTED.split("\n\n>")[0],
    )  # fmt: skip
    clock.advance(minutes=20)
    await inbox.says("Hi! Is the shop open on Saturday?", user="77", name="Jakub Nowak")
    clock.advance(minutes=9)
    await inbox.says("Добрый день! Когда будет доставка заказа 5512?", user="78", name="Ольга П.")
    await inbox.says("Заказ оплачен ещё в среду.", user="78", name="Ольга П.")
    clock.advance(minutes=31)
    broken = await task_of(inbox, await inbox.mails(
        "The login page says 500 since this morning.", sender="ops@globex.example",
        name="Globex Operations", subject="Cannot log in",
    ))  # fmt: skip
    await change(inbox, broken, assignee=inbox.agent("boris"), add_tags=("bug", "urgent"))
    clock.advance(minutes=2)
    await inbox.mails(
        "We would like 40 more seats from January.", sender="buy@initech.example",
        name="Peter Gibbons", subject="More seats",
    )  # fmt: skip
    clock.advance(minutes=4)
    sleeping = await task_of(inbox, await inbox.says("Thanks, bye", user="79", name="Ines"))
    await change(inbox, sleeping, snooze_until=clock() + timedelta(days=1))
    clock.advance(minutes=6)
    return inbox


async def many_say(inbox: Inbox, texts: list[tuple[str, str, str]]) -> None:
    """Messages of the messenger in one transaction: text, user and name of each, a second apart."""
    events = []
    for n, (text, user, name) in enumerate(texts):
        inbox.clock.advance(seconds=1)
        sender = Party(user, name, name.lower())
        message = Message(
            source_id=f"{user}:many{n}",
            chat_key=user,
            sender=sender,
            sent_at=inbox.clock.now,
            text=text,
        )
        events.append(Incoming(key=f"many{n}", raw=text.encode(), event=message))
    await inbox.receive("bot", *events)


async def task_of(inbox: Inbox, comment_id: int) -> int:
    async with inbox.store.read() as uow:
        query = select(t.comment.c.task_id).where(t.comment.c.id == comment_id)
        return int((await uow.connection.execute(query)).scalar_one())


async def contact_of(inbox: Inbox, task_id: int) -> Who:
    async with inbox.store.read() as uow:
        query = select(t.task.c.contact_id).where(t.task.c.id == task_id)
        return client(int((await uow.connection.execute(query)).scalar_one()))


async def message_id(inbox: Inbox, task_id: int) -> str:
    async with inbox.store.read() as uow:
        query = select(t.comment.c.source_id).where(t.comment.c.task_id == task_id)
        return str((await uow.connection.execute(query)).scalars().first())


async def change(inbox: Inbox, task_id: int, **values: object) -> None:
    agent_id = inbox.agent_ids["anna"]
    wanted = TaskChange(**values)  # type: ignore[arg-type]
    await inbox.store.run(lambda uow: tasks.change(uow, AgentActor(agent_id), (task_id,), wanted))


async def _rename(inbox: Inbox, names: dict[str, str]) -> None:
    async def rename(uow: object) -> None:
        for login, name in names.items():
            statement = update(t.agent).where(t.agent.c.login == login).values(name=name)
            await uow.connection.execute(statement)  # type: ignore[attr-defined]

    await inbox.store.run(rename)
