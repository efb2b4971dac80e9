"""R12: a repeat has the same id, sender, subject, text and files; anything else is shown."""

import itertools
import json
import random
from collections import Counter
from typing import Any

from pfinbox.channels.mail.reading.mime import Place, read_mail
from pfinbox.domain.contract.incoming import Incoming
from tests.builders import Inbox
from tests.channels.mail.letters import READER, letter
from tests.cli.conftest import Cli

_PLACES = itertools.count(1)


def _a_mail(number: int, **changed: str) -> bytes:
    """One mail; ``changed``: in what it differs from the others of its number."""
    fields = {
        "sender": "Ann <ann@client.example>",
        "subject": f"Round {number}",
        "id": f"<same{number}@client.example>",
        "text": "" if number % 2 else "Words",
        "file": "content",
        "name": "a.txt",
    } | changed
    body = (
        f"--B\nContent-Type: text/plain\n\n{fields['text']}\n"
        f'--B\nContent-Disposition: attachment; filename="{fields["name"]}"\n\n'
        f"{fields['file']}\n--B--\n"
    )
    return letter(
        body,
        From=fields["sender"],
        Subject=fields["subject"],
        Message_ID=fields["id"],
        Content_Type='multipart/mixed; boundary="B"',
    )


_DIFFERENT: tuple[dict[str, str], ...] = (
    {},
    {"sender": "Ann <ann@other.example>"},
    {"sender": "Ann"},
    {"sender": "Bob"},
    {"subject": "Another"},
    {"text": "Other words"},
    {"file": "other content"},
    {"name": "b.txt"},
    {"id": "<another@client.example>"},
    {"id": ""},
)


async def _arrives(
    inbox: Inbox, raw: bytes, *, moved: bool = False, junk: bool = False, **values: Any
) -> None:
    """In some folder or after a re-index; ``moved``: by another way, with other headers above."""
    n = next(_PLACES)
    if moved:
        raw = f"Received: by host{n}; Mon, 02 Nov 2026 09:00:00 +0000\r\n".encode() + raw
    key = f"{'INBOX' if n % 3 else 'Sales'}:{1 + n % 2}:{n}"
    event = read_mail(raw, READER, Place(inbox.clock.advance(seconds=1), in_spam=junk))
    await inbox.receive("support", Incoming(key=key, raw=raw, event=event, **values))


def test_r12_what_differs_in_anything_is_shown_and_a_copy_never_in_whatever_order(
    cli: Cli,
) -> None:
    rounds = 4

    async def come(inbox: Inbox) -> None:
        chance = random.Random(12)
        for number in range(rounds):
            mails = [_a_mail(number, **changed) for changed in _DIFFERENT]
            copies = [(raw, False) for raw in mails for _copy in range(chance.randint(1, 2))]
            # Without an id only the bytes tell.
            copies += [(raw, True) for raw in mails if b"Message-ID" in raw]
            chance.shuffle(copies)
            for raw, moved in copies:
                again = chance.random() < 0.3
                await _arrives(inbox, raw, moved=moved, match_bytes=again)

    cli.inbox(come)
    shown = [json.loads(line) for line in cli("export").out.splitlines()]
    assert all(len(task["comments"]) == 1 for task in shown)
    found = Counter(
        (
            task["title"],
            task["contact"]["name"],
            task["comments"][0]["text"],
            task["comments"][0]["attachments"][0]["name"],
        )
        for task in shown
    )
    for number in range(rounds):
        subject, text = f"Round {number}", "" if number % 2 else "Words"
        # The base, another address, another content, another id, none: five look alike,
        # and one has no address at all.
        assert found.pop((subject, "Ann", text, "a.txt")) == 6
        assert found.pop((subject, "Bob", text, "a.txt")) == 1
        assert found.pop((subject, "Ann", "Other words", "a.txt")) == 1
        assert found.pop((subject, "Ann", text, "b.txt")) == 1
    assert found == {
        ("Another", "Ann", "", "a.txt"): rounds // 2,
        ("Another", "Ann", "Words", "a.txt"): rounds // 2,
    }


