"""An agent forwards a client's mail by a real mail server, and the client is answered (R43)."""

from email import message_from_bytes
from pathlib import Path

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify, Who
from pfinbox.services import queries
from pfinbox.services.comments import comments
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.people import agents
from tests.end_to_end.house import a_house, write_config
from tests.end_to_end.test_mail import a_mail
from tests.servers.bot_api import BotApi
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import SmtpServer

HEAD = """Please take this one.

---------- Forwarded message ---------
From: Maria Nowak <maria@client.example>
Date: Mon, Nov 2, 2026 at 10:15 AM
Subject: Broken lamp
To: <anna@ours.example>

The lamp arrived broken."""
OUTLOOK = """Od: Piotr <piotr@client.example>
Wysłano: 2 listopada 2026 10:15
Do: Anna
Temat: Lampa

Lampa nie świeci."""


async def test_r43_a_forwarded_client_is_answered_at_the_client_s_own_address(
    tmp_path: Path, mailbox: Mailbox, smtp_server: SmtpServer, bot_api: BotApi
) -> None:
    url = f"sqlite:///{tmp_path / 'inbox.db'}"
    path = write_config(tmp_path, url, mailbox, smtp_server, bot_api)
    async with a_house(path) as house:
        await house.accounts_are("ok")
        me = house.inbox.actor.id
        await house.store.run(
            lambda uow: agents.set_(uow, AgentActor(me), "anna", email="anna@ours.example")
        )
        anna = {"From": "Anna <anna@ours.example>"}
        mailbox.deliver(
            a_mail(
                mailbox, HEAD, subject="Fwd: Broken lamp", Message_ID="<f@ours.example>", **anna
            ),
            a_mail(mailbox, OUTLOOK, subject="PD: Lampa", **anna),
            a_mail(mailbox, HEAD, subject="Fwd: From a client", From="Bob <bob@client.example>"),
        )
        client = await house.task("Fwd: From a client")
        task = await house.task("Broken lamp")
        other = await house.task("Lampa")
        assert task.contact is not None
        assert other.contact is not None
        assert client.contact is not None
        names = (task.contact.name, other.contact.name, client.contact.name)
        assert names == ("Maria Nowak", "Piotr", "Bob")
        wrote, note = (await house.inbox.read(queries.conversation, task.id)).comments
        assert (wrote.text.strip(), wrote.verified) == ("The lamp arrived broken.", False)
        assert (note.text, note.internal, note.author.name) == (
            *("Please take this one.", True),
            "anna",
        )
        assert task.waiting_since is not None
        notify = Notify((Who("contact", task.contact.id),))
        answer = await house.inbox.write(
            comments.add_comment,
            CommentRequest(task.id, "Another one is on its way.", notify, quote_id=wrote.id),
        )
        await house.delivered(answer.comment_id, task.id)
        (taken,) = smtp_server.taken
        assert taken.recipients == ("maria@client.example",)
        assert message_from_bytes(taken.content)["Subject"] == "Re: Broken lamp"
