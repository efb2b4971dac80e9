"""One comment: why it is here, quoted, edited, deleted, hidden; older ones; inviting."""

from sqlalchemy import insert, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import ChatStarted, Incoming
from pfinbox.domain.contract.party import Party
from pfinbox.services import queries
from pfinbox.services.merging import invitations, merging
from pfinbox.services.tasks import drafts, tasks
from pfinbox.store import tables as t
from pfinbox.tui.app import PfinboxApp
from tests.builders import Inbox
from tests.tui.scene import contact_of, message_id, task_of
from tests.tui.stage import compare, compare_both, on_stage, press, screen_text, settle, type_burst

LINKS = """Please look at https://shop.example/orders/5512?view=full
(the login is at https://аpple.com/login).

> see https://ours.example/manual"""


async def merged(inbox: Inbox) -> int:
    """Maria's invoice with a second conversation merged into it; another that names it."""
    asked = await inbox.mails(
        LINKS, sender="maria@client.example", name="Maria Lopez", subject="Links",
        new_text=LINKS.split("\n\n>")[0],
    )  # fmt: skip
    other = await task_of(inbox, asked)
    inbox.clock.advance(minutes=2)
    await inbox.comment(
        other, "I did: https://shop.example/help", to=[await contact_of(inbox, other)]
    )
    inbox.clock.advance(minutes=1)
    await inbox.mails(
        "Thank you", sender="maria@client.example", name="Maria Lopez", subject="Re: Links",
        answers=await message_id(inbox, other),
    )  # fmt: skip
    await inbox.mails(
        "It is about #2, I think", sender="stranger@client.example", name="A Stranger",
        subject="Question about [#2]", task_number=2,
    )  # fmt: skip
    inbox.clock.advance(minutes=3)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: merging.merge_tasks(uow, AgentActor(anna), 2, [other]))
    return 2


async def column(inbox: Inbox, name: str) -> list[object]:
    """Of all comments, the newest first."""
    async with inbox.store.read() as uow:
        query = select(t.comment.c[name]).order_by(t.comment.c.id.desc())
        return list(await uow.connection.scalars(query))


def hint(app: PfinboxApp) -> str:
    return screen_text(app).splitlines()[-1]


async def test_r5_r32_why_it_is_here_and_r19_what_is_quoted(inbox: Inbox) -> None:
    task_id = await merged(inbox)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, f":{task_id}\r")
        await type_burst(pilot, "KwKwKw")
        await compare(app, pilot, "why-120x36")
        shown = screen_text(app)
        assert "from #8" in shown
        assert "xn--pple-43d.com" in shown
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "why-80x24")
        await type_burst(pilot, "w")
        assert "here because" not in "".join(
            line for line in screen_text(app).splitlines() if "▸" in line
        )
        # A link without a mouse.
        await type_burst(pilot, "u")
        await compare_both(app, pilot, "links")
        await type_burst(pilot, "shop\r")
        assert app.clipboard == "https://shop.example/orders/5512?view=full"
        # Quoted: seen, left out, put back, kept with the draft, sent.
        await type_burst(pilot, "qLook there")
        await compare(app, pilot, "quote-80x24")
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        await compare(app, pilot, "quote-120x36")
        await press(pilot, "ctrl+o")
        assert "quotes" not in screen_text(app)
        await press(pilot, "ctrl+o")
        await type_burst(pilot, "\x1b\x1br")
        composer = app.main.task_pane.composer
        assert composer.box.text == "Look there"
        assert "quotes Maria Lopez: Please look" in screen_text(app)
        await type_burst(pilot, "\x13")
        assert str((await column(inbox, "quote_text"))[0]).startswith("Please look at")
        # Undone, it quotes still; a task whose number the subject names is not believed, but said.
        await type_burst(pilot, "z")
        assert "quotes Maria Lopez" in screen_text(app)
        await type_burst(pilot, "\x1b:9\r")
        assert "perhaps it belongs to #2" in screen_text(app)


