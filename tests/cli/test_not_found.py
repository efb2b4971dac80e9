"""What an agent may not see is not found, in every verb and every parameter (R10, R46).

The verbs are taken from the program itself: a verb or a parameter that is added later is either
covered by its name, or this test asks what it takes.
"""

import re

import pytest

from pfinbox.domain.contract.incoming import ChatStarted, Incoming
from pfinbox.domain.contract.party import Party
from tests.builders import Inbox, chat_account, mail_account
from tests.cli.conftest import Cli
from tests.cli.others import OTHERS_ACCOUNTS, SECRET, world
from tests.cli.verbs import ADMINS, READING, base, commands, kind_of, secrets, with_secret
from tests.services.photograph import differences, photograph

# Ids of what is hidden begin so.
NUMBER = re.compile(r"(?<![\d.])77\d{4}(?!\d)")


def leaks(said: str, named: str, shared: frozenset[int] = frozenset()) -> list[str]:
    """Secret words and numbers in what was printed, but for the value that was typed."""
    shown = said
    for allowed in (named, *named.split(":"), *map(str, shared)):
        shown = shown.replace(allowed, "") if allowed else shown
    found = [word for word in (SECRET, *OTHERS_ACCOUNTS) if word in shown.lower()]
    return [*found, *NUMBER.findall(shown)]


def test_every_verb_and_parameter_finds_nothing_of_a_colleagues_r10_r46(cli: Cli) -> None:
    made = cli.inbox(world)
    before = cli.inbox(photograph)
    wrong: list[str] = []
    for verb, command in commands():
        as_json = [one.name for one in command.params if one.name == "as_json"]
        call = base(cli, verb, command, made.seen)
        for parameter in command.params:
            kind = kind_of(verb, parameter)
            if not kind:
                continue
            agent = "clara" if verb in ADMINS else "boris"
            for n, value in enumerate(secrets(kind, made.hidden)):
                if agent == "clara" and value == "annasales":
                    continue
                tried = with_secret(call, parameter, value)
                words = tried.words()
                if as_json and n % 2 == 0:
                    words.insert(words.index("--"), "--json")
                code, out, err = run_as(cli, agent, words)
                expected = 0 if kind in ("words", "view") else 5
                if code != expected:
                    wrong.append(f"{words}: exit {code}: {out}{err}")
                if found := leaks(out + err, value, made.shared):
                    wrong.append(f"{words}: shows {found}: {out}{err}")
    assert "\n".join(wrong) == ""
    assert differences(before, cli.inbox(photograph)) == []


def run_as(cli: Cli, agent: str, words: list[str]) -> tuple[int, str, str]:
    said = cli.raw(*words, agent=agent)
    return said.code, said.out, said.err


def test_no_verb_shows_anything_of_a_colleagues_r10_r46(cli: Cli) -> None:
    """Called with what the agent may see: lists, counts, links, exports, and what is changed."""
    made = cli.inbox(world)
    wrong: list[str] = []
    for agent in ("boris", "clara"):
        for verb, command in commands():
            if verb == "restore":
                continue
            reads = verb.split()[-1] in READING
            if agent == "clara" and not reads and verb not in ADMINS:
                continue
            words = base(cli, verb, command, made.seen).words()
            in_json = any(one.name == "as_json" for one in command.params)
            variants = [words] if reads or not in_json else []
            if in_json:
                variants.append(
                    [*words[: words.index("--")], "--json", *words[words.index("--") :]]
                )
            if verb == "task list":
                variants.append(["task", "list", "--all", "--json"])
            if verb == "task show":
                later = str(made.seen["later task"])
                variants += [["task", "show", later], ["task", "show", later, "--json"]]
            for one in variants:
                code, out, err = run_as(cli, agent, one)
                if agent == "boris" and verb in ADMINS and code != 6:
                    wrong.append(f"{one}: exit {code}: not refused")
                # Else the other test would find nothing for the wrong reason; boris has no receipt
                # and no canned reply yet.
                if code == 5 and not verb.startswith(("quarantine", "canned")):
                    wrong.append(f"{one}: exit 5: {out}{err}")
                # An admin looks after every account.
                shown = out + err
                if agent == "clara":
                    shown = re.sub("|".join(OTHERS_ACCOUNTS), "", shown)
                if found := leaks(shown, SECRET if verb == "search" else "", made.shared):
                    wrong.append(f"{agent} {one}: shows {found}: {out}{err}")
    assert "\n".join(wrong) == ""


def test_an_agent_who_is_no_admin_does_a_days_work_r46(cli: Cli) -> None:
    made = cli.inbox(world)
    seen = made.seen
    assert cli.json("task", "show", seen["later task"], agent="boris")["previous_task_id"] == 1
    hers = cli.json("task", "show", seen["later task"])
    assert hers["previous_task_id"] > 770000
    assert "before it: #1 " in cli("task", "show", seen["later task"], agent="boris").out
    cli("contact", "show", 1, agent="boris")
    answered = ("task", "comment", 1, "--text", "Yes", "--notify", "client", "--quote", 1)
    cli(*answered, agent="boris")
    cli("task", "set", 1, "--assignee", "boris", agent="boris")
    cli("task", "new", "--title", "T", "--account", "support", "--contact", 1, agent="boris")
    exported = cli("export", agent="boris").out
    assert "Where is it?" in exported
    for admins_only in (
        ("backup", cli.config.parent / "b"), ("db", "check"), ("db", "upgrade"),
        ("db", "copy", "--to", "sqlite:///x.sqlite"), ("account", "check", "support"),
    ):  # fmt: skip
        assert "only an admin" in cli(*admins_only, agent="boris", code=6).err
        assert "there is no agent" in cli(*admins_only, agent="ghost", code=5).err
    cli("backup", cli.config.parent / "b", agent="clara")
    cli("restore", cli.config.parent / "b", "--force", agent="boris", code=6)


