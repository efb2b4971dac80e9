"""Whatever is typed, written or configured: a mail has the head and recipients that were meant."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from itertools import cycle

import click

from pfinbox.channels.mail.account import MailAccount
from pfinbox.daemon.chores.sign_in_mailer import SignInMailer
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.domain.contract.channel import AccountContext
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.services.system import configuration
from tests.builders import Inbox, a_file, client
from tests.channels.mail.conftest import KEY, settings
from tests.cli.conftest import Cli
from tests.cli.test_terminal import acts
from tests.cli.verbs import OWN_WORDS, base, commands
from tests.daemon.test_sender import a_lease
from tests.servers.smtp import SmtpServer, Taken

EVIL = [
    "x\r\nBcc: evil@evil.example",
    "a@ok.example\nTo: evil@evil.example\n\nx",
    "a@ok.example, evil@evil.example",
    "=?utf-8?q?=0d=0aBcc:_evil=40evil.example?=@ok.example",
    '"<evil@evil.example>" a@ok.example',
    "x\u2028Bcc: evil@evil.example\x0b\x85\x1b]0;t\x07\x9b2J\u202e",
    "{{client.name}}\r\n.\r\nRCPT TO:<evil@evil.example>\r\n",
]
KNOWN = {"maria@client.example", "other@client.example", "jan@client.example", "anna@ours.example"}
# Read from files or a clock, not typed as words.
NO_WORDS = {"limit", "text_file", "attach", "send_at", "snooze", "folder", "keep", "when", "away"}


def typed(command: click.Command) -> Iterator[click.Parameter]:
    for one in command.params:
        words = one.name in OWN_WORDS - NO_WORDS and isinstance(
            one.type, click.types.StringParamType
        )
        if words or one.name == "addresses":
            yield one


async def _comes_in(inbox: Inbox, evil: str) -> None:
    """A client's name, subject, ids, files and Cc; and what an agent answers, quotes, passes on."""
    event = Message(
        source_id=f"<x@y>{evil}",
        chat_key=None,
        sender=Party("maria@client.example", evil),
        sent_at=inbox.clock(),
        text=f"{evil}\n> {evil}",
        title=evil,
        cc=(Party("jan@client.example", evil),),
        references=(evil, f"<{evil}@z>"),
        files=(a_file(evil, b"x", evil),),
    )
    await inbox.receive("support", Incoming(key=f"INBOX:1:{evil}", raw=evil.encode(), event=event))


async def _goes_out(inbox: Inbox, server: SmtpServer) -> list[Taken]:
    """Everything that is due, by the real channel to a real server."""
    smtp = {"host": server.host, "port": server.port, "tls": "none"}
    given = settings(address="support@ours.example", name=EVIL[0], signature=EVIL[1], smtp=smtp)
    account = MailAccount(AccountContext("support", given, KEY))
    channels = dict.fromkeys(inbox.account_ids.values(), account)
    lease = await a_lease(inbox, dead=True)
    inbox.clock.advance(days=400)
    sender = Sender(inbox.store, lease, channels)
    await sender.look_first()
    for _ in range(3):
        await sender.run_once()
    await SignInMailer(inbox.store, lease, channels).run_once()
    await account.close()
    return server.taken


def test_no_verb_and_no_client_writes_into_the_head_of_a_mail(
    cli: Cli, smtp_server: SmtpServer
) -> None:
    web: dict[str, object] = {"base_url": "https://x.example", "title": EVIL[0], "language": None}
    web |= {"link_in_mails": True}

    async def begin(inbox: Inbox) -> None:
        await inbox.store.run(lambda uow: configuration.configure_web(uow, "daemon", web, EVIL[1]))
        for evil in EVIL:
            await _comes_in(inbox, evil)
        await inbox.comment(1, "On its way", to=[client(1)], quote_id=1)

    cli.inbox(begin)
    cli("agent", "set", "anna", "--email", "anna@ours.example", "--notices", "mail")
    ids = dict.fromkeys(("task", "contact", "comment", "delivery", "attachment", "receipt"), 1)
    ids |= {"other task": 2, "other contact": 2}
    evil = cycle(EVIL)
    failed = []
    for verb, command in commands():
        if verb in ("restore", "backup", "contact erase", "task purge", "agent deactivate"):
            continue
        call = base(cli, verb, command, ids)
        for one in typed(command):
            word = next(evil)
            words = call.words()
            if isinstance(one, click.Argument):
                words[-1] = word
            else:
                words[words.index("--") : words.index("--")] = [max(one.opts, key=len), word]
            said = cli.raw(*words)
            # Done, wrong use, not found, refused: never a fault of ours.
            if said.code not in (0, 2, 5, 6) or acts(said.out + said.err):
                failed.append(f"{words}: {said.code} {said.out}{said.err}")
    assert failed == []
    cli("contact", "set", 1, "--portal", "on", "--force")
    cli("contact", "invite-portal", 1)
    cli("task", "comment", 2, "--text", EVIL[3], "--notify", "agent:anna", agent="boris")
    cli("task", "comment", 3, "--text", EVIL[6], "--reply-all", "--quote", 3)
    for task in (2, 3, 4):
        cli.raw("task", "comment", task, "--text", EVIL[task], "--notify", "client")
        cli.raw("task", "forward", task, "--to", f"{EVIL[0]} <other@client.example>")

    async def end(inbox: Inbox) -> list[Taken]:
        await _comes_in(inbox, EVIL[2])
        return await _goes_out(inbox, smtp_server)

    taken = cli.inbox(end)
    assert len(taken) > 10
    reached = set()
    for mailed in taken:
        reached |= set(mailed.recipients)
        mail = message_from_bytes(mailed.content, policy=policy.default)
        assert "Bcc" not in mail
        assert len(set(mail.keys())) == len(mail.keys()), mail.keys()
        lists = [mail[name].addresses for name in ("To", "Cc") if name in mail]
        named = {who.addr_spec for addresses in lists for who in addresses}
        assert set(mailed.recipients) <= named <= KNOWN, mail.items()
        assert [who.addr_spec for who in mail["From"].addresses] == ["support@ours.example"]
        assert mailed.sender in ("support@ours.example", "")
    assert reached == KNOWN
