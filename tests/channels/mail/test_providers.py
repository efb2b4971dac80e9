"""Providers as they are: what they announce, how they name folders, and what they refuse with.

Greetings, capabilities and texts are those that the servers gave in 2026; the mails are invented.
"""

from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest
from sqlalchemy import select

from pfinbox.channels.mail import SPEC
from pfinbox.channels.mail.account import MailAccount, saves_by_itself
from pfinbox.channels.mail.smtp import refusals
from pfinbox.domain.contract.channel import (
    AccountContext,
    AccountFailure,
    Channel,
    TemporaryFailure,
)
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.store import tables as t
from tests.builders import Inbox
from tests.channels.mail.conftest import KEY, settings
from tests.servers.scripted_imap import Kept, ScriptedImap, scripted

MakeAccount = Callable[..., MailAccount]

QUESTION = b"From: maria@client.example\r\nSubject: Where is it?\r\n\r\nWhere?\r\n"
ANSWER = (
    b"From: support@example.com\r\nTo: maria@client.example\r\nMessage-ID: <a@x>\r\n\r\nHere.\r\n"
)
SPAM = b"From: eve@else.example\r\nSubject: Win\r\nMessage-ID: <s@x>\r\n\r\nNow!\r\n"
SENT_IN_RUSSIAN = "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"  # Отправленные


def gmail(**more: Any) -> ScriptedImap:
    return ScriptedImap(
        "Gimap ready for requests from 192.0.2.7 a1b2",
        "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR"
        " AUTH=XOAUTH2 AUTH=PLAIN AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER UIDPLUS MOVE ENABLE"
        " CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LITERAL- SPECIAL-USE APPENDLIMIT=35651584",
        [
            r'(\HasNoChildren) "/" "INBOX"',
            r'(\HasChildren \Noselect) "/" "[Gmail]"',
            r'(\All \HasNoChildren) "/" "[Gmail]/&BBIEQQRP- &BD8EPgRHBEIEMA-"',
            rf'(\HasNoChildren \Sent) "/" "[Gmail]/{SENT_IN_RUSSIAN}"',
            r'(\HasNoChildren \Junk) "/" "[Gmail]/&BCEEPwQwBDw-"',
        ],
        **more,
    )


def microsoft(**more: Any) -> ScriptedImap:
    return ScriptedImap(
        "The Microsoft Exchange IMAP4 service is ready. [TABPADQAUAAxADIA]",
        "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT"
        " CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE"
        " NAMESPACE LITERAL+",
        [
            r'(\Marked \HasNoChildren) "/" INBOX',
            r'(\HasNoChildren \Sent) "/" "Sent Items"',
            r'(\HasNoChildren \Junk) "/" "Junk Email"',
        ],
        literal_first=True,
        **more,
    )


def yandex(**more: Any) -> ScriptedImap:
    return ScriptedImap(
        "Yandex IMAP4rev1 at imap-7.mail.yandex.net:993 ready to talk with ::ffff:192.0.2.7:40122",
        "IMAP4rev1 CHILDREN UNSELECT LITERAL+ NAMESPACE XLIST BINARY UIDPLUS ENABLE ID AUTH=PLAIN"
        " AUTH=XOAUTH2 IDLE MOVE",
        [
            r'(\Unmarked \NoInferiors) "|" INBOX',
            rf'(\Unmarked \HasNoChildren \Sent) "|" "{SENT_IN_RUSSIAN}"',
            r'(\Unmarked \HasNoChildren \Junk) "|" Spam',
        ],
        **more,
    )


def mail_ru(**more: Any) -> ScriptedImap:
    """It announces no IDLE: it is asked again and again."""
    return ScriptedImap(
        "Welcome",
        "IMAP4rev1 ID XLIST UIDPLUS UNSELECT MOVE LIST-STATUS AUTH=PLAIN AUTH=XOAUTH2",
        [
            r'(\Inbox) "/" "INBOX"',
            r'(\Spam \Junk) "/" "&BCEEPwQwBDw-"',
            rf'(\Sent) "/" "{SENT_IN_RUSSIAN}"',
        ],
        **more,
    )


def reach(server: ScriptedImap, **more: Any) -> dict[str, Any]:
    where = {"host": "127.0.0.1", "port": server.port, "tls": "none"}
    return where | {"username": "support@example.com", "password": "right"} | more


