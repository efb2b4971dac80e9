"""What a mail answers: signed addresses and ids first, then the ordinary headers (R5)."""

from dataclasses import replace

import pytest

from pfinbox.channels.mail.reading.mime import Place, read_mail
from pfinbox.channels.mail.smtp import tokens
from tests.channels.mail.letters import KEY, READER, letter, read

REPLY = tokens.reply_address(KEY, "c128", "support@example.com")
OWN = tokens.message_id(KEY, "c7", "n1", "example.com")


def test_the_same_arguments_give_the_same_id() -> None:
    assert tokens.message_id(KEY, "c7", "n1", "example.com") == OWN
    assert tokens.message_id(KEY, "c7", "n2", "example.com") != OWN
    assert OWN.startswith("<c7.n1.")
    assert OWN.endswith("@example.com>")


def test_only_what_we_signed_proves_anything() -> None:
    assert tokens.read_message_id(KEY, OWN) == "c7"
    assert tokens.read_message_id(KEY, OWN.upper()) == "c7"
    assert tokens.read_message_id(b"other", OWN) is None
    assert tokens.read_message_id(KEY, OWN.replace("c7", "c8")) is None
    assert tokens.read_message_id(KEY, "<x@y>") is None
    assert tokens.read_reply_address(KEY, REPLY) == "c128"
    assert tokens.read_reply_address(KEY, REPLY.upper()) == "c128"
    assert tokens.read_reply_address(KEY, REPLY.replace("c128", "c129")) is None
    assert tokens.read_reply_address(KEY, "support+c128@example.com") is None
    assert tokens.read_reply_address(b"other", REPLY) is None


def test_an_id_without_a_token_is_ours_but_proves_no_chat() -> None:
    own = tokens.message_id(KEY, "", "nonce", "example.com")
    assert tokens.read_message_id(KEY, own) == ""
    assert read(letter(In_Reply_To=own)).id_tokens == ()


def test_an_address_mac_is_no_id_mac() -> None:
    mac = REPLY.partition("+c128.")[2].partition("@")[0]
    assert tokens.read_message_id(KEY, f"<c128.{mac}@example.com>") is None


@pytest.mark.parametrize("nonce", ["Part 1/2", "ё", "", "x" * 500, "a.b"])
def test_any_nonce_gives_a_sound_id(nonce: str) -> None:
    own = tokens.message_id(KEY, "c7", nonce, "example.com")
    assert tokens.read_message_id(KEY, own) == "c7"
    assert len(own) < 200


@pytest.mark.parametrize("token", ["C128", "c 1", "a.b", "x" * 41, "c\n"])
def test_a_bad_token_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="not a token"):
        tokens.message_id(KEY, token, "n", "example.com")


@pytest.mark.parametrize(
    "field",
    ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Gm-Original-To"],
)
def test_r5_a_signed_reply_address_is_found_in(field: str) -> None:
    message = read(letter("x", f"{field}: Desk <{REPLY}>", To=""))
    assert message.tokens == ("c128",)


def test_r5_addresses_and_ids_prove_apart() -> None:
    """What is known of the ids comes between them."""
    message = read(letter(To=REPLY, In_Reply_To=OWN, References=f"<a@b.c> {OWN}"))
    assert message.tokens == ("c128",)
    assert message.id_tokens == ("c7",)
    assert message.references == (OWN, "<a@b.c>")


def test_r5_references_go_from_the_nearest_back() -> None:
    message = read(letter(In_Reply_To="<3@x>", References="<1@x>\r\n <2@x> <3@x>"))
    assert message.references == ("<3@x>", "<2@x>", "<1@x>")
    assert read(letter(References="<1@x> <q1@example.org>")).references == ("<1@x>",)
    assert read(letter(In_Reply_To="bare@x.org")).references == ("<bare@x.org>",)
    assert read(letter(In_Reply_To="Your mail of Monday")).references == ()


def test_the_number_in_the_subject() -> None:
    assert read(letter(Subject="Re: [#128] Question")).task_number == 128
    assert read(letter(Subject="Re: #128")).task_number is None
    assert read(letter(Subject="[#99999999999]")).task_number is None


def test_no_message_id_is_no_id() -> None:
    for odd in ("", "<>", "<[a]>", "garbage"):
        assert read(letter(Message_ID=odd)).source_id in ("", "<[a]>")


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: Order 12", "order 12"),
        ("AW: WG: Order 12", "order 12"),
        ("Odp: RE[2]: Order 12", "order 12"),
        ("Отв: Re: Order 12", "order 12"),
        ("Ha: [#7]  Order   12", "order 12"),
        ("Re：Order 12", "order 12"),
        ("Order 12", None),  # no answer
        ("Re:", None),  # an answer to nothing that could be told apart
        ("Report: Order 12", None),
    ],
)
def test_the_subject_of_an_answer_where_the_account_matches_by_it(
    subject: str, bare: str | None
) -> None:
    asked = replace(READER, match_subject=True)
    assert read_mail(letter(Subject=subject), asked, Place()).answered_subject == bare
    assert read(letter(Subject=subject)).answered_subject is None
    known = letter(Subject=subject, In_Reply_To="<1@x>")
    assert read_mail(known, asked, Place()).answered_subject is None
