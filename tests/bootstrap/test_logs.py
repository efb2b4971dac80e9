"""The log tells what happened by ids, in one line each; what people wrote is in none (R24, R46)."""

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pfinbox.bootstrap.logs import note, set_up_logging
from pfinbox.bootstrap.redact import redact, without_addresses
from pfinbox.domain.contract.channel import PermanentFailure, TemporaryFailure, UnknownOutcome
from pfinbox.domain.contract.incoming import Incoming, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.health.happened import Happened
from pfinbox.errors import Refused
from pfinbox.store.uow import Store
from tests.builders import START, Inbox, client
from tests.daemon.test_sender import a_sender

WORDS = ("Where", "order", "Parcel", "Maria", "maria", "client.example", "Tuesday", "colleague")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Where everything is logged meanwhile."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield tmp_path / "daemon.log"
    root.handlers[0].close()
    root.handlers[:] = before
    root.setLevel(level)


def listening(store: Store, inbox: Inbox) -> None:
    names = {account_id: name for name, account_id in inbox.account_ids.items()}
    store.listener = lambda happened: note(happened, names)


async def test_a_day_is_told_by_ids_and_without_a_word(inbox: Inbox, log: Path) -> None:
    set_up_logging(log, form="json")
    listening(inbox.store, inbox)
    first = await inbox.mails("Where is my order?", subject="Parcel", sender="maria@client.example")
    await inbox.says("Where is it?")
    broken = Unreadable(reason=Reason("broken", {"detail": "Where"}), sent_at=START)
    await inbox.receive("support", Incoming(key="k9", raw=b"From: maria", event=broken))
    sender, channel = await a_sender(inbox)
    said = Reason("refused", {"detail": "550 <maria@client.example> has no room for Parcel"})
    channel.outcomes = [
        ("before", TemporaryFailure(said)),
        ("before", PermanentFailure(said)),
        ("after", UnknownOutcome(said)),
        ("after", RuntimeError("no route to maria@client.example")),
    ]
    for text in ("On Tuesday", "On Tuesday, colleague", "Tuesday?", "Parcel!"):
        await inbox.comment(1, text, to=[client(1)])
        await sender.run_once()
        inbox.clock.advance(hours=1)
    await sender.run_once()
    inbox.store.listener = None
    text = log.read_text("utf-8")
    assert not [word for word in WORDS if word in text]
    lines = [json.loads(line) for line in text.splitlines()]
    received = [one for one in lines if one["event"] == "received"]
    assert [one["account"] for one in received] == ["support", "bot", "support"]
    assert received[0] | {"timestamp": ""} == {
        "timestamp": "", "level": "info", "event": "received", "account": "support", "receipt": 1,
        "task": 1, "comment": first, "state": "shown", "lag": 0.0,
    }  # fmt: skip
    assert received[2]["state"] == "quarantined"
    assert received[2]["reason"] == "broken"
    sent = [one for one in lines if one["event"] == "delivery"]
    assert all(one["account"] == "support" and one["delivery"] for one in sent)
    ends = {(one["delivery"], one["state"], one.get("reason")) for one in sent}
    assert {state for _id, state, _why in ends} == {
        "pending", "sending", "transmitting", "sent", "failed", "unknown",
    }  # fmt: skip
    assert {why for _id, _state, why in ends} == {None, "refused", "outcome_unknown"}
    warned = {one["state"] for one in (*received, *sent) if one["level"] == "warning"}
    assert warned == {"failed", "unknown", "quarantined"}
    claimed = next(one for one in sent if one["state"] == "sending")
    assert claimed["task"] == 1
    assert claimed["step"] == "claimed"


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_nothing_in_a_line_acts_on_a_terminal_or_begins_another(log: Path, form: str) -> None:
    set_up_logging(log, form=form)
    secret = "https://me:pw-secret@db.example/x"
    logging.getLogger("x").warning("one\ntwo \x1b[2J \u202e %s", secret)
    try:
        raise ValueError("anna@ours.example\nlevel=error event=forged")
    except ValueError:
        logging.getLogger("x").exception("it failed")
    lines = log.read_text("utf-8").splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    for word in ("pw-secret", "anna@ours.example"):
        assert word not in "".join(lines)
    assert "[secret]" in lines[0]
    assert "ValueError: [address]" in lines[1]
    assert ("timestamp=" in lines[0]) == (form == "logfmt")


async def test_what_was_undone_is_not_told(inbox: Inbox) -> None:
    told: list[Happened] = []
    inbox.store.listener = told.extend
    async with inbox.store.write() as uow:
        uow.note("stays")
        with suppress(Refused):
            async with uow.attempt():
                uow.note("undone")
                raise Refused("no")
        await uow.commit()
    assert [one.kind for one in told] == ["stays"]


def test_a_long_word_is_read_once() -> None:
    word = "7" * 300_000
    assert without_addresses(redact(word)) == word
    assert without_addresses(f"{word}@client.example, x@y") == "[address], x@y"
