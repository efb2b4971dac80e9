"""Small promises of the command line, each of them broken once (R19, R24, R29, R43)."""

import json
import unicodedata
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from pfinbox.cli.entry import run
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.comments import FileReplaced
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.tasks import tasks
from pfinbox.store import journal
from pfinbox.store import tables as t
from tests.builders import Inbox, chat_account, client, mail_account
from tests.cli.conftest import Cli, on_both


def _acts(text: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cf") and char != "\n" for char in text)


ANY_JSON = st.recursive(
    st.text() | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(), ANY_JSON, max_size=3))
def test_what_another_program_says_in_a_reason_cannot_act(args: dict[str, Any]) -> None:
    shown = Reason("server_error", args).as_json()
    assert Reason.from_json(shown).as_json() == shown

    def walk(value: Any) -> None:
        if isinstance(value, str):
            assert not any(unicodedata.category(c) == "Cc" and c != "\n" for c in value), value
        elif isinstance(value, dict):
            for key, one in value.items():
                walk(key)
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(shown)


async def _trouble(inbox: Inbox) -> None:
    """Three deliveries that need somebody, one with a hostile answer; and a hostile line."""
    await inbox.says()
    for text in ("failed", "unknown", "held"):
        await inbox.comment(1, text, to=[client(1)])
    detail = "550 \x9b31mgo away\x1b]0;x\x07\u202e"
    async with inbox.store.write() as uow:
        for number, state in enumerate(("failed", "unknown", "held"), start=1):
            await uow.connection.execute(
                update(t.delivery)
                .where(t.delivery.c.id == number)
                .values(state=state, error=Reason("server_error", {"detail": detail}).as_json())
            )
        await journal.record(uow, 1, FileReplaced(comment=1, name=detail))
        await uow.commit()


def test_r24_held_is_not_failed_and_errors_are_harmless_in_json(cli: Cli) -> None:
    cli.inbox(_trouble)
    assert cli("status", "--format", "{failed}").out == "2\n"
    assert cli.json("status")["failed"] == 2
    assert cli.json("status")["outbox"] == 1
    for words in (("outbox", "list"), ("task", "show", 1)):
        said = cli(*words, "--json").out
        assert "go away" in said
        assert not _acts(json.dumps(json.loads(said), ensure_ascii=False))


async def _answers(inbox: Inbox) -> None:
    """Maria answers a whole message in the chat and by mail, and Anna writes from her phone."""
    await inbox.says("One", source_id="501:1")
    await inbox.says("As I said", references=("501:1",))
    first = await inbox.mails("By mail")
    async with inbox.store.read() as uow:
        query = select(t.comment.c.source_id).where(t.comment.c.id == first)
        source = str(await uow.connection.scalar(query))
    await inbox.mails("Once more by mail", answers=source)
    event = Message(
        source_id="501:9000",
        chat_key="501",
        sender=Party("me", "Anna"),
        sent_at=inbox.clock() + timedelta(minutes=1),
        text="From my phone",
        sent_elsewhere=True,
    )
    inbox.clock.advance(minutes=2)
    await inbox.receive("bot", Incoming(key="elsewhere", raw=b"{}", event=event))


def test_r19_r43_a_quote_has_its_words_and_an_answer_from_elsewhere_an_author(cli: Cli) -> None:
    cli.inbox(_answers)
    _one, said, phone = cli.json("task", "show", 1)["comments"]
    assert said["quote"] == {"comment_id": 1, "text": "One"}
    assert phone["author"] == {"kind": "agent", "id": None, "login": None, "name": "bot"}
    shown = cli("task", "show", 1).out
    assert "    > One\n" in shown
    assert "  bot  (to the client" in shown
    # Every mail of a thread answers another: in JSON too, but nobody has to read it twice.
    mails = cli.json("task", "show", 2)["comments"]
    assert mails[1]["quote"] == {"comment_id": 3, "text": "By mail"}
    assert "> By mail" not in cli("task", "show", 2).out


def test_no_daemon_may_be_said_before_the_verb_and_of_the_inbox_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for words in (["--no-daemon"], ["--no-daemon", "tui"], ["tui", "--no-daemon"]):
        assert run(words) == 2
        assert "there is no configuration at" in capsys.readouterr().err
    assert run(["--no-daemon", "task", "list"]) == 2
    assert "--no-daemon" in capsys.readouterr().err


def test_r34_what_would_go_is_not_said_as_if_it_had_gone(cli: Cli) -> None:
    cli.inbox(lambda inbox: inbox.says())
    cli("task", "delete", 1)
    cli("agent", "add", "cecylia")
    for words, said in (
        (("task", "purge", 1), "go for good: 1 task, 1 comment"),
        (("contact", "erase", 1), "go for good: "),
        (("agent", "deactivate", "cecylia"), "handed over to nobody in particular: nothing"),
    ):
        assert f"would {'be ' if 'handed' in said else ''}{said}" in cli(*words, "--dry-run").out
        assert "would" not in cli(*words).out