def test_r34_a_purged_mail_stays_away_and_hides_nothing_that_reuses_its_id(cli: Cli) -> None:
    cli.inbox(lambda inbox: _arrives(inbox, _a_mail(0)))
    cli("task", "delete", 1)
    cli("task", "purge", 1)

    async def again(inbox: Inbox) -> None:
        for changed in _DIFFERENT[:1] + _DIFFERENT[-2:]:
            await _arrives(inbox, _a_mail(0, **changed), moved=True)
        for changed in _DIFFERENT:
            await _arrives(inbox, _a_mail(0, **changed))

    cli.inbox(again)
    # The first one is away; the one without an id came with two sets of headers.
    assert len(cli.json("task", "list", "--all", "--limit", 500)) == len(_DIFFERENT)


def test_r12_history_that_reuses_an_id_is_in_nobody_else_s_conversation(cli: Cli) -> None:
    async def come(inbox: Inbox) -> None:
        for changed in (*_DIFFERENT, *_DIFFERENT):
            await _arrives(inbox, _a_mail(0, **changed), history=True)

    cli.inbox(come)
    tasks = cli.json("task", "list", "--all", "--limit", 500)
    assert len(tasks) == len(_DIFFERENT)
    assert all(not task["participants"] for task in tasks)


def test_r12_r43_a_form_that_our_own_address_sends_for_somebody_is_shown_once(cli: Cli) -> None:
    async def come(inbox: Inbox) -> None:
        raw = letter(From="support@ours.example", Reply_To="jan@client.example")
        for moved in (False, True, True):
            await _arrives(inbox, raw, moved=moved)

    cli.inbox(come)
    (task,) = cli.json("task", "list")
    assert len(cli.json("task", "show", task["id"])["comments"]) == 1


def test_r5_r12_whose_mail_has_a_stranger_s_id_goes_on_in_a_conversation_of_their_own(
    cli: Cli,
) -> None:
    async def come(inbox: Inbox) -> None:
        for name in ("ann", "bob"):
            raw = letter(f"{name} asks", From=f"{name}@client.example", Message_ID="<same@x>")
            await _arrives(inbox, raw)
        for name in ("bob", "ann", "eve"):
            answer = {"Message_ID": f"<{name}2@x>", "In_Reply_To": "<same@x>"}
            raw = letter(f"{name} adds", From=f"{name}@client.example", **answer)
            await _arrives(inbox, raw)

    cli.inbox(come)
    tasks = {task["contact"]["name"]: task["id"] for task in cli.json("task", "list", "--all")}
    said = {
        name: [(one["text"], one["quote"]["comment_id"] if one["quote"] else None) for one in found]
        for name, number in tasks.items()
        for found in [cli.json("task", "show", number)["comments"]]
    }
    assert said == {
        "ann@client.example": [("ann asks", None), ("ann adds", 1), ("eve adds", 1)],
        "bob@client.example": [("bob asks", None), ("bob adds", 2)],
    }


def test_r12_r42_a_mail_that_is_moved_out_of_the_server_s_spam_is_not_hidden_as_a_repeat(
    cli: Cli,
) -> None:
    by_hand, by_server = (
        letter(n, From=f"{n}@client.example", Message_ID=f"<{n}@x>", Subject=n)
        for n in ("hand", "server")
    )

    async def come(inbox: Inbox, *, junk: bool) -> None:
        await _arrives(inbox, by_hand)
        await _arrives(inbox, by_server, junk=junk, moved=True)

    cli.inbox(lambda inbox: come(inbox, junk=True))
    cli("task", "spam", 1)
    assert cli.json("task", "list") == []
    cli.inbox(lambda inbox: come(inbox, junk=True))
    assert cli.json("task", "list") == []
    cli.inbox(lambda inbox: come(inbox, junk=False))
    (task,) = cli.json("task", "list", "--view", "to_answer")
    assert (task["title"], task["unread"]) == ("server", True)
    # What an agent called spam stays there, wherever its copies lie.
    assert [task["title"] for task in cli.json("task", "list", "--view", "spam")] == ["hand"]
