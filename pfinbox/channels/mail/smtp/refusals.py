"""What servers say when they will not, told apart by the words of the big providers.

Each becomes one sentence that says what to do; the server's own words stand behind it. Texts as
the servers send them, from their help pages and from what other programs' users reported:
Gmail (support.google.com/mail/?p=InvalidSecondFactor), Exchange Online (aka.ms/smtp_auth_disabled,
imapsync's FAQ about throttling), Yandex, Mail.ru (help.mail.ru/mail/security/protection/external).
"""

import re

from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.reason import Reason

_LONGEST = 3600.0

# RFC 5530's codes, and what Gmail, Exchange and Yandex write without one.
_BUSY = re.compile(
    r"\[(?:UNAVAILABLE|LIMIT|INUSE|THROTTLED)\]|request is throttled|too many .{0,20}connections"
    r"|command or bandwidth limits|server unavailable|try again later|temporarily"
    r"|greylist|gr[ae]y-?list",
    re.IGNORECASE,
)
# Said of the account, and not of a mail that was asked for.
_THROTTLED = re.compile(
    r"\[(?:LIMIT|INUSE|THROTTLED)\]|request is throttled|too many .{0,20}connections"
    r"|command or bandwidth limits|server unavailable",
    re.IGNORECASE,
)
# A fault of the server that is no answer about the password, but may be one about a mail.
_FAULT = re.compile(r"\[SERVERBUG\]", re.IGNORECASE)
_WAIT = re.compile(
    r"backoff time: (?P<ms>\d{1,9}) milliseconds"
    r"|\b(?:for|in|after) (?P<n>\d{1,6}) ?(?P<unit>second|minute|sec\b|min\b)",
    re.IGNORECASE,
)

# Why a password was refused, first hit wins.
_SIGN_IN = (
    (
        "app_password_needed",
        re.compile(
            r"application[- ]specific password|app(?:lication)?[- ]password|parol prilozheniya"
            r"|InvalidSecondFactor|p=BadCredentials",
            re.IGNORECASE,
        ),
    ),
    (
        "browser_needed",
        re.compile(r"WEBALERT|web ?login required|log ?in via your web ?browser", re.IGNORECASE),
    ),
    (
        "token_needed",
        re.compile(r"basic authentication is disabled|LOGINDISABLED", re.IGNORECASE),
    ),
    (
        "access_off",
        re.compile(
            r"(?:not enabled|disabled) for (?:IMAP|SMTP)|(?:IMAP|SMTP)(?: access)? is disabled"
            r"|enable (?:IMAP|SMTP)|SmtpClientAuthentication is disabled"
            r"|not have access rights to this service",
            re.IGNORECASE,
        ),
    ),
)
# They take no password at all, and say of it no more than "LOGIN failed."
_ONLY_TOKENS = (".office365.com", ".outlook.com", ".outlook.office365.com")
_MAILBOX_FULL = re.compile(r"\b[45]\.2\.2\b|quota|(?:mailbox|storage).{0,20}full", re.IGNORECASE)


def wait(detail: str) -> float | None:
    """Seconds that the server asks for, at most an hour; None where it names no time."""
    found = _WAIT.search(detail)
    if found is None:
        return None
    if found["ms"]:
        return min(int(found["ms"]) / 1000, _LONGEST)
    return min(int(found["n"]) * (60.0 if found["unit"].lower()[0] == "m" else 1.0), _LONGEST)


def busy(host: str, detail: str) -> TemporaryFailure | None:
    """A server that has too much to do just now: nothing is wrong with what was asked."""
    if _BUSY.search(detail) is None:
        return None
    return TemporaryFailure(Reason("server_busy", {"host": host, "detail": detail}), wait(detail))


def is_throttled(detail: str) -> bool:
    """Whether the whole account has to wait, whatever it asks for."""
    return _THROTTLED.search(detail) is not None


def busy_or_broken(host: str, detail: str) -> TemporaryFailure | None:
    """As :func:`busy`; a fault of the server's says as little about a password."""
    if (failure := busy(host, detail)) is not None:
        return failure
    if _FAULT.search(detail) is None:
        return None
    return TemporaryFailure(Reason("server_error", {"host": host, "detail": detail}))


def sign_in(host: str, detail: str, auth: str) -> Reason:
    """Why somebody was not let in, and what to do; ``auth`` is password or xoauth2."""
    args = {"host": host, "detail": detail}
    for kind, words in _SIGN_IN:
        if words.search(detail):
            return Reason(kind, args)
    if auth == "xoauth2":
        return Reason("token_refused", args)
    if f".{host}".lower().partition(":")[0].endswith(_ONLY_TOKENS):
        return Reason("token_needed", args)
    return Reason("auth_failed", args)


def is_mailbox_full(code: int, detail: str) -> bool:
    """Whether a recipient's mailbox has no room: 452 and 552 also mean other things."""
    return code in (422, 450, 452, 550, 552, 554) and _MAILBOX_FULL.search(detail) is not None
