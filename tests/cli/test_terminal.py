"""No word from outside acts on a terminal: every verb, its errors, and bytes that are shown raw."""

import io
import os
import pty
import sys
import unicodedata
from typing import Any

import pytest

from pfinbox.cli.shell.output import print_bytes
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.inbound import receiving
from pfinbox.store import tables as t
from pfinbox.store.write import accounts
from tests.builders import Inbox
from tests.cli.conftest import Cli
from tests.cli.verbs import READING, base, commands
from tests.tui.test_walk import hostile

BAD = "31m\x1b]52;c;ZXZpbA==\x07\x9b2J\x1b[31m\u202e\u2066\u200b\x00\rx"


def acts(text: str) -> list[str]:
    """What a terminal, or whoever reads it there, would take for more than words."""
    return [char for char in text if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]


async def _written(inbox: Inbox) -> None:
    """Messages that are hostile wherever it holds text, in a messenger and by mail."""
    fields: dict[str, Any] = {
        "text": BAD,
        "new_text": BAD,
        "quote_text": BAD,
        "source_id": BAD,
        "references": (BAD,),
        "warnings": (Reason("x", {"detail": BAD, BAD: [BAD]}),),
        "files": (File(BAD, BAD, b"x", BAD),),
    }
    party = Party(BAD, BAD, BAD)
    await inbox.says(user=BAD, sender=party, chat_key=BAD, **fields)
    addresses: dict[str, Any] = {"answer_to": party, "to": (party,), "cc": (party,)}
    await inbox.mails(sender="eve@evil.example", name=BAD, subject=BAD, **fields, **addresses)
    profile = Profile(BAD, "https://t.me/x?start={token}")
    account_id = inbox.account_ids["bot"]
    await inbox.store.run(lambda uow: receiving.receive(uow, account_id, Batch(profile=profile)))
    trouble = Reason("server_error", {"detail": BAD})
    await inbox.store.run(lambda uow: accounts.set_state(uow, account_id, "failed", trouble))


async def _everywhere(inbox: Inbox) -> None:
    await _written(inbox)
    await hostile(inbox, BAD)
    async with inbox.store.write() as uow:
        # Kept by a version that did not clean, or by whoever may write to the database.
        for table, column in (
            (t.task.c.title, BAD), (t.contact.c.name, BAD), (t.comment.c.text, BAD),
            (t.attachment.c.name, BAD), (t.agent.c.name, BAD), (t.delivery.c.address, BAD),
            (t.delivery.c.error, Reason("server_error", {"detail": BAD}).as_json()),
        ):  # fmt: skip
            await uow.connection.execute(table.table.update().values({table: column}))
        await uow.commit()


def test_no_stored_word_and_no_mistaken_one_acts(cli: Cli) -> None:
    """With what is stored hostile; and with hostile words typed, as a script would pass on."""
    cli.inbox(_everywhere)
    ids = dict.fromkeys(("task", "contact", "comment", "delivery", "attachment", "receipt"), 1)
    ids |= {"other task": 2, "other contact": 2}
    wrong, shown = [], 0
    for verb, command in commands():
        if verb == "restore":
            continue
        call = base(cli, verb, command, ids).words()
        at = call.index("--")
        told = [call, [*call[:at], "--json", *call[at:]]]
        typed = [[*verb.split(), BAD, BAD, BAD], [*verb.split(), f"--{BAD}"]]
        # What other verbs print, and make of hostile options, is looked at in ``test_injection``.
        some = slice(None if verb.split()[-1] in READING else 0)
        for words in told[some] + typed:
            said = cli.raw(*(word.replace("\0", "") for word in words))
            shown += "31m" in said.out
            # Bytes that are asked for as they are.
            if found := acts(said.err if verb == "attachment get" else said.out + said.err):
                wrong.append(f"{words}: {found}: {said.out}{said.err}")
    assert "\n".join(wrong) == ""
    assert shown > 20
    failed = cli.raw("task", "show", 1, "--raw", 99, agent=BAD.replace("\0", ""))
    assert (failed.code != 0, acts(failed.err)) == (True, [])


def test_bytes_are_shown_on_a_terminal_as_words(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        print_bytes(BAD.encode() + b"\xff\n")
        terminal.flush()
        said = os.read(ours, 1000).decode().replace("\r\n", "\n")
    os.close(ours)
    assert "31m" in said
    assert acts(said) == []
    with io.TextIOWrapper(io.BytesIO()) as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        print_bytes(BAD.encode())
        assert pipe.buffer.getvalue() == BAD.encode()
