"""Mail through a real Dovecot and a real SMTP server, daemon and store included (R1, R5, R13)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

from sqlalchemy import select, update

from pfinbox import config as configuration
from pfinbox.bootstrap.serve import prepare
from pfinbox.bootstrap.stores import open_store
from pfinbox.domain.model import Notify, Who
from pfinbox.services import queries
from pfinbox.services.comments import comments
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.people import agents
from pfinbox.store import tables as t
from pfinbox.store.rows import CommentRow
from tests.end_to_end.house import House, a_house
from tests.servers.dovecot import PASSWORD, Mailbox
from tests.servers.smtp import SmtpServer

PASSWORD_AND_FOLDERS = f'password = "{PASSWORD}", folders = ["INBOX", "Sales"] }}'


def a_mail(mailbox: Mailbox, text: str, *, subject: str = "Where is it?", **headers: str) -> bytes:
    lines = {
        "From": "Мария <maria@client.example>",
        "To": mailbox.address,
        "Subject": subject,
        "Date": "Mon, 02 Nov 2026 09:00:00 +0000",
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{head}\r\n{text}\r\n".encode()


def a_bounce(mailbox: Mailbox, returned: str, **headers: str) -> bytes:
    status = "Final-Recipient: rfc822; maria@client.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    parts = (
        ("text/plain", "Nobody is called so."),
        ("message/delivery-status", f"Reporting-MTA: dns; mx.client.example\r\n\r\n{status}"),
        ("text/rfc822-headers", f"Message-ID: {returned}\r\n"),
    )
    body = "".join(f"--B\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts)
    kind = 'multipart/report; report-type=delivery-status; boundary="B"'
    sender = {"From": "MAILER-DAEMON@client.example", "Content_Type": kind}
    return a_mail(mailbox, f"{body}--B--", subject="Returned", **sender, **headers)


async def test_r1_r5_r13_a_mail_is_answered_and_the_answer_comes_back(
    house: House, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    mailbox.deliver(a_mail(mailbox, "Where is my order?", Message_ID="<first@client.example>"))
    task = await house.task("Where is it?")
    assert task.contact is not None
    assert task.contact.name == "Мария"
    client = Who("contact", task.contact.id)
    note = await house.inbox.write(
        comments.add_comment, CommentRequest(task.id, "He owes us money", Notify())
    )
    said = (await house.inbox.read(queries.conversation, task.id)).comments[0]
    answer = await house.inbox.write(
        comments.add_comment,
        CommentRequest(task.id, "On its way.", Notify((client,)), quote_id=said.id),
    )
    await house.delivered(answer.comment_id, task.id)
    assert note.due_at is None
    # The client gets only the comment that notifies them.
    assert len(smtp_server.taken) == 1
    taken = smtp_server.taken[0]
    assert taken.recipients == ("maria@client.example",)
    sent = message_from_bytes(taken.content)
    assert sent["In-Reply-To"] == "<first@client.example>"
    assert "<first@client.example>" in sent["References"]
    assert sent["Subject"] == "Re: Where is it?"
    assert "owes" not in taken.content.decode()
    mailbox.deliver(
        a_mail(mailbox, "Thank you!", subject="Something else", In_Reply_To=sent["Message-ID"])
    )
    thanks = await house.comment(task.id, "Thank you!")
    assert thanks.direction == "incoming"
    assert thanks.matched_by is not None
    assert thanks.matched_by.kind in ("reference", "reply_address")


async def test_r12_once_twice_gives_nothing_twice_and_the_sweep_what_was_overlooked(
    config_path: Path, mailbox: Mailbox
) -> None:
    """So does a folder that is made after the first contact: its first mail is no history."""
    written = config_path.read_text()
    config_path.write_text(written.replace(f'password = "{PASSWORD}" }}', PASSWORD_AND_FOLDERS))
    async with a_house(config_path, serve=False):
        pass
    config = configuration.load(config_path)
    for n in range(2):
        store = await open_store(config)
        await store.run(lambda uow: agents.sign_in(uow, "anna"))
        reached, others = await (await prepare(store, config)).run_once()
        assert (reached, others) == (True, {})
        await store.close()
        if n == 0:
            mailbox.deliver(*(a_mail(mailbox, f"Mail {i}", subject=f"S{i}") for i in range(20)))
            mailbox.create("Sales")
            mailbox.append(a_mail(mailbox, "First here", subject="S21"), "Sales")
            with mailbox.imap() as imap:  # what a rule does
                imap.select("INBOX")
                imap.copy("3", "Sales")
    # A server with replicas shows a mail late: below what was read already.
    mailbox.deliver(a_mail(mailbox, "Mail 20", subject="S20"))
    store = await open_store(config)
    async with store.write() as uow:
        account = (t.account.c.name == "support",)
        text = await uow.connection.scalar(select(t.account.c.cursor).where(*account))
        cursor = json.loads(text or "")
        cursor["folders"]["INBOX"]["last"] += 1
        await uow.connection.execute(
            update(t.account).where(*account).values(cursor=json.dumps(cursor))
        )
        await uow.commit()
    await (await prepare(store, config)).run_once()
    await store.close()
    async with a_house(config_path, serve=False) as house:
        page = await house.inbox.read(queries.tasks, "all")
        assert sorted(row.title for row in page.rows) == sorted(f"S{i}" for i in range(22))
        # And the bytes are the server's, every one.
        async with house.store.read() as uow:
            kept = await uow.connection.scalars(select(t.receipt.c.raw))
            assert sorted(kept.all()) == sorted([*mailbox.mails(), *mailbox.mails("Sales")])


async def test_r24_what_the_server_does_shows_at_the_comment(
    house: House, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    mailbox.deliver(a_mail(mailbox, "Hello"))
    task = await house.task("Where is it?")
    assert task.contact is not None
    smtp_server.refuse("maria@client.example", "550 5.1.1 no such user")
    request = CommentRequest(task.id, "Hi", Notify((Who("contact", task.contact.id),)))
    saved = await house.inbox.write(comments.add_comment, request)
    comment = await house.delivered(saved.comment_id, task.id, "failed")
    assert comment.deliveries[0].error is not None
    assert "no such user" in comment.deliveries[0].error.sentence()
    # Taken without a word: nobody knows, and nobody sends it again.
    smtp_server.heal()
    smtp_server.drop("dot")
    saved = await house.inbox.write(comments.add_comment, replace(request, text="Did it leave?"))
    await house.delivered(saved.comment_id, task.id, "unknown")
    assert len(smtp_server.taken) == 1
    # Greylisted: later, by itself.
    smtp_server.heal()
    smtp_server.fail("rcpt", "450 4.7.1 Greylisted, come back in 5 minutes")
    saved = await house.inbox.write(comments.add_comment, replace(request, text="Later, then."))

    async def waiting() -> CommentRow | None:
        found = await house.comment(task.id, "Later, then.")
        return found if found.deliveries[0].attempts else None

    (delivery,) = (await house.until(waiting)).deliveries
    assert delivery.state == "pending"
    assert delivery.error is not None
    assert "450 4.7.1 Greylisted" in delivery.error.sentence()
    assert delivery.due_at is not None
    # As long as the server asked for, and a little: it looks at its clock, too.
    wait = delivery.due_at - datetime.now(UTC)
    assert timedelta(minutes=4) < wait < timedelta(minutes=7)


async def test_r12_r24_only_what_we_sent_is_our_own_copy(
    config_path: Path, mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    """Anybody may copy our Message-ID; a server may rewrite what it keeps in Sent."""
    async with a_house(config_path, serve=False) as house:

        async def once() -> list[str]:
            await (await prepare(house.store, house.config)).run_once()
            return sorted(row.title for row in (await house.inbox.read(queries.tasks, "all")).rows)

        async def state(comment_id: int) -> str:
            conversation = await house.inbox.read(queries.conversation, task.id)
            found = next(c for c in conversation.comments if c.id == comment_id)
            return str(found.deliveries[0].state)

        await once()
        mailbox.deliver(a_mail(mailbox, "Hello", subject="Mine"))
        assert await once() == ["Mine"]
        (task,) = (await house.inbox.read(queries.tasks, "all")).rows
        assert task.contact is not None
        smtp_server.drop("dot")
        client = Who("contact", task.contact.id)
        sent = [
            await house.inbox.write(
                comments.add_comment, CommentRequest(task.id, text, Notify((client,)))
            )
            for text in ("First", "Second")
        ]
        # After a lost answer the next one waits until the account is tried again.
        for _one in sent:
            await once()
        smtp_server.heal()
        first, second = (one.comment_id for one in sent)
        assert [await state(first), await state(second)] == ["unknown", "unknown"]
        ours, others = (taken.content for taken in smtp_server.taken)
        # A client's words under our id are the client's, and prove nothing.
        name = message_from_bytes(ours)["Message-ID"]
        seal = message_from_bytes(ours)["X-Pfinbox-Seal"]
        forged = {"Message_ID": name, "X_Pfinbox_Seal": seal}
        for n, sender in enumerate(("eve@client.example", mailbox.address)):
            subject = f"Forged {n}"
            mailbox.deliver(a_mail(mailbox, "Mine now", subject=subject, From=sender, **forged))
        mailbox.deliver(ours.replace(b"\nSubject: ", b"\nSubject: [list] "))
        shown = await once()
        assert "Forged 0" in shown
        assert [await state(first), await state(second)] == ["unknown", "unknown"]
        # What came back as we sent it, and what our server made of it where it keeps such copies.
        mailbox.deliver(ours)
        rewritten = others.replace(b"\nSubject: ", b"\nSubject: [ext] ")
        mailbox.append(rewritten.replace(b"Second", b"Second\r\n-- \r\nConfidential"), "Sent")
        assert await once() == shown
        assert [await state(first), await state(second)] == ["sent", "sent"]
        # Returned, and once more by another server on the way: believed, and said once.
        for n in range(2):
            mailbox.deliver(a_bounce(mailbox, str(name), Message_ID=f"<b{n}@mx.client.example>"))
        assert await once() == shown
        assert [await state(first), await state(second)] == ["failed", "sent"]