def test_what_is_shared_is_found_again_r10_r46(cli: Cli) -> None:
    """Assigned to boris, anna's task is his, with its client, files and way to answer."""
    made = cli.inbox(world)
    task, person = made.hidden["task"][0], made.hidden["contact"][0]
    cli("contact", "show", person, agent="boris", code=5)
    # Made by hand on her own account it is hers, and whom she writes to from there as well.
    own = cli.json("task", "new", "--title", "Mine", "--account", "annapriv")["id"]
    cli("task", "show", own, agent="boris", code=5)
    cli("task", "forward", task, "--to", "partner@client.example")
    assert "partner" in cli("contact", "list").out
    assert "partner" not in cli("contact", "list", agent="boris").out
    cli("task", "set", task, "--assignee", "boris")
    assert cli.json("task", "show", task, agent="boris")["account"] == "annapriv"
    assert cli.json("contact", "show", person, agent="boris")["id"] == person
    say = ("task", "comment", task, "--text", "x", "--notify", "client")
    (delivery,) = cli.json(*say, agent="boris")["deliveries"]
    assert delivery["account"] == "annapriv"
    # The task's own way, and no other of anna's.
    cli(*say, "--reply-via", "annapriv", agent="boris")
    cli(*say, "--reply-via", "annabot", agent="boris", code=5)
    cli("task", "new", "--title", "T", "--account", "annapriv", agent="boris", code=5)


async def closed(inbox: Inbox, agents: tuple[str, ...] = ("anna",)) -> None:
    await inbox.configure(mail_account(), mail_account("annasales", agents=agents))
    await inbox.mails(f"{SECRET} offer", account="annasales", subject=f"{SECRET} offer")
    await inbox.mails("For everybody", sender="jan@client.example", name="Jan")


@pytest.mark.parametrize("served_by", ["anna", "somebody_new"])
def test_an_account_with_agents_of_its_own_is_theirs_r10_r46(cli: Cli, served_by: str) -> None:
    """Its task, its only contact, its files; also while they are not here. An admin serves it."""
    cli.inbox(lambda inbox: closed(inbox, (served_by,)))
    for words in (
        ("task", "show", 1),
        ("contact", "show", 1),
        ("contact", "message", 1, "--ways"),
        ("task", "new", "--title", "T", "--account", "annasales"),
        ("task", "set", 2, "--reply-via", "annasales"),
        ("task", "comment", 2, "--text", "x", "--notify", "client", "--reply-via", "annasales"),
    ):
        said = cli(*words, agent="boris", code=5)
        assert leaks(said.out + said.err, "annasales") == []
    assert [one["id"] for one in cli.json("contact", "list", agent="boris")] == [2]
    assert [one["name"] for one in cli.json("account", "list", agent="boris")] == ["support"]
    assert len(cli.json("contact", "list")) == 2
    # What is assigned to boris he may answer, by that account too.
    cli("task", "set", 1, "--assignee", "boris")
    cli("task", "comment", 1, "--text", "x", "--notify", "client", agent="boris")


async def started(inbox: Inbox) -> None:
    """Maria mails everybody, and follows a link to anna's own bot without a word."""
    personal = chat_account("annabot", role="personal", owner="anna")
    await inbox.configure(mail_account(), personal)
    await inbox.mails("For everybody")
    sender, at = Party("77123456", f"{SECRET} Maria", SECRET), inbox.clock.now
    event = ChatStarted(chat_key="77123456", sender=sender, at=at)
    await inbox.receive("annabot", Incoming(key="s", raw=b"/start", event=event))


def test_a_chat_without_a_task_is_its_accounts_r10_r46(cli: Cli) -> None:
    """Also when it stands on a card that everybody knows."""
    cli.inbox(started)
    cli("contact", "merge", 1, 2)
    assert "annabot" in cli("contact", "export", 1).out
    for words in (
        ("contact", "export", 1),
        ("contact", "show", 1),
        ("contact", "show", 1, "--json"),
        ("contact", "list"),
        ("contact", "list", "--query", SECRET),
        ("contact", "list", "--query", "77123456"),
        ("contact", "message", 1, "--ways"),
    ):
        said = cli(*words, agent="boris")
        assert leaks(said.out, "") == [], words
        assert "--query" not in words or "Maria" not in said.out, words
    cli("task", "comment", 1, "--text", "Yes", "--notify", "client")
    for query in ("77123456", f"from:{SECRET}", "from:77123456", "to:77123456"):
        assert cli.json("search", query, agent="boris") == [], query
    assert len(cli.json("search", "from:maria@client.example", agent="boris")) == 1


def test_an_address_that_a_colleague_knows_is_said_without_a_number_r27_r46(cli: Cli) -> None:
    cli.inbox(world)
    address = f"email:{SECRET}@client.example"
    said = cli("contact", "new", "--name", "N", "--address", address, agent="boris", code=6)
    assert leaks(said.out + said.err, f"{SECRET}@client.example") == []
