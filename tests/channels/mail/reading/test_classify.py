"""Who or what wrote a mail, what came back, and whose From is proven (R10, R22, R24)."""

from base64 import b64encode
from typing import Any

import pytest

from pfinbox.channels.mail.smtp import tokens
from pfinbox.domain.contract.incoming import Sort
from tests.channels.mail.letters import KEY, letter, multipart, part, read

OWN = tokens.message_id(KEY, "c7", "n1", "example.com")


@pytest.mark.parametrize(
    ("fields", "sort"),
    [
        ({}, Sort.HUMAN),
        ({"Auto_Submitted": "no"}, Sort.HUMAN),
        ({"X_Auto_Response_Suppress": "All"}, Sort.HUMAN),
        ({"Precedence": "first-class"}, Sort.HUMAN),
        ({"Return_Path": "<>"}, Sort.HUMAN),
        ({"From": "support@example.com"}, Sort.HUMAN),
        ({"Auto_Submitted": "auto-replied; owner=x"}, Sort.AUTOMATIC),
        ({"X_Autoreply": "yes"}, Sort.AUTOMATIC),
        ({"X_Autoreply": "no"}, Sort.HUMAN),
        ({"X_Mail_Autoreply": "vacation"}, Sort.AUTOMATIC),
        ({"Precedence": "auto_reply"}, Sort.AUTOMATIC),
        ({"Precedence": "Bulk"}, Sort.AUTOMATIC),
        ({"Precedence": "list"}, Sort.AUTOMATIC),
        ({"List_Id": "<news.example.org>"}, Sort.AUTOMATIC),
        ({"X_Failed_Recipients": "x@y.org"}, Sort.BOUNCE),
        ({"Return_Path": "<>", "From": "MAILER-DAEMON@x.org"}, Sort.BOUNCE),
        # Anybody may copy our Message-ID (R12).
        ({"Message_ID": OWN}, Sort.HUMAN),
        ({"Message_ID": OWN, "From": "support@example.com"}, Sort.HUMAN),
        ({"Message_ID": OWN, "Auto_Submitted": "auto-replied"}, Sort.AUTOMATIC),
    ],
)
def test_sorts(fields: dict[str, str], sort: Sort) -> None:
    assert read(letter(**fields)).sort is sort


def report(action: str = "failed", enclosed: str = OWN, **fields: str) -> bytes:
    status = (
        "Reporting-MTA: dns; mx.example.org\n\n"
        "Final-Recipient: rfc822; gone@example.org\n"
        f"Action: {action}\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user here\n"
    )
    raw = multipart(
        "report",
        part("Sorry."),
        part(status, "message/delivery-status"),
        part(f"Message-ID: {enclosed}\nSubject: Re: Question\n", "text/rfc822-headers"),
        From="MAILER-DAEMON@example.org",
        **fields,
    )
    return raw.replace(b"multipart/report; ", b"multipart/report; report-type=delivery-status; ")


def test_r24_a_report_names_the_returned_mail_and_why() -> None:
    message = read(report())
    assert message.sort is Sort.BOUNCE
    assert message.bounced == (OWN,)
    assert message.bounce_reason is not None
    assert message.bounce_reason.kind == "bounced"
    assert message.bounce_reason.args["detail"] == "gone@example.org: 550 5.1.1 no such user here"


def test_r24_a_returned_whole_mail_counts_too() -> None:
    raw = multipart(
        "report",
        part("Sorry."),
        part("Final-Recipient: rfc822; a@b.c\nAction: failed\n", "message/delivery-status"),
        part(f"Message-ID: {OWN}\nSubject: x\n\nbody\n", "message/rfc822"),
    ).replace(b"multipart/report; ", b"multipart/report; report-type=delivery-status; ")
    assert read(raw).bounced == (OWN,)


def test_a_delay_is_no_bounce() -> None:
    message = read(report("delayed"))
    assert message.sort is Sort.AUTOMATIC
    assert message.bounced == ()


def test_a_forged_report_names_only_what_it_encloses() -> None:
    message = read(report(enclosed="<other@x.org>", In_Reply_To=OWN, References=OWN))
    assert message.bounced == ("<other@x.org>",)


def test_a_bounce_without_parts_is_read_from_its_text() -> None:
    raw = letter(
        f"Undelivered to gone@x.org: mailbox full\n\nMessage-ID: {OWN}\nSubject: x\n",
        X_Failed_Recipients="gone@x.org",
    )
    message = read(raw)
    assert message.bounced == (OWN,)
    assert message.bounce_reason is not None
    assert "mailbox full" in message.bounce_reason.sentence()


