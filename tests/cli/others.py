"""What is anna's alone beside what everybody may see: for tests of what is not found (R46)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text, update

from pfinbox.domain.contract.incoming import Incoming, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.merging import comment_moving, contact_merging, merging
from pfinbox.services.merging.unmerging import unmerge_task
from pfinbox.services.people import agents, contacts
from pfinbox.services.tasks import tasks
from pfinbox.store import tables as t
from pfinbox.store.write import cards
from tests.builders import Inbox, a_file, chat_account, client, mail_account

# Every text, title, subject, name, address and file of what boris and clara may not see has it.
SECRET = "topsecret"
OTHERS_ACCOUNTS = ("annapriv", "annabot", "annasales")


@dataclass(frozen=True)
class World:
    """Ids by kind: what is boris' and clara's to see as well, and what is not."""

    seen: dict[str, int]
    hidden: dict[str, list[int]]
    # Numbers like those of hidden ones, of what anna has put into a shared task.
    shared: frozenset[int]


async def world(inbox: Inbox) -> World:
    personal: dict[str, Any] = {"role": "personal", "owner": "anna"}

    async def do(use: Any, *arguments: Any, **values: Any) -> Any:
        return await inbox.acting("anna").write(use, *arguments, **values)

    inbox.agent_ids["clara"] = await do(agents.add, "clara", admin=True)
    await inbox.configure(
        mail_account(),
        chat_account(),
        mail_account("annapriv", **personal),
        chat_account("annabot", **personal),
        # Of this one a message has been moved into a shared task, where it says by what it came.
        chat_account("lent", **personal),
        mail_account("annasales", agents=("anna", "clara")),
    )
    seen: dict[str, int] = {}
    seen["comment"] = await inbox.mails("Where is it?", files=(a_file(),))
    seen["other task"] = 2
    await inbox.mails("And another one", subject="Another")
    await inbox.comment(1, "On its way", to=[client(1)])
    await inbox.says("By messenger", user="501", name="Jan")
    await do(tasks.change, (2,), TaskChange(status="done"))
    await fail(inbox, 1)
    seen |= {"task": 1, "contact": 1, "other contact": 2, "delivery": 1, "attachment": 1}

    await number_from(inbox, 770000)
    first = await hidden_talk(inbox, do, "annapriv")
    await inbox.says(
        f"{SECRET} too", account="annabot", user="77123456", name=f"Bot {SECRET.title()}"
    )
    await inbox.receive(
        "annapriv",
        Incoming(
            key="INBOX:1:999",
            raw=b"topsecret \xff",
            event=Unreadable(reason=Reason("unreadable", {"detail": "x"}), sent_at=inbox.clock.now),
        ),
    )
    # Maria writes there, too; what was moved, merged and parted leaves lines in a shared task.
    kept = await inbox.mails(f"{SECRET} of Maria", account="annapriv", subject=f"{SECRET} matter")
    moved = await inbox.says("Moved", account="lent", user="502", name="Ewa")
    parted = await task_of(inbox, kept)
    alone = await inbox.says(f"{SECRET} rest", account="lent", user="502", name="Ewa")
    await do(comment_moving.move_comment, moved, to_task=1)
    await do(merging.merge_tasks, 1, [parted], force=True)
    await do(unmerge_task, parted)
    # A delivery of hers in a shared task goes nowhere else.
    await hidden_ends(inbox, do, first)
    # The last that Maria said was said to anna alone.
    await inbox.mails(f"{SECRET} again", account="annapriv", subject=f"{SECRET} again")
    await have_pictures(inbox)
    hidden = await ids_from(inbox, 770000)

    await number_from(inbox, 880000)
    await inbox.mails("After all that", subject="Later")
    seen["later task"] = 880001
    shared = {moved, await contact_of(inbox, await task_of(inbox, alone))}
    for kind in ("comment", "contact"):
        hidden[kind] = [i for i in hidden[kind] if i not in shared]
    return World(seen, hidden, frozenset(shared))


async def have_pictures(inbox: Inbox) -> None:
    """A service shows a picture of everybody."""
    async with inbox.store.write() as uow:
        for address_id in (await uow.connection.scalars(select(t.address.c.id))).all():
            content = f"GIF89a {SECRET if address_id > 770000 else 'face'}".encode()
            await cards.keep_picture(uow, address_id, "image/gif", content, inbox.clock.now)
        await uow.commit()


async def fail(inbox: Inbox, delivery_id: int) -> None:
    async with inbox.store.write() as uow:
        await uow.connection.execute(
            update(t.delivery).where(t.delivery.c.id == delivery_id).values(state="failed")
        )
        await uow.commit()


async def hidden_talk(inbox: Inbox, do: Any, account: str) -> int:
    """Anna's own conversation: answered, forwarded, scheduled, with a note; its task."""
    person = {"sender": f"{SECRET}@client.example", "name": f"{SECRET.title()} Person"}
    asked = await inbox.mails(
        f"{SECRET}word",
        account=account,
        subject=f"{SECRET} subject",
        files=(a_file(f"{SECRET}.pdf", b"%PDF topsecret", "application/pdf"),),
        **person,
    )
    task_id = await task_of(inbox, asked)
    contact_id = await contact_of(inbox, task_id)
    await inbox.comment(task_id, f"{SECRET} answer", to=[client(contact_id)], quote_id=asked)
    await inbox.comment(task_id, f"{SECRET} note", to=[])
    moment = inbox.clock.now + timedelta(days=3)
    await inbox.comment(task_id, f"{SECRET} later", to=[client(contact_id)], send_at=moment)
    await do(tasks.change, (task_id,), TaskChange(add_tags=(f"{SECRET}tag",)))
    await do(contacts.set_, contact_id, notes=f"{SECRET} notes", company=f"{SECRET} company")
    return task_id


