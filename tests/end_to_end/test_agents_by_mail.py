"""An agent works from a mail program (R22), on real servers: client, agent, client."""

from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.services import queries
from pfinbox.services.people import agents
from tests.end_to_end.house import House, a_house, write_config
from tests.end_to_end.test_mail import a_mail
from tests.servers.bot_api import BotApi
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import SmtpServer

PROVEN = "mx.ours.example; dmarc=pass header.from=ours.example"


@pytest.fixture
async def house(
    tmp_path: Path, store_url: str, mailbox: Mailbox, smtp_server: SmtpServer, bot_api: BotApi
) -> AsyncIterator[House]:
    path = write_config(tmp_path, store_url, mailbox, smtp_server, bot_api)
    text = path.read_text().replace(
        'name = "Example Support"',
        'name = "Example Support"\nauthserv_id = "mx.ours.example"\n'
        'acknowledgement = "It is {task}."',
    )
    path.write_text(text)
    async with a_house(path) as made:
        me = made.inbox.actor.id
        await made.store.run(
            lambda uow: agents.set_(
                uow, AgentActor(me), "anna", email="anna@ours.example", notices="mail"
            )
        )
        await made.accounts_are("ok")
        yield made


async def to(house: House, server: SmtpServer, address: str, count: int) -> Mail:
    """The ``count``-th mail that the server took for this address."""

    async def look() -> Mail | None:
        mine = [taken for taken in server.taken if taken.recipients == (address,)]
        return message_from_bytes(mine[count - 1].content) if len(mine) >= count else None

    return await house.until(look)


def an_answer(mailbox: Mailbox, notice: Mail, text: str, *results: str, **headers: str) -> bytes:
    """What the agent's mail program and our mail server make of it; ``results`` on top."""
    body = notice.get_payload(0).get_payload(decode=True)  # type: ignore[union-attr]
    quoted = body.decode().replace("\r\n", "\n").replace("\n", "\n> ")  # type: ignore[union-attr]
    lines = {
        "From": "Anna <anna@ours.example>",
        "To": notice["Reply-To"].rpartition("<")[2].rstrip(">"),
        "In_Reply_To": notice["Message-ID"],
        "Message_ID": f"<{abs(hash((text, results)))}@ours.example>",
        **headers,
    }
    mail = a_mail(mailbox, f"{text}\n\nOn Mon, 2 Nov 2026, Support wrote:\n> {quoted}", **lines)
    top = "".join(f"Authentication-Results: {result}\r\n" for result in results)
    return top.encode() + mail


async def test_r22_client_writes_agent_answers_by_mail_client_gets_it(
    house: House, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    mailbox.deliver(a_mail(mailbox, "Where is my order?", Message_ID="<first@client.example>"))
    acknowledged = await to(house, smtp_server, "maria@client.example", 1)
    task = await house.task("Where is it?")
    assert acknowledged["Auto-Submitted"] == "auto-replied"
    assert acknowledged["In-Reply-To"] == "<first@client.example>"
    assert f"It is #{task.id}." in acknowledged.as_string()
    assert task.waiting_since is not None
    notice = await to(house, smtp_server, "anna@ours.example", 1)
    assert notice["Auto-Submitted"] == "auto-generated"
    assert notice["Subject"] == f"#{task.id} Where is it?"
    senders = {taken.recipients[0]: taken.sender for taken in smtp_server.taken}
    assert senders == {"maria@client.example": "<>", "anna@ours.example": mailbox.address}
    # Forged below our server's own: the first one counts.
    forged = an_answer(mailbox, notice, "I am Anna", "mx.ours.example; dmarc=fail", PROVEN)
    mailbox.deliver(forged)
    told = await to(house, smtp_server, "anna@ours.example", 2)
    assert told["Subject"].startswith("Not sent: ")
    assert told["Reply-To"] is None
    note = await house.comment(task.id, "I am Anna")
    assert (note.internal, note.verified, note.warnings[0].kind) == (
        *(True, False),
        "answer_unproven",
    )
    # An absence note of the agent's is only recorded.
    away = an_answer(mailbox, notice, "I am away", PROVEN, Auto_Submitted="auto-replied")
    answer = an_answer(mailbox, notice, "It left today.", PROVEN)
    # The second copy of a mail is none.
    mailbox.deliver(away, answer, answer)
    sent = await to(house, smtp_server, "maria@client.example", 2)
    assert sent["In-Reply-To"] == "<first@client.example>"
    body = sent.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
    words, _blank, quotation = body.partition("\r\n\r\n" if "\r" in body else "\n\n")
    assert words == "It left today."
    # The client's own words, and nothing of the notice.
    assert quotation.splitlines()[1:] == ["> Where is my order?"]
    assert "anna" in sent["From"]
    said = await house.comment(task.id, "It left today.")
    assert (said.author.login, said.internal, said.verified) == ("anna", False, True)
    mailbox.deliver(a_mail(mailbox, "Thanks!", In_Reply_To=sent["Message-ID"]))
    await house.comment(task.id, "Thanks!")
    await to(house, smtp_server, "anna@ours.example", 3)
    texts = [c.text for c in (await house.inbox.read(queries.conversation, task.id)).comments]
    assert len(texts) == 5
    assert len(smtp_server.taken) == 5
