"""R48: a sender without a usable address is nobody's card, blocks nobody, and gets no answer."""

from hypothesis import given
from hypothesis import strategies as st

from pfinbox.channels.mail.apart.worker import unreadable
from pfinbox.channels.mail.reading.mime import Place, read_mail
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.mail_address import normalise
from tests.builders import Inbox, chat_account, mail_account
from tests.channels.mail.letters import READER, letter, read
from tests.cli.conftest import Cli

# What strangers' mails have in From; the last but one names only the program that sent it.
FROM = ("", "a@", "undisclosed", "@b", "Ann <>", "x\x07y@b.example", "a@b@c", "<root@[]>", "a@b..c")


async def _strangers(inbox: Inbox, *, history: bool = False) -> None:
    await inbox.configure(mail_account(acknowledgement="We have it: {task}"), chat_account())
    for n, sender in enumerate(FROM):
        raw = letter(f"Stranger number {n}", From=sender, Message_ID=f"<{n}@x>", Subject=f"S{n}")
        event = read_mail(raw, READER, Place(inbox.clock.advance(seconds=1)))
        key = f"Strangers:1:{n}"
        await inbox.receive("support", Incoming(key=key, raw=raw, event=event, history=history))


def _refused(cli: Cli, number: int, *more: object) -> str:
    words = ("task", "comment", number, "--text", "Hello", "--notify", "client", *more)
    (row,) = cli.json(*words, "--dry-run")["plan"]
    assert row["error"]["kind"] == "no_address"
    return cli(*words, code=6).err


def test_r48_every_such_mail_stands_alone_blocks_nobody_and_cannot_be_answered(cli: Cli) -> None:
    cli.inbox(_strangers)
    tasks = cli.json("task", "list")
    assert len(tasks) == len({task["contact"]["id"] for task in tasks}) == len(FROM)
    assert all(task["previous_task_id"] is None for task in tasks)
    # Nothing is said to nobody, a program's acknowledgement included.
    assert cli.json("outbox", "list") == []
    assert "from no address" in _refused(cli, 1)
    _refused(cli, 2, "--reply-via", "support")
    none = ("task", "comment", 2, "--text", "Hello", "--notify", "client", "--address", "")
    assert "no e-mail address" in cli(*none, code=2).err
    cards = [cli.json("contact", "show", card["id"]) for card in cli.json("contact", "list")]
    assert [card["addresses"] for card in cards] == [[]] * len(FROM)
    cli("contact", "message", 1, "--account", "support", "--title", "x", "--text", "x", code=6)
    # Spam takes this one alone; the next without an address is news like any.
    cli("task", "spam", 1)
    assert [task["id"] for task in cli.json("task", "list", "--view", "spam")] == [1]
    cli.inbox(lambda inbox: inbox.mails("One more", sender="", name="Nobody", subject="S10"))
    newest = cli.json("task", "list", "--view", "to_answer")[-1]
    assert (newest["title"], newest["unread"]) == ("S10", True)
    cli("task", "unspam", 1)
    # Two that are one person after all: still no address, and no block.
    cli("contact", "merge", 2, 3)
    cli("task", "spam", 2)
    assert not cli.json("task", "show", 3)["deleted_at"]
    _refused(cli, 3)
    # Read, searched, exported and closed like any other.
    assert cli.json("search", "Stranger number 5")[0]["task_id"] == 6
    assert "Stranger number 5" in cli("contact", "export", 6).out
    cli("task", "set", 6, "--status", "done")
    # Who finds out how to reach them writes it on the card.
    cli("contact", "set", 5, "--address", "email:ann@client.example")
    cli("task", "comment", 5, "--text", "Found you", "--notify", "client")
    (delivery,) = cli.json("outbox", "list")
    assert delivery["address"] == "ann@client.example"


def test_r48_a_reply_to_is_a_way_and_one_that_is_none_is_not(cli: Cli) -> None:
    async def come(inbox: Inbox) -> None:
        for n, reply_to in enumerate(("ann@client.example", "a@", "\x01@x.example")):
            raw = letter(From="Ann", Message_ID=f"<r{n}@x>", Reply_To=reply_to, Subject=f"S{n}")
            await inbox.receive("support", Incoming(key=f"k{n}", raw=raw, event=read(raw)))

    cli.inbox(come)
    words = ("--text", "Hi", "--notify", "client", "--dry-run")
    (row,) = cli.json("task", "comment", 1, *words)["plan"]
    assert (row["address"], row["error"]) == ("ann@client.example", None)
    _refused(cli, 2)
    _refused(cli, 3)
    # It says where an answer goes, not who wrote: nobody is blocked because of it.
    cli("task", "spam", 1)
    cli.inbox(lambda inbox: inbox.mails("The real one", sender="ann@client.example"))
    assert [task["id"] for task in cli.json("task", "list")] == [4, 3, 2]


def test_r48_history_and_what_cannot_be_read_have_no_shared_sender_either(cli: Cli) -> None:
    async def come(inbox: Inbox) -> None:
        await _strangers(inbox, history=True)
        for account in ("support", "bot"):
            raw = letter(From="a@", Subject="Broken")
            event = unreadable(raw, Place(inbox.clock.now), Reason("unreadable", {"detail": "x"}))
            await inbox.receive(account, Incoming(key="q", raw=raw, event=event))

    cli.inbox(come)
    done = cli.json("task", "list", "--all", "--query", "status:done")
    assert len({task["contact"]["id"] for task in done}) == len(FROM)
    broken, by_bot = sorted(task["id"] for task in cli.json("task", "list"))
    _refused(cli, broken)
    assert (
        "no channel"
        in cli(*("task", "comment", by_bot, "--text", "x", "--notify", "client"), code=6).err
    )
    cli("task", "spam", broken, by_bot)


@given(st.text(max_size=40))
def test_r48_whatever_stands_in_from_is_an_address_that_can_be_written_to_or_none(
    text: str,
) -> None:
    value = read(letter(From="".join(text.splitlines()))).sender.value
    assert value == "" or normalise(value) == value
