"""Reading a real Dovecot: nothing lost, nothing twice (R12), whatever happens between."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pfinbox.channels.mail.account import MailAccount
from pfinbox.channels.mail.imap.cursor import Cursor
from pfinbox.channels.mail.imap.pace import FIRST
from pfinbox.channels.mail.imap.session.answers import messages_in
from pfinbox.channels.mail.smtp import tokens
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import AccountFailure, TemporaryFailure
from pfinbox.domain.contract.incoming import Ignored, Incoming, Message, Sort
from pfinbox.domain.contract.reason import Reason
from tests.channels.mail.conftest import KEY
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


async def test_new_mail_is_pushed_while_idle(mailbox: Mailbox, make_account: MakeAccount) -> None:
    account = make_account(imap=imap(mailbox))
    batches = account.receive(None)
    await until_idle(batches)
    following = asyncio.ensure_future(anext(batches))
    await asyncio.to_thread(mailbox.deliver, mail(1))
    async with asyncio.timeout(10):  # far below the five minutes of one wait
        batch = await following
    assert titles(list(batch.items)) == ["Mail 1"]
    await batches.aclose()  # type: ignore[attr-defined]


async def test_r12_a_reindexed_mailbox_is_read_again_and_marked_for_matching(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    async def stored_keys(_prefix: str) -> set[str]:
        return set()  # whatever a sweep compares: old keys mean other mails now

    account = make_account(imap=imap(mailbox))
    long_ago = datetime(2020, 1, 2, tzinfo=UTC)
    mailbox.append(mail(1), when=long_ago)
    _, cursor = await read(account, None)
    mailbox.deliver(mail(2))
    items, cursor = await read(account, cursor)
    mailbox.renew_uidvalidity()
    sweeping = make_account(imap=imap(mailbox), stored_keys=stored_keys)
    again, cursor = await read(sweeping, cursor)
    assert titles(again) == ["Mail 2"]  # mail 1 was never wanted, and its date still says so
    assert [item.match_bytes for item in again] == [True]
    assert again[0].raw == items[0].raw
    assert again[0].key != items[0].key
    mailbox.deliver(mail(3))
    later, _ = await read(account, cursor)
    assert [(item.match_bytes, item.history) for item in later] == [(False, False)]


@pytest.mark.parametrize(("first_sync", "expected"), [("all", [1, 2]), ("30d", [2]), ("new", [])])
async def test_history_is_read_as_far_back_as_configured(
    mailbox: Mailbox, make_account: MakeAccount, first_sync: str, expected: list[int]
) -> None:
    mailbox.append(mail(1), when=datetime.now(UTC) - timedelta(days=90))
    mailbox.append(mail(2), when=datetime.now(UTC) - timedelta(days=3))
    account = make_account(imap=imap(mailbox), first_sync=first_sync)
    items, cursor = await read(account, None)
    assert titles(items) == [f"Mail {number}" for number in expected]
    assert all(item.history for item in items)
    mailbox.deliver(mail(9))
    items, _ = await read(account, cursor)
    assert [(title, item.history) for title, item in zip(titles(items), items, strict=True)] == [
        ("Mail 9", False)
    ]


async def test_r12_a_batch_that_was_not_stored_comes_again(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    account = make_account(imap=imap(mailbox))
    _, cursor = await read(account, None)
    mailbox.deliver(*(mail(number) for number in range(70)))
    batches = account.receive(cursor)
    first = await anext(batches)
    assert 0 < len(first.items) < 70
    assert first.progress is not None
    await batches.aclose()  # type: ignore[attr-defined]
    whole, _ = await read(account, cursor)
    rest, _ = await read(account, first.cursor)
    assert len(whole) == 70
    assert [item.key for item in rest] == [item.key for item in whole][len(first.items) :]


async def test_a_mail_over_the_limit_keeps_its_header_and_its_thread(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    account = make_account(imap=imap(mailbox), max_size=5000)
    _, cursor = await read(account, None)
    mailbox.deliver(mail(1, In_Reply_To="<q@x.org>") + b"y" * 9000 + b"\r\n", mail(2))
    (large, small), _ = await read(account, cursor)
    assert isinstance(large.event, Message)
    assert [warning.kind for warning in large.event.warnings] == ["mail_too_large"]
    assert large.event.references == ("<q@x.org>",)
    assert large.raw.endswith(b"\r\n\r\n")
    assert len(large.raw) < 2000
    assert titles([small]) == ["Mail 2"]


async def test_r42_r43_the_folder_says_spam_or_sent_elsewhere(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    mailbox.create("&BCEEPwQwBDw-")  # "Спам"
    account = make_account(imap=imap(mailbox), spam_folder="Спам")
    _, cursor = await read(account, None)
    mailbox.append(mail(1), "&BCEEPwQwBDw-")
    mailbox.append(mail(2, From="support@example.com", To="c@example.org"), "Sent")
    mailbox.append(mail(3, From="support@example.com", Message_ID=own_id()), "Sent")
    items, _ = await read(account, cursor)
    spam, elsewhere, ours = sorted(items, key=lambda item: titles([item])[0] or "")
    assert isinstance(spam.event, Message)
    assert spam.event.spam
    assert spam.key.startswith("Спам:")
    assert isinstance(elsewhere.event, Message)
    assert elsewhere.event.sent_elsewhere
    assert isinstance(ours.event, Message)
    assert ours.event.sort is Sort.OWN_LOOP
    assert not ours.event.sent_elsewhere


def own_id() -> str:
    return tokens.message_id(KEY, "c1", "n", "example.com")


async def test_a_wrong_password_is_the_accounts_own_failure(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    account = make_account(imap=imap(mailbox, password="wrong"))
    with pytest.raises(AccountFailure) as failure:
        await read(account, None)
    assert failure.value.reason.kind == "auth_failed"
    assert "wrong" not in str(failure.value)


async def test_user_names_and_passwords_are_quoted(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    """A password with quotes must be refused as wrong, not break the dialogue."""
    account = make_account(imap=imap(mailbox, password='a"b\\c {3}'))
    with pytest.raises(AccountFailure):
        await read(account, None)


@pytest.mark.parametrize(
    "greeting", [b"* BYE too busy\r\n", b"HTTP/1.1 400\r\n\r\n", b"", b"\xff\xfe\r\n" * 3000]
)
async def test_a_server_that_talks_nonsense_is_a_temporary_failure(
    make_account: MakeAccount, greeting: bytes
) -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    account = make_account(
        imap={
            "host": "127.0.0.1",
            "port": port,
            "tls": "none",
            "username": "u",
            "password": "p",
        }
    )
    async with asyncio.timeout(20):
        with pytest.raises(TemporaryFailure):
            await read(account, None)
    server.close()


async def test_the_cursor_is_there_before_the_first_mail(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    """Of every folder: what comes once the account is said to work is no history."""
    mailbox.create("Orders")
    account = make_account(imap=imap(mailbox, folders=["INBOX", "Orders"]))
    batches = account.receive(None)
    first = await anext(batches)
    assert first.items == ()
    assert first.cursor is not None
    assert {"INBOX", "Orders"} <= set(Cursor.load(first.cursor).folders)
    mailbox.deliver(mail(1))
    items, _cursor = await until_idle(batches)
    assert [(item.history, *titles([item])) for item in items] == [(False, "Mail 1")]
    await batches.aclose()  # type: ignore[attr-defined]


async def test_stored_bytes_are_read_again(make_account: MakeAccount) -> None:
    account = make_account()
    incoming = account.parse("INBOX:1:2", mail(7))
    assert incoming.key == "INBOX:1:2"
    assert titles([incoming]) == ["Mail 7"]


async def test_a_folder_that_is_gone_keeps_no_other_back(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    mailbox.create("Orders")
    account = make_account(imap=imap(mailbox, folders=["INBOX", "Orders"]), spam_folder="Gone")
    batches = account.receive(None)
    _, cursor = await until_idle(batches)
    await batches.aclose()  # type: ignore[attr-defined]
    mailbox.deliver(mail(1))
    mailbox.append(mail(2), "Orders")
    told: Reason | None = None
    found: list[Incoming] = []
    async with contextlib.aclosing(account.receive(cursor)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            found += batch.items
            if batch.idle:
                told = batch.progress
                break
    assert sorted(item.key.partition(":")[0] for item in found) == ["INBOX", "Orders"]
    assert told is not None
    assert told.args["folder"] == "Gone"


async def test_r12_what_comes_while_the_watched_folder_is_missing_is_news(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    account = make_account(imap=imap(mailbox, folders=["Orders", "INBOX"]))
    mailbox.deliver(mail(1))
    batches = account.receive(None)
    cursor = (await anext(batches)).cursor
    with pytest.raises(TemporaryFailure):
        await anext(batches)
    mailbox.deliver(mail(2))
    mailbox.create("Orders")
    mailbox.append(mail(3), "Orders")
    items, _ = await read(account, cursor)
    assert sorted(titles(items)) == ["Mail 2", "Mail 3"]  # type: ignore[type-var]
    assert not any(item.history for item in items)


async def test_a_watched_folder_that_is_gone_says_so(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    with pytest.raises(TemporaryFailure) as failure:
        await read(make_account(imap=imap(mailbox, folders=["Gone"])), None)
    assert failure.value.reason.kind == "folder_refused"


@pytest.mark.parametrize("gone", ["renamed", "deleted"])
async def test_a_watched_folder_that_goes_while_it_is_watched_says_so(
    mailbox: Mailbox, make_account: MakeAccount, gone: str
) -> None:
    mailbox.create("Orders")
    batches = make_account(imap=imap(mailbox, folders=["Orders"])).receive(None)
    _, cursor = await until_idle(batches)
    with mailbox.imap() as other:
        other.rename("Orders", "Old") if gone == "renamed" else other.delete("Orders")
    mailbox.deliver(mail(1))
    # At once, or at the end of the wait for news; then it is looked for again, and not found.
    with pytest.raises(TemporaryFailure):
        await asyncio.wait_for(until_idle(batches), 5)
    with pytest.raises(TemporaryFailure) as failure:
        await read(make_account(imap=imap(mailbox, folders=["Orders"])), cursor)
    assert failure.value.reason.args["folder"] == "Orders"
    # Back again: what came meanwhile comes.
    with mailbox.imap() as other:
        other.rename("Old", "Orders") if gone == "renamed" else other.create("Orders")
    mailbox.append(mail(2), "Orders")
    items, _ = await read(make_account(imap=imap(mailbox, folders=["Orders"])), cursor)
    assert titles(items) == ["Mail 2"]


LATE = {"spam_folder": "Junk", "sent_folder": "Gesendet"}


@pytest.mark.parametrize(("first_sync", "old"), [("new", []), ("30d", [2]), ("all", [1, 2])])
async def test_r12_what_comes_into_a_folder_that_appears_later_is_news(
    mailbox: Mailbox, make_account: MakeAccount, first_sync: str, old: list[int]
) -> None:
    """History ends at the account's first contact, whenever a folder is seen for the first time."""
    for number, days in ((1, 90), (2, 3)):
        mailbox.append(mail(number), when=datetime.now(UTC) - timedelta(days=days))
    mailbox.create("Later")
    wanted = imap(mailbox, folders=["INBOX", "Sales"])
    account = make_account(imap=wanted, first_sync=first_sync, **LATE)
    items, cursor = await read(account, None)
    assert sorted(titles(items)) == [f"Mail {n}" for n in old]  # type: ignore[type-var]
    for folder in ("Sales", "Junk", "Gesendet"):
        mailbox.create(folder)
    mailbox.append(mail(3), "Sales")
    mailbox.append(mail(4), "Junk")
    mailbox.append(mail(5, From="support@example.com", To="c@example.org"), "Gesendet")
    with mailbox.imap() as other:  # by a rule or by hand: it keeps the date of its arrival
        other.select("INBOX")
        other.copy("1:2", "Sales")
    mailbox.append(mail(6), "Later")
    items, cursor = await read(account, cursor)
    live = [item for item in items if not item.history]
    assert sorted(titles(live)) == ["Mail 3", "Mail 4", "Mail 5"]  # type: ignore[type-var]
    # What may be here by another key is matched by its bytes.
    past = [item for item in items if item.history]
    assert sorted(titles(past)) == [f"Mail {n}" for n in old]  # type: ignore[type-var]
    assert all(item.match_bytes for item in past)
    assert await read(account, cursor) == ([], cursor)
    # Deleted and made again, named otherwise, wanted only now.
    with mailbox.imap() as other:
        other.delete("Sales")
        other.create("Sales")
        other.rename("Junk", "Spam")
    mailbox.append(mail(7), "Sales")
    wanted["folders"] += ["Later"]
    account = make_account(imap=wanted, first_sync=first_sync, **LATE | {"spam_folder": "Spam"})
    items, cursor = await read(account, cursor)
    assert sorted(titles(items)) == ["Mail 4", "Mail 6", "Mail 7"]  # type: ignore[type-var]
    assert all(item.match_bytes and not item.history for item in items)
    mailbox.append(mail(8), "Later")
    items, _ = await read(account, cursor)
    assert [(item.match_bytes, item.history) for item in items] == [(False, False)]