async def read(account: Channel, cursor: str | None) -> tuple[list[Incoming], str | None]:
    """All items until nothing more waits, and the cursor after them."""
    items: list[Incoming] = []
    async with aclosing(account.receive(cursor)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            items += batch.items
            cursor = batch.cursor
            if batch.idle:
                break
    return items, cursor


@pytest.mark.parametrize(
    ("provider", "sent", "spam"),
    [
        (gmail, f"[Gmail]/{SENT_IN_RUSSIAN}", "[Gmail]/Спам"),
        (microsoft, "Sent Items", "Junk Email"),
        (yandex, SENT_IN_RUSSIAN, "Spam"),
        (mail_ru, SENT_IN_RUSSIAN, "Спам"),
    ],
)
async def test_r42_r43_mail_is_what_its_folder_says(
    make_account: MakeAccount, provider: Callable[..., ScriptedImap], sent: str, spam: str
) -> None:
    async with scripted(provider()) as server:
        account = make_account(imap=reach(server), spam_folder=spam)
        _, cursor = await read(account, None)
        server.mails = {
            # Exchange estimates sizes: what comes is longer than it says.
            "INBOX": [Kept(3, QUESTION, r" FLAGS (\Recent)", size=9)],
            sent: [Kept(5, ANSWER, r" FLAGS (\Seen)")],
            spam.replace("Спам", "&BCEEPwQwBDw-"): [Kept(8, SPAM, " FLAGS ()")],
        }
        items, _ = await read(account, cursor)
    found = {item.key.rpartition(":")[2]: item.event for item in items}
    question, answer, junk = (found[uid] for uid in ("3", "5", "8"))
    assert isinstance(question, Message)
    assert question.text == "Where?"
    assert isinstance(answer, Message)
    assert answer.sent_elsewhere
    assert isinstance(junk, Message)
    assert junk.spam


async def test_where_nothing_is_announced_it_is_asked_again() -> None:
    """Mail.ru: no IDLE, so the folder is searched after every wait."""
    async with scripted(mail_ru()) as server:
        # A wait shorter than a configuration may say, for the test's sake.
        given = settings(imap=reach(server)) | {"idle_seconds": 0.05}
        account = SPEC.open(AccountContext("mail", given, KEY))
        items: list[Incoming] = []
        async with aclosing(account.receive(None)) as batches:  # type: ignore[type-var]
            async for batch in batches:
                items += batch.items
                if batch.idle and not server.mails:
                    server.mails = {"INBOX": [Kept(1, QUESTION)]}
                elif items:
                    break
        await account.close()
    assert "IDLE" not in server.seen
    assert "NOOP" in server.seen


async def test_r12_r43_gmails_folder_of_everything_shows_nothing_twice(
    inbox: Inbox, make_account: MakeAccount
) -> None:
    """Its labels are folders of one and the same mail, also of one without a Message-ID."""
    everything = "[Gmail]/&BBIEQQRP- &BD8EPgRHBEIEMA-"
    async with scripted(gmail()) as server:
        folders = ["INBOX", "[Gmail]/Вся почта"]
        account = make_account(imap=reach(server, folders=folders), read_sent=False)
        _, cursor = await read(account, None)
        server.mails = {
            "INBOX": [Kept(3, QUESTION, ' X-GM-LABELS ("\\\\Important" Work) FLAGS ()')],
            everything: [
                Kept(9, QUESTION, ' X-GM-LABELS ("\\\\Inbox" "\\\\Important" Work) FLAGS ()'),
                Kept(10, ANSWER, r' X-GM-LABELS ("\\Sent") FLAGS (\Seen)'),
                Kept(11, SPAM, r' X-GM-LABELS ("\\Draft") FLAGS (\Draft)'),
            ],
        }
        items, _ = await read(account, cursor)
    assert len(items) == 4
    done = await inbox.receive("support", *items)
    async with inbox.store.read() as uow:
        comments = (await uow.connection.execute(select(t.comment))).all()
    assert sorted(comment.text for comment in comments) == ["Here.", "Where?"]
    assert done.duplicates == 1


@pytest.mark.parametrize(
    ("host", "auth", "said", "kind"),
    [
        (
            "imap.gmail.com",
            "password",
            "NO [ALERT] Application-specific password required: "
            "https://support.google.com/accounts/answer/185833 (Failure)",
            "app_password_needed",
        ),
        (
            "smtp.gmail.com",
            "password",
            "534 5.7.9 Application-specific password required. For more information, go to "
            "https://support.google.com/mail/?p=InvalidSecondFactor a640c23a62f3a - gsmtp",
            "app_password_needed",
        ),
        (
            "smtp.gmail.com",
            "password",
            "535 5.7.8 Username and Password not accepted. For more information, go to "
            "https://support.google.com/mail/?p=BadCredentials 5b1f17b1804b1 - gsmtp",
            "app_password_needed",
        ),
        (
            "imap.gmail.com",
            "password",
            "NO [WEBALERT https://accounts.google.com/signin/continue?x=y] Web login required.",
            "browser_needed",
        ),
        (
            "imap.gmail.com",
            "password",
            "NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings "
            "page and enable your account for IMAP access. (Failure)",
            "access_off",
        ),
        ("imap.gmail.com", "xoauth2", "NO [AUTHENTICATIONFAILED] Invalid creds", "token_refused"),
        ("outlook.office365.com", "password", "NO LOGIN failed.", "token_needed"),
        ("outlook.office365.com", "xoauth2", "NO AUTHENTICATE failed.", "token_refused"),
        (
            "smtp.office365.com",
            "password",
            "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [AM0PR01]",
            "token_needed",
        ),
        (
            "smtp.office365.com",
            "xoauth2",
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
            "Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.",
            "access_off",
        ),
        (
            "imap.yandex.ru",
            "password",
            "NO [AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled sc=cYXlpv732",
            "access_off",
        ),
        (
            "smtp.yandex.ru",
            "password",
            "535 5.7.8 Error: authentication failed: This user does not have access rights to this "
            "service",
            "access_off",
        ),
        (
            "imap.mail.ru",
            "password",
            "NO [AUTHENTICATIONFAILED] NEOBHODIM parol prilozheniya https://help.mail.ru/mail/"
            "security/protection/external / Application password is REQUIRED",
            "app_password_needed",
        ),
        ("mail.example.com", "password", "NO [AUTHENTICATIONFAILED] Wrong", "auth_failed"),
        ("notoutlook.com", "password", "NO LOGIN failed.", "auth_failed"),
    ],
)
def test_a_refused_sign_in_says_what_to_do(host: str, auth: str, said: str, kind: str) -> None:
    reason = refusals.sign_in(host, said, auth)
    assert reason.kind == kind
    assert said in reason.sentence()
    assert refusals.busy(host, said) is None


async def test_doctor_says_it_too(make_account: MakeAccount) -> None:
    refusal = "NO [ALERT] Application-specific password required: https://support.google.com/x"
    async with scripted(gmail()) as server:
        server.says = lambda line: refusal if line.startswith("LOGIN") else None
        found = await make_account(imap=reach(server)).probe()
    assert not found[-1].ok
    assert found[-1].reason is not None
    assert "wants an app password" in found[-1].reason.sentence()


def test_r43_no_second_copy_where_the_provider_keeps_one() -> None:
    for host in ("smtp.gmail.com", "SMTP.office365.com", "smtp-mail.outlook.com"):
        assert saves_by_itself(host)
    for host in ("smtp.yandex.ru", "smtp.mail.ru", "mail.example.com", "notgmail.com"):
        assert not saves_by_itself(host)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("BAD Request is throttled. Suggested Backoff Time: 89117 milliseconds", 89.117),
        ("NO Request is throttled. Suggested Backoff Time: 99999999 milliseconds", 3600),
        ("NO Server Unavailable. 15", None),
        ("BYE [OVERQUOTA] Account exceeded command or bandwidth limits.", None),
        ("NO [ALERT] Too many simultaneous connections. (Failure)", None),
        ("NO [UNAVAILABLE] [SYS/TEMP] Backend error", None),
        ("450 4.2.0 <m@x.org>: Recipient address rejected: Greylisted for 300 seconds", 300),
        ("451 4.7.1 Greylisting in action, please come back in 5 minutes", 300),
        ("451 4.7.1 Sorry, the service is temporarily unavailable. Please come back later", None),
    ],
)
def test_who_asks_to_come_back_later_is_left_alone_so_long(
    said: str, seconds: float | None
) -> None:
    failure = refusals.busy("h", said)
    assert failure is not None
    assert failure.retry_after == seconds
    assert refusals.busy("h", "NO [SERVERBUG] this mail is damaged") is None