async def hidden_ends(inbox: Inbox, do: Any, task_id: int) -> None:
    """Merged, trashed and spammed ones, a merged card, a failed delivery."""
    person = {"sender": f"{SECRET}@client.example", "name": f"{SECRET.title()} Person"}
    twin = {"sender": f"{SECRET}2@client.example", "name": f"{SECRET.title()} Twin"}
    ends: list[int] = []
    for n, who in enumerate((person, person, person, twin)):
        comment = await inbox.mails(
            f"{SECRET} {n}", account="annapriv", subject=f"{SECRET} {n}", **who
        )
        ends.append(await task_of(inbox, comment))
    await do(merging.merge_tasks, task_id, [ends[0]])
    await do(tasks.delete, (ends[1],))
    one, other = await contact_of(inbox, task_id), await contact_of(inbox, ends[3])
    await do(contact_merging.merge_contacts, one, [other])
    async with inbox.store.read() as uow:
        first = await uow.connection.scalar(
            select(t.delivery.c.id).where(t.delivery.c.id > 770000).order_by(t.delivery.c.id)
        )
    await fail(inbox, int(first or 0))


async def task_of(inbox: Inbox, comment_id: int) -> int:
    async with inbox.store.read() as uow:
        found = select(t.comment.c.task_id).where(t.comment.c.id == comment_id)
        return int((await uow.connection.execute(found)).scalar_one())


async def contact_of(inbox: Inbox, task_id: int) -> int:
    async with inbox.store.read() as uow:
        found = select(t.task.c.contact_id).where(t.task.c.id == task_id)
        return int((await uow.connection.execute(found)).scalar_one())


COUNTED = {
    "task": t.task,
    "comment": t.comment,
    "contact": t.contact,
    "delivery": t.delivery,
    "attachment": t.attachment,
    "receipt": t.receipt,
}


async def number_from(inbox: Inbox, start: int) -> None:
    """What is made from now on has numbers above ``start``, by which it is known in any output."""
    async with inbox.store.write() as uow:
        for table in (*COUNTED.values(), t.chat, t.address):
            if not uow.sqlite:
                await uow.connection.execute(
                    text("select setval(pg_get_serial_sequence(:name, 'id'), :start)"),
                    {"name": table.name, "start": start},
                )
                continue
            await uow.connection.execute(
                text("delete from sqlite_sequence where name = :name"), {"name": table.name}
            )
            await uow.connection.execute(
                text("insert into sqlite_sequence (name, seq) values (:name, :seq)"),
                {"name": table.name, "seq": start},
            )
        await uow.commit()


async def ids_from(inbox: Inbox, start: int) -> dict[str, list[int]]:
    async with inbox.store.read() as uow:
        found = {
            kind: list(
                await uow.connection.scalars(
                    select(table.c.id).where(table.c.id > start).order_by(table.c.id)
                )
            )
            for kind, table in COUNTED.items()
        }
        unread = set(
            await uow.connection.scalars(
                select(t.receipt.c.id).where(t.receipt.c.state == "quarantined")
            )
        )
    found["receipt"] = [i for i in found["receipt"] if i in unread]
    return found
