"""Reading a real Dovecot: nothing lost, nothing twice (R12), whatever happens between."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from pfinbox.channels.mail.account import MailAccount
from pfinbox.domain.envelope import Batch, Incoming, Message
from tests.servers.dovecot import PASSWORD, Mailbox

MakeAccount = Callable[..., MailAccount]


def mail(number: int, **fields: str) -> bytes:
    lines = {
        "From": "Client <client@example.org>",
        "To": "support@example.com",
        "Subject": f"Mail {number}",
        "Message-ID": f"<{number}@example.org>",
        "Date": "Mon, 02 Nov 2026 10:00:00 +0000",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{head}\r\nText {number}\r\n".encode()


def imap(mailbox: Mailbox, **more: Any) -> dict[str, Any]:
    return {
        "host": mailbox.host,
        "port": mailbox.port,
        "tls": "none",
        "username": mailbox.username,
        "password": PASSWORD,
    } | more


async def until_idle(batches: AsyncIterator[Batch]) -> tuple[list[Incoming], str]:
    """All items until nothing more waits, and the cursor after them."""
    items: list[Incoming] = []
    async for batch in batches:
        items += batch.items
        if batch.idle:
            assert batch.cursor is not None
            return items, batch.cursor
    raise AssertionError("the receiver ended")


async def read(account: MailAccount, cursor: str | None) -> tuple[list[Incoming], str]:
    batches = account.receive(cursor)
    try:
        return await until_idle(batches)
    finally:
        await batches.aclose()  # type: ignore[attr-defined]  # it is a generator


def titles(items: list[Incoming]) -> list[str | None]:
    return [item.event.title if isinstance(item.event, Message) else None for item in items]


async def test_r12_each_mail_comes_once_and_the_cursor_resumes(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    account = make_account(imap=imap(mailbox))
    mailbox.deliver(mail(1))
    items, cursor = await read(account, None)
    assert items == []  # first_sync = "new": what was there before the first contact stays there
    mailbox.deliver(mail(2), mail(3))
    items, cursor = await read(account, cursor)
    assert titles(items) == ["Mail 2", "Mail 3"]
    assert [item.history for item in items] == [False, False]
    items, cursor = await read(account, cursor)
    assert items == []
    assert all("Seen" not in line for line in mailbox.flags())
