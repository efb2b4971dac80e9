"""Who else stands on a mail (R45): reply-all, and addresses as they are typed."""

import pytest

from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.recipients.correspondents import OurSide, mailbox
from pfinbox.domain.recipients.picker import Said, preselect
from pfinbox.errors import UsageError

OURS = OurSide(
    {"support@ours.example": None, "info@ours.example": None, "me@ours.example": 8},
    {"anna@ours.example": 7},
)
BOB, EVE = Party("bob@client.example", "Bob"), Party("eve@other.example")


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([], []),
        ([BOB, EVE], [BOB, EVE]),
        # ourselves, by any of our names, and by a signed reply address
        ([Party("support@ours.example"), BOB], [BOB]),
        ([Party("INFO@ours.example"), Party("support+c1.abc@ours.example"), BOB], [BOB]),
        # a plus of theirs is theirs
        ([Party("bob+x@client.example")], [Party("bob+x@client.example")]),
        # agents, the same person in To and Cc, somebody without an address
        ([Party("Anna@ours.example"), BOB, Party("Bob@client.example"), Party("")], [BOB]),
    ],
)
def test_r45_reply_all_leaves_out_ourselves(people: list[Party], expected: list[Party]) -> None:
    assert OURS.others(people) == expected


def test_our_own_addresses_in_any_spelling() -> None:
    assert OURS.is_account("Support+C1.x@OURS.example")
    assert OURS.is_account("info@ours.example")
    assert not OURS.is_ours("support@client.example")
    assert not OURS.is_account("anna@ours.example")
    assert OURS.is_ours("Anna@ours.example")
    who = ["anna@ours.example", "Me+x@ours.example", "info@ours.example", "eve@other.example"]
    assert [OURS.agent(one) for one in who] == [7, 8, None, None]


@pytest.mark.parametrize(
    ("typed", "party"),
    [
        ("Bob@Client.example", Party("bob@client.example")),
        ("Bob Jones <bob@client.example>", Party("bob@client.example", "Bob Jones")),
        ('"Jones, Bob" <bob@client.example>', Party("bob@client.example", "Jones, Bob")),
        ("<bob@client.example>", Party("bob@client.example")),
    ],
)
def test_r45_an_address_as_people_type_it(typed: str, party: Party) -> None:
    assert mailbox(typed) == party


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "bob",
        "@x.y",
        "bob@",
        "a@b, c@d",
        "a@b@c",
        "a@b\r\nBcc: x@y.z",
        "Bob <a@b> <c@d",
        "a b@c",
    ],
)
def test_r45_what_is_no_address_is_said(typed: str) -> None:
    with pytest.raises(UsageError, match=r"no e-mail address|cannot be seen"):
        mailbox(typed)


MARIA, OLGA = Who("contact", 1), Who("contact", 2)
ME, SHE = Who("agent", 1), Who("agent", 2)
MAIL = Said(MARIA, reply_all=(OLGA,), newcomers=(BOB,))


@pytest.mark.parametrize(
    ("answered", "note", "expected"),
    [
        (MAIL, False, Notify((MARIA, OLGA), newcomers=(BOB,))),
        # what an agent sent goes on to whom it went, and to that agent
        (Said(SHE, (MARIA, OLGA, ME)), False, Notify((SHE, MARIA, OLGA))),
        (Said(ME, (MARIA, OLGA)), False, Notify((MARIA, OLGA))),
        # a note preselects no contact, and nobody is known who wrote elsewhere
        (MAIL, True, Notify()),
        (Said(Who("contact", 0), reply_all=(OLGA,)), False, Notify((OLGA,))),
    ],
)
def test_r45_r14_reply_all_preselects_the_people_of_the_mail(
    answered: Said, note: bool, expected: Notify
) -> None:
    assert preselect(1, [answered], answers=answered, note=note, everyone=True) == expected