def texted(words: str, **fields: str) -> bytes:
    below = f"Return-Path: <support@example.com>\nMessage-ID: {OWN}\nSubject: Re: Question\n\nHi\n"
    given = {"From": "MAILER-DAEMON@mx.example.org", "Content_Type": "text/plain; charset=utf-8"}
    return letter(f"{words}\n\n{below}", **(given | fields))


@pytest.mark.parametrize(
    ("words", "recipient", "permanent", "shown"),
    [
        (  # Yandex
            "Это письмо отправлено почтовым сервером yandex.ru.\n\nК сожалению, мы вынуждены "
            "сообщить Вам о том, что Ваше письмо не может\nбыть отправлено одному или нескольким "
            "адресатам.\n\n<maria@client.example>: host mx.client.example said: "
            "550 5.7.1 No such user!",
            ["maria@client.example"],
            True,
            "550 5.7.1 No such user",
        ),
        (  # Mail.ru
            "Это письмо создано автоматически почтовой службой Mail.Ru.\nВаше письмо не было "
            "доставлено следующим получателям:\n\n<maria@client.example>:\nтакого пользователя нет",
            ["maria@client.example"],
            True,
            "такого пользователя нет",
        ),
        (  # Rambler
            "Ваше сообщение не доставлено.\n<maria@client.example>:\nПочтовый ящик переполнен "
            "(552 5.2.2 Mailbox full)",
            ["maria@client.example"],
            False,
            "переполнен",
        ),
        (  # WP, qmail
            "Wiadomość nie mogła zostać dostarczona do poniższych odbiorców.\n\n"
            "<maria@client.example>:\nNie ma takiego użytkownika.\n\n"
            "--- Poniżej kopia wiadomości.\n",
            ["maria@client.example"],
            True,
            "Nie ma takiego",
        ),
        (  # Onet, o2
            "Przykro nam, ale nie udało się dostarczyć Twojej wiadomości.\n"
            "<maria@client.example>: skrzynka przepełniona 452 4.2.2",
            ["maria@client.example"],
            False,
            "skrzynka",
        ),
        (  # qmail
            "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to "
            "deliver your message to the following addresses.\n\n<maria@client.example>:\n"
            "Sorry, no mailbox here by that name. (#5.1.1)",
            ["maria@client.example"],
            True,
            "#5.1.1",
        ),
        ("Something went wrong.", None, False, "Something went wrong."),
    ],
)
def test_r24_bounces_that_are_only_words(
    words: str, recipient: list[str] | None, permanent: bool, shown: str
) -> None:
    message = read(texted(words))
    assert (message.sort, message.bounced) == (Sort.BOUNCE, (OWN,))
    assert message.bounce_reason is not None
    args = message.bounce_reason.args
    assert args.get("recipients") == recipient
    assert args["permanent"] is permanent
    assert shown in args["detail"]


@pytest.mark.parametrize(
    ("words", "recipients"),
    [
        (  # Exim, and gateways that write like it
            "A message that you sent could not be delivered to one or more of its recipients.\n"
            "The following address(es) failed:\n\n  maria@client.example\n    user unknown",
            ["maria@client.example"],
        ),
        ("550 <maria@client.example>... User unknown", ["maria@client.example"]),
        (
            "* [maria@client.example]: 550 maria@client.example...No account",
            ["maria@client.example"],
        ),
        (
            "Intended recipient: maria@client.example\nReason: mailbox full",
            ["maria@client.example"],
        ),
        (  # Those who are merely named in the returned header have it.
            "Mail to maria@client.example failed: 552 quota exceeded\n\n"
            "From: support@example.com\nTo: piotr@client.example",
            ["maria@client.example"],
        ),
    ],
)
def test_r24_whom_words_without_a_list_name(words: str, recipients: list[str]) -> None:
    assert reason_of(texted(words))["recipients"] == recipients


