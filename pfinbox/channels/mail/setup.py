"""What is asked for a new e-mail account, with the servers guessed from the address."""

import asyncio
import re
from typing import Any

from pfinbox.channels.mail.ports import IMAP_PORTS, SMTP_PORTS
from pfinbox.channels.mail.providers import Place, imap_places, provider_of, smtp_places
from pfinbox.domain.contract.setup import Answers, Page, Question, Setup, Suggestion
from pfinbox.domain.text.mail_address import normalise
from pfinbox.i18n import _

_PLACE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::(?P<port>[0-9]{1,5}))?")


def setup() -> Setup:
    """The questions, in the reader's language."""
    return Setup(
        title=_("Make an e-mail account"),
        about=_("a mailbox that clients write to"),
        pages=(
            Page(_("The mailbox"), _mailbox()),
            Page(_("The servers"), _servers()),
            Page(
                _("The password"),
                (
                    Question(
                        "password",
                        _("password"),
                        "secret",
                        help=_("The mailbox's password, or the token where it wants one."),
                    ),
                ),
            ),
        ),
        settings=settings,
        account=account,
        suggest=suggest,
    )


def _mailbox() -> tuple[Question, ...]:
    return (
        Question(
            "address",
            _("address"),
            help=_("The address that clients write to, such as support@example.com."),
            check=_bad_address,
        ),
        Question(
            "name",
            _("name"),
            optional=True,
            help=_(
                "The sender that clients see, after the agent's name: your company, for example."
            ),
        ),
    )


def _servers() -> tuple[Question, ...]:
    safety = (
        ("ssl", _("TLS from the start")),
        ("starttls", _("STARTTLS")),
        ("none", _("none: this machine only")),
    )
    safe = _("How the way to the server is kept from other people's eyes.")
    return (
        Question(
            "imap",
            _("IMAP server"),
            help=_("Where mail is read: a name, with :port where it is an unusual one."),
            check=_bad_place,
        ),
        Question("imap_tls", _("its security"), "choice", safe, "ssl", choices=safety),
        Question(
            "smtp",
            _("SMTP server"),
            help=_("Where mail is sent. Left empty, this account only receives."),
            optional=True,
            check=_bad_place,
        ),
        Question("smtp_tls", _("its security"), "choice", safe, "ssl", choices=safety),
        Question("username", _("login"), help=_("Usually the whole address.")),
        Question(
            "auth",
            _("signs in with"),
            "choice",
            default="password",
            help=_("A token where the provider takes no passwords (Microsoft, some Google)."),
            choices=(("password", _("a password")), ("xoauth2", _("an OAuth token"))),
        ),
    )


async def suggest(answers: Answers) -> Suggestion:
    """The provider's published servers, else those that answer under the usual names."""
    address = normalise(answers["address"])
    domain = address.rpartition("@")[2]
    known = provider_of(domain)
    if known is not None:
        found = _filled(known.imap, known.smtp)
        note = known.note()
        return Suggestion(found | {"username": address, "auth": known.auth}, note, note)
    # Not before an unknown domain is met: every other account does without.
    from pfinbox.channels.mail.discover import first_that_greets

    imaps, smtps = imap_places(domain), smtp_places(domain)
    imap, smtp = await asyncio.gather(first_that_greets(imaps), first_that_greets(smtps))
    found = _filled(imap or imaps[0], smtp or smtps[0])
    note = ""
    if imap is None or smtp is None:
        note = _("Nothing answers under the usual names of {domain}; its help pages name them.")
    return Suggestion(found | {"username": address, "auth": "password"}, note.format(domain=domain))


def _filled(imap: Place, smtp: Place) -> dict[str, str]:
    return {
        "imap": _written(imap, IMAP_PORTS),
        "imap_tls": imap.tls,
        "smtp": _written(smtp, SMTP_PORTS),
        "smtp_tls": smtp.tls,
    }


def _written(place: Place, usual: dict[str, int]) -> str:
    return place.host if place.port == usual[place.tls] else f"{place.host}:{place.port}"


def settings(answers: Answers) -> dict[str, Any]:
    """The keys of the account's section; what has its default value is left out."""
    made: dict[str, Any] = {"address": normalise(answers["address"])}
    if name := answers.get("name", "").strip():
        made["name"] = name
    made["imap"] = _server(answers, "imap", IMAP_PORTS)
    if answers.get("smtp", "").strip():
        made["smtp"] = _server(answers, "smtp", SMTP_PORTS)
    return made


def _server(answers: Answers, kind: str, usual: dict[str, int]) -> dict[str, Any]:
    host, port = _split(answers[kind])
    tls = answers[f"{kind}_tls"]
    made: dict[str, Any] = {"host": host}
    if port is not None and port != usual[tls]:
        made["port"] = port
    if tls != "ssl":
        made["tls"] = tls
    made |= {"username": answers["username"].strip(), "password": answers["password"]}
    if answers.get("auth", "password") != "password":
        made["auth"] = answers["auth"]
    return made


def account(answers: Answers) -> str:
    """``support`` for support@example.com."""
    local = normalise(answers["address"]).partition("@")[0]
    return re.sub(r"[^a-z0-9_-]+", "-", local).strip("-")[:40] or "mail"


def _split(text: str) -> tuple[str, int | None]:
    found = _PLACE.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    port = int(found["port"]) if found["port"] else None
    return found["host"].strip("[]"), port


def _bad_place(text: str) -> str | None:
    try:
        port = _split(text)[1]
    except ValueError:
        return _("This must be a server's name, such as imap.example.com or imap.example.com:993.")
    return None if port is None or 0 < port < 65536 else _("A port is between 1 and 65535.")


def _bad_address(text: str) -> str | None:
    try:
        normalise(text)
    except ValueError as error:
        return str(error)
    return None