@pytest.mark.parametrize("verb", ["EXAMINE", "UID FETCH"])
async def test_r12_a_throttled_account_loses_no_mail(make_account: MakeAccount, verb: str) -> None:
    """However often: what was not given for want of time is nothing that cannot be read."""
    throttled = "NO Request is throttled. Suggested Backoff Time: 299910 milliseconds"
    async with scripted(microsoft()) as server:
        account = make_account(imap=reach(server))
        _, cursor = await read(account, None)
        server.mails = {"INBOX": [Kept(1, QUESTION)]}
        server.says = lambda line: throttled if line.startswith(verb) else None
        for _session in range(4):
            with pytest.raises(TemporaryFailure) as failure:
                await read(account, cursor)
            assert failure.value.reason.kind == "server_busy"
            assert failure.value.retry_after == 299.91
        server.says = lambda _line: None
        (item,), _ = await read(account, cursor)
    assert isinstance(item.event, Message)


async def test_what_a_server_says_when_it_goes_and_where_there_is_no_mailbox(
    make_account: MakeAccount,
) -> None:
    async with scripted(microsoft()) as server:
        account = make_account(imap=reach(server))
        server.says = lambda line: (
            "BYE Session invalidated - AccessTokenExpired" if line.startswith("EXAMINE") else None
        )
        with pytest.raises(TemporaryFailure, match="AccessTokenExpired"):
            await read(account, None)
        server.says = lambda line: (
            "BAD User is authenticated but not connected." if line.startswith("EXAMINE") else None
        )
        with pytest.raises(AccountFailure) as failure:
            await read(account, None)
        assert failure.value.reason.kind == "mailbox_not_connected"