async def test_years_of_old_mail_keep_no_client_waiting(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    many = 5 * FIRST
    mailbox.deliver(*(mail(number) for number in range(many)))
    account = make_account(imap=imap(mailbox), first_sync="all")
    order: list[tuple[int, bool]] = []
    pieces: list[list[int]] = []
    left = []
    async with contextlib.aclosing(account.receive(None)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            some = [(int(item.key.rpartition(":")[2]), item.history) for item in batch.items]
            order += some
            pieces.append([uid for uid, history in some if history])
            left += [batch.progress.args["left"]] if batch.progress else []
            if some and len(order) == len(some):
                mailbox.deliver(mail(999))
            if batch.idle:
                cursor = batch.cursor
                break
    # Told with a later piece; as many as two wait at any time.
    assert order.index((many + 1, False)) <= 4 * FIRST
    assert sorted(order) == [(uid, uid <= many) for uid in range(1, many + 2)]
    # Newest first, and a piece's own mails in their order.
    pieces = [piece for piece in pieces if piece]
    assert pieces == sorted((sorted(piece) for piece in pieces), reverse=True)
    assert len(pieces) >= 3
    # Said until few are left, also with what is new.
    assert left == sorted(left, reverse=True)
    assert left[0] == many - FIRST
    assert await read(account, cursor) == ([], cursor)


async def test_r12_the_sweep_finds_what_was_overlooked(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    stored: set[str] = set()

    async def stored_keys(prefix: str) -> set[str]:
        return {key for key in stored if key.startswith(prefix)}

    account = make_account(imap=imap(mailbox), stored_keys=stored_keys, sweep_seconds=1)
    mailbox.deliver(mail(1))
    _, cursor = await read(account, None)
    mailbox.deliver(mail(2), mail(3), mail(4))
    items, cursor = await read(account, cursor)
    stored |= {items[0].key, items[2].key}
    other = make_account(imap=imap(mailbox), stored_keys=stored_keys)
    again, after = await read(other, cursor)
    assert titles(again) == ["Mail 3"]
    assert again[0].key == items[1].key
    assert json.loads(after) == json.loads(cursor)
    assert titles((await read(other, cursor))[0]) == []  # not before ten minutes have passed


async def test_drafts_are_nobodys_mail(mailbox: Mailbox, make_account: MakeAccount) -> None:
    account = make_account(imap=imap(mailbox))
    _, cursor = await read(account, None)
    mailbox.append(mail(1), flags="(\\Draft)")
    (item,), _ = await read(account, cursor)
    assert item.event == Ignored(reason=Reason("draft"))


@pytest.mark.parametrize(
    ("marks", "left", "moved"),
    [
        ({"stored_flag": "pfinbox"}, ["pfinbox"], 0),
        ({"stored_flag": "\\Seen", "stored_move": "Archive"}, [], 2),
        ({"stored_move": "Gone"}, ["FLAGS"], 0),
    ],
)
async def test_what_is_stored_may_be_flagged_or_moved(
    mailbox: Mailbox,
    make_account: MakeAccount,
    marks: dict[str, str],
    left: list[str],
    moved: int,
) -> None:
    """It is nothing that reading relies on: a flag that cannot be set costs no mail."""
    mailbox.create("Archive")
    account = make_account(imap=imap(mailbox, **marks))
    mailbox.deliver(mail(0))
    _, cursor = await read(account, None)
    mailbox.deliver(mail(1), mail(2))
    items, cursor = await read(account, cursor)
    assert titles(items) == ["Mail 1", "Mail 2"]
    flags = mailbox.flags()
    assert "pfinbox" not in flags[0]
    assert all(word in line for line in flags[1:] for word in left)
    assert len(flags) == 3 - moved
    assert len(mailbox.mails("Archive")) == moved
    assert (await read(account, cursor))[0] == []


async def test_what_agents_have_read_is_marked_wherever_it_lies(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    """Also what other words look like, and a folder that is not there: no other mail is touched."""
    mailbox.create("Archive")
    folders = {"folders": ["INBOX", "Gone", "Archive"]}
    account = make_account(imap=imap(mailbox, mark_seen=True, **folders))
    mailbox.deliver(mail(1), mail(2), mail(3))
    mailbox.append(mail(4), folder="Archive")
    names = [f"<{n}@example.org>" for n in (1, 2, 4)]
    for _twice in range(2):
        await account.mark_each_read([*names, '"', "<ё@client.example>", "x\r\ny", "<none@x>"])
    assert ["\\Seen" in line for line in mailbox.flags()] == [True, True, False]
    assert ["\\Seen" in line for line in mailbox.flags("Archive")] == [True]
    await account.close()


def test_gmails_labels_and_news_by_the_way() -> None:
    lines: list[bytes | bytearray] = [
        b'1 FETCH (UID 7 FLAGS (\\Seen) X-GM-LABELS ("\\\\Sent" Work "a ) b") RFC822.SIZE 9 '
        b'INTERNALDATE "02-Nov-2026 10:00:00 +0000" BODY[HEADER.FIELDS (MESSAGE-ID)] {2}',
        bytearray(b"\r\n"),
        b")",
        b"1 FETCH (UID 7 FLAGS (\\Flagged))",
    ]
    (mail,) = messages_in(lines)
    assert mail.labels == {"\\sent", "work", "a ) b"}
    assert mail.flags == {"\\seen"}
    assert mail.size == 9


async def test_r12_big_old_mails_come_one_by_one_and_go_on_where_they_stopped(
    mailbox: Mailbox, make_account: MakeAccount
) -> None:
    """A piece too big for one batch is handed over from its newest end."""
    big = b"\r\n".join([b"x" * 76] * 32_000)
    mailbox.deliver(mail(1), mail(2) + big, mail(3) + big, mail(4))
    account = make_account(imap=imap(mailbox), first_sync="all")
    seen: list[list[str]] = []
    cursor: str | None = None
    while len(seen) < 2:
        async with contextlib.aclosing(account.receive(cursor)) as batches:  # type: ignore[type-var]
            async for batch in batches:
                cursor = batch.cursor
                if batch.items:
                    seen.append([str(title) for title in titles([*batch.items])])
                    break
    assert seen == [["Mail 3", "Mail 4"], ["Mail 1", "Mail 2"]]
    assert await read(account, cursor) == ([], cursor)
