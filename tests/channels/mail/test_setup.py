"""Guessing the servers of an address, and from answers to an account that the checker takes."""

import asyncio
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pfinbox.channels.mail import SPEC
from pfinbox.channels.mail.discover import first_that_greets
from pfinbox.channels.mail.providers import Place, imap_places, provider_of, smtp_places
from pfinbox.channels.mail.setup import settings, setup, suggest
from pfinbox.config.keys import ACCOUNT_NAME
from pfinbox.config.writing import as_toml
from pfinbox.domain.contract.settings import Secret, check
from tests.servers.dovecot import free_port
from tests.servers.smtp import SmtpServer

DOMAINS = [
    "gmail.com",
    "outlook.com",
    "office365.com",
    "yandex.ru",
    "mail.ru",
    "wp.pl",
    "onet.pl",
    "interia.pl",
    "o2.pl",
    "icloud.com",
    "fastmail.com",
    "gmx.com",
    "gmx.net",
    "zoho.com",
    "yahoo.com",
    "contoso.onmicrosoft.com",
]


def checked(answers: dict[str, Any]) -> dict[str, Any]:
    written = tomllib.loads(as_toml(settings(answers)))
    return check(
        written, SPEC.settings, where="a", source="s", secret=lambda value, _: Secret(str(value))
    )


async def test_every_known_provider_gives_an_account_that_can_be_used() -> None:
    for domain in DOMAINS:
        assert provider_of(domain) is not None
        address = f"Support@{domain}"
        found = await suggest({"address": address})
        made = checked({"address": address, "password": "x", **found.answers})
        assert made["imap"]["username"] == made["address"] == address.lower()
        assert made["imap"]["tls"] == "ssl"
        for page in setup().pages:
            for question in page.questions:
                if question.name in found.answers:
                    assert question.problem(found.answers[question.name]) is None
    assert (
        "https://myaccount.google.com/apppasswords"
        in (await suggest({"address": "a@gmail.com"})).note
    )
    assert (await suggest({"address": "a@outlook.com"})).answers["auth"] == "xoauth2"
    assert provider_of("example.com") is None


async def test_of_likely_servers_the_first_one_that_is_there(smtp_server: SmtpServer) -> None:
    nobody = Place("127.0.0.1", free_port(), "starttls")
    there = Place("127.0.0.1", smtp_server.port, "starttls")
    # It speaks, but no TLS.
    plain = Place("127.0.0.1", smtp_server.port)
    assert await first_that_greets([nobody, plain, there]) == there
    assert await first_that_greets([nobody, plain]) is None
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    async with server:
        silent = Place("127.0.0.1", server.sockets[0].getsockname()[1], "starttls")
        assert await first_that_greets([silent, there], 0.05) == there


def test_usual_names_come_first_and_tls_before_starttls() -> None:
    assert imap_places("x.example")[:2] == (
        Place("imap.x.example", 993),
        Place("mail.x.example", 993),
    )
    assert smtp_places("x.example")[0] == Place("smtp.x.example", 465)
    assert Place("mail.x.example", 587, "starttls") in smtp_places("x.example")


ADDRESSES = st.from_regex(r"[a-zA-Z0-9.!#$%+_-]{1,80}@[a-z]{1,10}\.example", fullmatch=True)


@given(ADDRESSES, st.text(), st.text(min_size=1), st.sampled_from(["ssl", "starttls"]))
def test_any_answers_make_a_section_that_says_the_same(
    address: str, name: str, password: str, tls: str
) -> None:
    answers = {"address": address, "name": name, "password": password, "username": "u"}
    answers |= {"imap": "h:143", "imap_tls": tls, "smtp": "[::1]:587", "smtp_tls": tls}
    if setup().pages[0].questions[0].problem(address) is not None:
        return
    made = checked(answers)
    assert made["name"] == name.strip()
    assert made["address"] == address.lower()
    assert made["smtp"]["host"] == "::1"
    assert (made["imap"]["port"] or 143) == 143
    assert ACCOUNT_NAME.fullmatch(setup().account(answers))
    reference = checked(answers | {"password": {"command": password}, "smtp": ""})
    assert reference["smtp"] is None


def test_what_is_no_server_is_said() -> None:
    (imap,) = (q for q in setup().pages[1].questions if q.name == "imap")
    for text in ("a b", "a:0", "a:99999", "http://a", ":993", ""):
        assert imap.problem(text), text
    for text in ("imap.example.com", "imap.example.com:993", "[::1]:143", " 127.0.0.1 "):
        assert imap.problem(text) is None, text