async def test_r11_edited_and_deleted_and_r38_hidden(inbox: Inbox) -> None:
    task_id = await merged(inbox)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, f":{task_id}\rD")
        assert "Select a comment first" in hint(app)
        await type_burst(pilot, "KK")
        await press(pilot, "ctrl+e")
        await compare(app, pilot, "edit-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "edit-80x24")
        await type_burst(pilot, "!\x1b")
        assert "without what you typed" in screen_text(app)
        await type_burst(pilot, "!\x13")
        assert "I did: https://shop.example/help!!" in await column(inbox, "text")
        assert "Changed" in hint(app)
        await type_burst(pilot, "H")
        assert "hidden from clients" in screen_text(app)
        assert "sent all the same" in hint(app)
        await type_burst(pilot, "z")
        assert True not in await column(inbox, "hidden")
        await type_burst(pilot, "D")
        await compare_both(app, pilot, "delete")
        await type_burst(pilot, "\r")
        # It had not left: nothing of it stays in the conversation.
        assert "I did: https" not in screen_text(app)
        # What a client has by mail stays as it is: nothing is changed here either.
        sent = update(t.delivery).values(state="sent", sent_at=inbox.clock())
        await inbox.store.run(lambda uow: uow.connection.execute(sent))
        part = update(t.part).values(state="sent", sent_at=inbox.clock())
        await inbox.store.run(lambda uow: uow.connection.execute(part))
        await type_burst(pilot, "KKK")
        await press(pilot, "ctrl+e")
        assert app.screen is app.main
        await type_burst(pilot, "D")
        assert app.screen is app.main


async def test_r30_an_invitation_and_older_comments(inbox: Inbox) -> None:
    link = "https://t.me/acme_support_bot?start={token}"
    values = update(t.account).where(t.account.c.name == "bot").values(invite_link=link)
    await inbox.store.run(lambda uow: uow.connection.execute(values))
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, ":2\r:invite\r")
        await compare_both(app, pilot, "invite")
        await type_burst(pilot, "\r")
        assert "It can be used once" in screen_text(app)
        copied = app.clipboard
        assert copied.startswith("https://t.me/acme_support_bot?start=")
        await type_burst(pilot, "\r Please\x1b")
        draft = await app.inbox.read(drafts.load, 2, "reply")
        assert draft is not None
        assert draft.text == f"{copied} Please"
        # More comments than are read at once: they come when one goes up, and nothing jumps.
        await many(inbox, 3, 230)
        await type_burst(pilot, ":3\r")
        view = app.main.task_pane.view
        assert len(view.comments) == 200
        first = view.comments[0].text
        await type_burst(pilot, "gg")
        assert len(view.comments) == 231
        assert first in screen_text(app)
        assert view.scroll_offset.y > 31
        await type_burst(pilot, "gg")
        assert view.scroll_offset.y == 0
        # R8: the line at the head leads to the conversation before, by the mouse as well.
        await type_burst(pilot, ":2\r")
        await type_burst(pilot, "gg")
        await pilot.click(view, offset=(8, 0))
        await settle(pilot)
        assert app.main.task_pane.task_id == 1


async def many(inbox: Inbox, task_id: int, number: int) -> None:
    """As many more comments of the client."""
    async with inbox.store.write() as uow:
        query = select(t.comment).where(t.comment.c.task_id == task_id)
        one = (await uow.connection.execute(query)).mappings().first()
        assert one is not None
        rows = [
            dict(one) | {"id": None, "text": f"Line {n}", "source_id": None, "digest": None}
            for n in range(number)
        ]
        for row in rows:
            del row["id"]
        await uow.connection.execute(insert(t.comment), rows)
        await uow.commit()


async def test_r19_words_that_the_client_has_not_seen_are_asked_about(inbox: Inbox) -> None:
    task_id = await task_of(inbox, await inbox.says("Where is it?", name="Jan"))
    await inbox.comment(task_id, "He pays late", to=[])
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, f":{task_id}\r")
        await type_burst(pilot, "KqSoon\x13")
        await type_burst(pilot, "\r")
        assert "Jan would see words that were not said to them" in screen_text(app)
        assert (await column(inbox, "text"))[0] == "He pays late"
        # Left with escape, it is still being written.
        await type_burst(pilot, "\x1b")
        assert app.main.task_pane.composer.box.text == "Soon"
        # What is typed before the question is there is no answer to it (R47).
        await type_burst(pilot, "\x13with the\r")
        assert (await column(inbox, "text"))[0] == "He pays late"
        await type_burst(pilot, "without\r")
        assert (await column(inbox, "quote_text"))[0] is None
        await type_burst(pilot, "qSurely\x13")
        await type_burst(pilot, "\r")
        await type_burst(pilot, "with the\r")
        assert (await column(inbox, "text"))[0] == "Surely"
        assert (await column(inbox, "quote_text"))[0] == "He pays late"


async def test_r30_whoever_followed_the_link_is_offered_as_the_client(inbox: Inbox) -> None:
    """At once, when the task is opened; by one key the cards are one."""
    link = "https://t.me/acme_support_bot?start={token}"
    values = update(t.account).where(t.account.c.name == "bot").values(invite_link=link)
    await inbox.store.run(lambda uow: uow.connection.execute(values))
    anna = inbox.agent_ids["anna"]
    client = await contact_of(inbox, await task_of(inbox, await inbox.mails("Hello?")))
    task_id = await inbox.store.run(
        lambda uow: tasks.new(uow, AgentActor(anna), "T", contact_id=client.id)
    )
    made = await inbox.store.run(
        lambda uow: invitations.invite(uow, AgentActor(anna), task_id, "bot")
    )
    sender, at = Party("99", "Mary", "mary"), inbox.clock()
    started = ChatStarted(chat_key="99", sender=sender, at=at, payload=made.token)
    await inbox.receive("bot", Incoming(key="s99", raw=b"/start", event=started))
    async with on_stage(inbox, agent_name="Anna Lis", notifications=True) as (app, pilot):
        await type_burst(pilot, f":{task_id}\r")
        assert "Mary joined by the invitation: is it the client? = makes" in hint(app)
        # Nobody chosen: "to the client" is to both.
        await type_burst(pilot, "rGood day\x13")
        await type_burst(pilot, "\r")
        held = await app.inbox.read(queries.conversation, task_id)
        ways = {(one.account, one.address) for one in held.comments[-1].deliveries}
        assert ways == {("bot", "99"), ("support", "maria@client.example")}
        await type_burst(pilot, "=")
        assert "Mary" in screen_text(app)
        await type_burst(pilot, "\r")
        held = await app.inbox.read(queries.conversation, task_id)
        assert [one.id for one in held.participants if one.kind == "contact"] in ([], [client.id])
        await type_burst(pilot, "=")
        assert "No other card of this client is known here." in hint(app)
