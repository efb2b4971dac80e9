"""Who gets a program's answer (R10, RFC 3834)."""

from dataclasses import replace

import pytest

from pfinbox.domain.contract.incoming import Message, Sort
from pfinbox.domain.contract.party import Party
from pfinbox.domain.inbound.reactions.acknowledging import may_acknowledge
from pfinbox.domain.model import Account
from pfinbox.domain.text.acknowledgement import problem, render
from tests.builders import START

ACCOUNT = Account(1, "support", "email", acknowledgement="Number {task}")
MESSAGE = Message(
    source_id="<1@x>", chat_key=None, sender=Party("maria@client.example"), sent_at=START, text="Hi"
)
OWN = frozenset({"sales@ours.example"})


def test_r10_a_person_s_message_to_an_account_that_has_one() -> None:
    assert may_acknowledge(ACCOUNT, MESSAGE, OWN)
    assert not may_acknowledge(replace(ACCOUNT, acknowledgement=None), MESSAGE, OWN)
    assert not may_acknowledge(replace(ACCOUNT, role="personal", owner_id=1), MESSAGE, OWN)
    for sort in (Sort.AUTOMATIC, Sort.BOUNCE, Sort.OWN_LOOP):
        assert not may_acknowledge(ACCOUNT, replace(MESSAGE, sort=sort), OWN)
    assert not may_acknowledge(ACCOUNT, replace(MESSAGE, spam=True), OWN)
    assert not may_acknowledge(ACCOUNT, replace(MESSAGE, no_auto_reply=True), OWN)


@pytest.mark.parametrize(
    ("value", "may"),
    [
        ("sales@ours.example", False),
        ("no-reply@shop.example", False),
        ("noreply+17@shop.example", False),
        ("do_not_reply@shop.example", False),
        ("MAILER-DAEMON@x.example", False),
        ("owner-list@x.example", False),
        ("list-request@x.example", False),
        ("bounce@x.example", False),
        ("norepliert@x.example", True),
        ("501", True),
    ],
)
def test_r10_no_one_who_cannot_read_it(value: str, may: bool) -> None:
    assert may_acknowledge(ACCOUNT, replace(MESSAGE, sender=Party(value)), OWN) is may


def test_r10_the_template_knows_the_number_and_nothing_else() -> None:
    assert render("Thanks, {task} {name}", 128) == "Thanks, #128 {name}"
    assert problem("Thanks, {task}") is None
    assert problem("Thanks, {name}") == "name"
    assert problem("  ") == ""
    assert problem("x" * 5000) == ""