def test_r29_a_contact_with_one_way_needs_no_account(cli: Cli) -> None:
    async def two(inbox: Inbox) -> None:
        await inbox.configure(mail_account(), mail_account("sales"), chat_account())
        await inbox.says("In the chat", name="Maria")
        await inbox.mails("By mail", sender="jan@client.example", name="Jan")

    cli.inbox(two)
    task = cli.json("contact", "message", 1, "--text", "Hello")
    assert [chat["account"] for chat in task["chats"]] == ["bot"]
    said = cli("contact", "message", 2, "--text", "Hello", "--title", "Offer", code=2).err
    assert "support, sales" in said
    cli("contact", "new", "--name", "Nobody")
    assert "Nobody" in cli("contact", "message", 3, "--text", "Hello", code=6).err


HOSTILE = (
    "a@b.example,evil@x.example",
    "a@b.example;evil@x.example",
    "a\x9b31m@b.example",
    "a\x1b]0;x\x07@b.example",
    "a@b.example\r\nBcc: evil@x.example",
    "a b@c.example",
    "\u202emoc.elpmaxe@a",
    "a\u200b@b.example",
    "<a@b.example",
    "",
)


@pytest.mark.parametrize("typed", HOSTILE)
def test_addresses_and_logins_that_people_type_are_looked_at_in_every_verb(
    cli: Cli, typed: str
) -> None:
    cli.inbox(lambda inbox: inbox.mails())
    at_least = (
        ("contact", "new", "--name", "X", "--address", f"email:{typed}"),
        ("contact", "set", 1, "--address", f"email:{typed}"),
        ("contact", "set", 1, "--address", f"bot:{typed}"),
        ("task", "forward", 1, "--to", typed),
        ("agent", "add", typed),
        *([("agent", "add", "c", "--email", typed)] if typed else []),
        *([("agent", "set", "anna", "--email", typed)] if typed else []),
    )
    for words in at_least:
        said = cli(*words, code=2)
        assert not _acts(said.err), words
    assert len(cli.json("agent", "list")) == 2
    assert len(cli.json("contact", "list")) == 1


def test_r2_r27_an_address_is_kept_as_it_comes_in_mails(cli: Cli) -> None:
    """However a person spells it, a mail from there makes no second card, and it can be chosen."""
    cli.inbox(lambda inbox: inbox.mails())
    typed = "Ann <Ann@B\u00fccher.example>"
    cli("contact", "new", "--name", "Ann", "--address", f"email:{typed}")
    known = "ann@xn--bcher-kva.example"
    cli.inbox(lambda inbox: inbox.mails(sender=known))
    assert [one["value"] for one in cli.json("contact", "show", 2)["addresses"]] == [known]
    assert len(cli.json("contact", "list")) == 2
    words = ("task", "comment", 2, "--text", "x", "--notify", "client", "--dry-run", "--address")
    (row,) = cli.json(*words, typed)["plan"]
    assert (row["address"], row["error"]) == (known, None)
    assert not _acts(cli(*words, "a\x9b31m@b.example", code=2).err)

    async def fails(inbox: Inbox) -> None:
        await inbox.comment(2, "On its way", to=[client(2)])
        await inbox.fails(Reason("server_error", {"detail": "no"}))

    cli.inbox(fails)
    reroute = ("outbox", "reroute", 1, "--address")
    cli(*reroute, "a@b..example", code=2)
    # The one that it went to already: it is known again.
    assert "the way it went before" in cli(*reroute, typed, code=6).err
    # R48: what would be nobody's in a mail is nobody's here.
    for nobody in ("a@b..example", "a@.b.example", "a@b."):
        for verb in (("contact", "set", 2, "--address"), ("agent", "set", "boris", "--email")):
            cli(*verb, f"email:{nobody}" if verb[0] == "contact" else nobody, code=2)


def test_a_configuration_that_others_can_read_is_said_by_every_verb(cli: Cli) -> None:
    with cli.config.open("a") as file:
        file.write('[accounts.bot]\nchannel = "telegram"\ntoken = "1:secret"\n')
    cli.config.chmod(0o644)
    cli.inbox(lambda inbox: inbox.says())
    for words in (("task", "list"), ("account", "list")):
        said = cli(*words)
        assert "accounts.bot.token in plain text and others can read it" in said.err
        assert "secret" not in said.out + said.err
    cli.config.chmod(0o600)
    assert cli("task", "list").err == ""


FRESH = """
[accounts.mine]
channel = "email"
address = "mine@ours.example"
role = "personal"
owner = "boris"
imap = { host = "127.0.0.1", port = 1, tls = "none", username = "u", password = { env = "X" } }
smtp = { host = "127.0.0.1", port = 1, tls = "none" }
[accounts.few]
channel = "email"
address = "few@ours.example"
agents = ["anna", "boris"]
imap = { host = "127.0.0.1", port = 1, tls = "none", username = "u", password = { env = "X" } }
smtp = { host = "127.0.0.1", port = 1, tls = "none" }
"""


