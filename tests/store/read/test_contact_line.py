"""A person's line: everything said with them, across channels and tasks, page by page."""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.merging import contact_merging
from pfinbox.services.tasks import tasks
from pfinbox.store import read
from tests.builders import Inbox, chat_account, client, mail_account
from tests.tui.scene import contact_of, task_of


async def line(inbox: Inbox, contact: int, by: str = "anna", **values: object) -> list[str]:
    async with inbox.store.read() as uow:
        page = await read.contact_line(uow, inbox.actor(by), contact, **values)  # type: ignore[arg-type]
        return [row.comment.text for row in page.rows]


async def test_r26_a_line_across_channels_and_tasks_by_pages(database_url: str) -> None:
    own = mail_account("anna", role="personal", owner="anna")
    inbox = await Inbox.make(database_url, mail_account(), chat_account(), own)
    anna = inbox.agent_ids["anna"]
    mail = await task_of(inbox, await inbox.mails("one"))
    maria = (await contact_of(inbox, mail)).id
    await inbox.comment(mail, "two", to=[client(maria)])
    await inbox.store.run(
        lambda uow: tasks.change(uow, AgentActor(anna), (mail,), TaskChange(status="done"))
    )
    chat = await task_of(inbox, await inbox.says("three", user="7"))
    other = (await contact_of(inbox, chat)).id
    await inbox.comment(chat, "four, a note")
    await inbox.mails("five, to anna only", account="anna", subject="Private")
    thrown = await task_of(inbox, await inbox.mails("thrown", subject="Spam"))
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(anna), (thrown,)))
    elsewhere = await inbox.mails("other", sender="paul@x.example", name="Paul", subject="P")
    async with inbox.store.read() as uow:
        first = (await read.comment(uow, AgentActor(anna), elsewhere)).source_id
    await inbox.mails("six, in Paul's task", answers=first, subject="Re: P")

    before = ["one", "two", "five, to anna only", "six, in Paul's task"]
    assert await line(inbox, maria) == before
    await inbox.store.run(
        lambda uow: contact_merging.merge_contacts(uow, AgentActor(anna), maria, [other])
    )
    whole = ["one", "two", "three", "four, a note", *before[2:]]
    assert await line(inbox, maria) == whole
    assert await line(inbox, other) == whole
    # R10: a personal account's task is not in a colleague's line.
    assert await line(inbox, maria, "boris") == [t for t in whole if not t.startswith("five")]
    # By pages, the newest first, without a gap.
    found: list[str] = []
    after = None
    for _round in range(4):
        async with inbox.store.read() as uow:
            page = await read.contact_line(uow, AgentActor(anna), maria, after=after, limit=2)
        found[:0] = [row.comment.text for row in page.rows]
        if (after := page.after) is None:
            break
    assert found == whole
    assert after is None
    titles = [row.title for row in page.rows]
    assert titles == ["A question", "A question"]
    await inbox.store.close()