@pytest.mark.parametrize(
    "words",
    [
        "A message that you sent has not yet been delivered to all its recipients after more than"
        " 24 hours.\n\n  maria@client.example\n\nNo action is required on your part. Delivery"
        " attempts will continue for some time.",
        "THIS IS A WARNING MESSAGE ONLY.\nDelivery to the following recipient has been delayed:\n"
        "maria@client.example\nMessage will be retried for 2 more day(s)",
        "Ваше письмо не доставлено. Попытки доставки будут продолжены.\n<maria@client.example>",
        "Wiadomość nie została jeszcze dostarczona; próby doręczenia będą kontynuowane.",
        "Die Nachricht wurde verzögert. Es wird weiterhin versucht, sie zuzustellen.",
    ],
)
def test_r24_a_delay_told_in_words_is_no_failure(words: str) -> None:
    """Servers without RFC 3464: the mail may arrive yet, and its delivery stays sent."""
    message = read(texted(words))
    assert (message.sort, message.bounced) == (Sort.AUTOMATIC, ())


def test_r24_gateways_return_mail_under_any_name() -> None:
    words = "Your message could not be delivered: <maria@client.example>: no such user"
    gateway = {"From": "Mail Gateway <gateway@client.example>", "Return_Path": "<>"}
    assert read(texted(words, **gateway)).bounced == (OWN,)
    # Proven by an id of ours alone; a person has an address to answer to.
    assert read(texted(words, **gateway).replace(OWN.encode(), b"<x@y>")).sort is Sort.HUMAN
    assert read(texted(words, From="Eve <eve@client.example>")).sort is Sort.HUMAN
    # An out-of-office note that quotes our whole mail is no failure.
    assert read(texted("I am away until Monday.", **gateway)).sort is Sort.AUTOMATIC


def test_r45_a_report_about_several_names_those_who_failed() -> None:
    raw = report().replace(
        b"\r\n\r\n--B\r\nContent-Type: text/rfc822-headers",
        b"\r\n\r\nFinal-Recipient: rfc822; fine@example.org\r\nAction: relayed\r\nStatus: 2.0.0\r\n"
        b"\r\nOriginal-Recipient: rfc822; Alias@example.org\r\n"
        b"Final-Recipient: rfc822; real@example.org\r\nAction: failed\r\nStatus: 4.4.7\r\n"
        b"\r\n--B\r\nContent-Type: text/rfc822-headers",
    )
    args = reason_of(raw)
    assert args["recipients"] == ["gone@example.org", "real@example.org", "alias@example.org"]
    assert args["permanent"] is False


def test_r24_reports_in_other_alphabets_and_encodings() -> None:
    raw = report().replace(b"message/delivery-status", b"message/global-delivery-status")
    raw = raw.replace(b"rfc822; gone@example.org", "utf-8; анна@пример.рф".encode())
    assert reason_of(raw)["recipients"] == ["анна@пример.рф"]
    enclosed = b64encode(f"Message-ID: {OWN}\n".encode()).decode()
    encoded = multipart(
        "report",
        part("Sorry."),
        part(enclosed, "text/rfc822-headers", Content_Transfer_Encoding="base64"),
        From="MAILER-DAEMON@example.org",
    )
    assert read(encoded).bounced == (OWN,)


def test_r24_what_expired_or_was_full_says_nothing_about_the_address() -> None:
    assert reason_of(report())["permanent"] is True
    assert reason_of(report().replace(b"5.1.1", b"4.4.7"))["permanent"] is False
    assert reason_of(report().replace(b"5.1.1", b"5.2.2"))["permanent"] is False


def reason_of(raw: bytes) -> dict[str, Any]:
    reason = read(raw).bounce_reason
    assert reason is not None
    return dict(reason.args)


PASS = "Authentication-Results: mx.example.com; spf=pass; dmarc=pass header.from=example.org"


@pytest.mark.parametrize(
    ("lines", "verified"),
    [
        ([PASS], True),
        ([PASS.replace("mx.example.com", "mx.example.com 1")], True),
        ([PASS.replace("example.org", "evil.org")], False),
        ([PASS.replace("mx.example.com", "evil.example.com")], False),
        ([PASS.replace("dmarc=pass", "dmarc=fail")], False),
        ([PASS.replace("dmarc=pass", "dmarc=fail"), PASS], False),
        (["Authentication-Results: other; dmarc=fail", PASS], True),
        (
            ['Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=";dmarc=pass;"@x'],
            False,
        ),
        (["Authentication-Results: mx.example.com; none (;dmarc=pass;)"], False),
        ([], False),
    ],
)
def test_r22_only_the_trusted_server_verifies(lines: list[str], verified: bool) -> None:
    assert read(letter("x", *lines)).verified is verified


def test_r22_two_senders_verify_nobody() -> None:
    assert read(letter("x", PASS, "From: boss@example.com")).verified is False