@on_both
def test_r10_a_fresh_store_starts_with_agents_who_are_not_there_yet(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their accounts wait and say for whom; once the agents are there they are taken up."""
    monkeypatch.setenv("X", "secret")
    with cli.config.open("a") as file:
        file.write(FRESH)

    def details() -> dict[str, tuple[str, str | None]]:
        found = {}
        for row in cli.json("account", "list"):
            detail = row["detail"] or {"kind": None, "args": {}}
            found[row["name"]] = (detail["kind"], detail["args"].get("names"))
        return found

    # Not reached, but neither a fault of the configuration nor one of the store.
    cli("daemon", "--once", code=1)
    # Whoever comes first is an admin, as ever.
    assert cli.json("agent", "list")[0]["admin"] is True
    cli("daemon", "--once", code=1)
    assert details() == {"mine": ("agent_missing", "boris"), "few": ("agent_missing", "boris")}
    assert "pfinbox agent add" in cli("account", "list").out
    assert (
        "few: the configuration names agents who do not exist: boris" in cli("doctor", code=1).out
    )
    cli("agent", "add", "boris")
    cli("daemon", "--once", code=1)
    assert details() == {"mine": ("connection_failed", None), "few": ("connection_failed", None)}
    cli("agent", "add", "cecylia")
    assert "few" in [row["name"] for row in cli.json("account", "list", agent="anna")]


@on_both
def test_a_clock_that_was_set_back_leaves_a_conversation_in_order(cli: Cli) -> None:
    """Comments stand by created_at, then id: what is new never comes before what is there."""

    async def a_day_back(inbox: Inbox) -> None:
        await inbox.says("one")
        await inbox.comment(1, "two", to=[client(1)])
        real = inbox.clock.now
        inbox.clock.advance(days=-1)
        await inbox.says("three", sent_at=real + timedelta(minutes=1))
        await inbox.comment(1, "four", to=[client(1)])
        await inbox.comment(1, "five", to=[])
        await inbox.says("six", sent_at=real + timedelta(minutes=2))
        # What the other side says was before stays where it was said.
        await inbox.says("late", sent_at=real - timedelta(days=2))
        await inbox.says("of another client", user="502", sent_at=real + timedelta(minutes=3))

    cli.inbox(a_day_back)
    shown = cli.json("task", "show", 1)
    words = [one["text"] for one in shown["comments"]]
    assert words == ["late", "one", "two", "three", "four", "five", "six"]
    moments = [one["created_at"] for one in shown["comments"]]
    assert moments == sorted(moments)
    assert shown["last_activity_at"] == moments[-1]


def test_r41_a_clock_that_was_set_back_hides_nobody_who_waits(cli: Cli) -> None:
    """What was settled before a message was said does not settle it, whenever it is looked at."""

    async def comes_back(inbox: Inbox) -> None:
        account = replace(mail_account(), new_task_after_close="false")
        await inbox.configure(account, chat_account())
        first = await inbox.mails("Where is it?")
        anna = inbox.agent_ids["anna"]
        change = TaskChange(status="done")
        await inbox.store.run(lambda uow: tasks.change(uow, AgentActor(anna), (1,), change))
        real = inbox.clock.now
        inbox.clock.advance(days=-1)
        async with inbox.store.read() as uow:
            query = select(t.comment.c.source_id).where(t.comment.c.id == first)
            source = str(await uow.connection.scalar(query))
        await inbox.mails("Still nothing", answers=source, sent_at=real + timedelta(minutes=1))
        # Whatever computes anew who waits.
        await inbox.comment(1, "later", to=[client(1)], send_at=real + timedelta(days=900))

    cli.inbox(comes_back)
    assert cli.json("task", "show", 1)["waiting_since"] is not None
    cli("outbox", "withdraw", 1)
    shown = cli.json("task", "show", 1)
    assert shown["waiting_since"] == shown["comments"][1]["created_at"]
    closed = next(one["at"] for one in shown["activities"] if one["kind"] == "status")
    assert shown["comments"][0]["created_at"] <= closed < shown["comments"][1]["created_at"]


def test_canned_replies_are_kept_by_name_everybodys_and_ones_own(cli: Cli) -> None:
    cli("agent", "add", "boris")
    made = cli.json("canned", "set", "Shipping / Late", "--text", "Sorry")
    assert (made["name"], made["folder"], made["mine"]) == ("Shipping/Late", "Shipping", False)
    cli("canned", "set", "Shipping/Late", "--text", "So sorry")
    cli("canned", "set", "Hi", "--text", "Hello {{client.name}}", "--mine", agent="boris")
    cli("canned", "set", "Hi", "--text", "{{client.nme}}", code=2)
    assert [row["text"] for row in cli.json("canned", "list")] == ["So sorry"]
    assert "Hi  (mine)  Hello" in cli("canned", "list", agent="boris").out
    cli("canned", "remove", "Hi", "--mine", code=5)
    assert "Hi is removed" in cli("canned", "remove", "Hi", "--mine", agent="boris").out
