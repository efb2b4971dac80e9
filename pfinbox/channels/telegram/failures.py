"""What went wrong at Telegram -> what it means to the inbox, without the token.

aiogram and aiohttp put the token into URLs and thereby into some of their messages; every text
from them passes :func:`scrub`, and no error made here has theirs as its cause.
"""

import re

from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.reason import Reason

_TOKEN = re.compile(r"\d{6,}:[\w-]{30,}")
_LONGEST = 300

# Texts of Bot API answers (400) that say there is nobody there any more.
_GONE = ("chat not found", "user not found", "peer_id_invalid", "group chat was deactivated")
_GONE_FORBIDDEN = ("deactivated", "kicked", "not a member", "chat was deleted")


class NotSent(Exception):
    """No connection came about: nothing of the request has left this machine."""

    def __init__(self, text: str, *, tls: bool = False) -> None:
        super().__init__(text)
        self.tls = tls


class Broken(Exception):
    """The connection broke, or waited too long, after the request may have left."""


def scrub(text: str, token: str = "") -> str:
    """``text`` without any bot token, as one short line."""
    if token:
        text = text.replace(token, "…")
    return _TOKEN.sub("…", " ".join(text.split()))[:_LONGEST]


def detail_of(problem: BaseException, token: str = "") -> str:
    """What a person should read of ``problem``."""
    if isinstance(problem, ClientDecodeError):
        return "an answer that is not the Bot API's"
    text = getattr(problem, "message", "") or str(problem)
    return scrub(str(text), token) or type(problem).__name__


def failure(
    problem: Exception, *, host: str, token: str = "", sending: bool = False
) -> ChannelError:
    """The channel error for ``problem``; ``sending``: whether a message may have been handed over.

    Only an answer that Telegram itself gave is proof that a message was not taken.
    """
    if isinstance(problem, ChannelError):
        return problem
    detail = detail_of(problem, token)
    if isinstance(problem, NotSent):
        kind = "tls_failed" if problem.tls else "connection_failed"
        return TemporaryFailure(Reason(kind, {"host": host, "detail": detail}))
    if isinstance(problem, TelegramRetryAfter):
        seconds = problem.retry_after
        return TemporaryFailure(Reason("rate_limited", {"seconds": seconds}), float(seconds))
    if isinstance(problem, TelegramUnauthorizedError | TelegramNotFound):
        # "Not Found" is what a malformed token gets; methods and chats never answer 404
        return AccountFailure(Reason("auth_failed", {"detail": detail}))
    if isinstance(problem, TelegramConflictError):
        return TemporaryFailure(Reason("other_poller"))
    if sending:
        return _refused(problem, detail)
    if isinstance(problem, Broken):
        return TemporaryFailure(Reason("connection_failed", {"host": host, "detail": detail}))
    return TemporaryFailure(Reason("server_error", {"detail": detail}))


def _refused(problem: Exception, detail: str) -> ChannelError:
    said = detail.casefold()
    if isinstance(problem, TelegramForbiddenError):
        gone = any(word in said for word in _GONE_FORBIDDEN)
        reason = Reason("chat_gone" if gone else "blocked_by_client")
        return PermanentFailure(reason, chat_writable=False)
    if isinstance(problem, TelegramMigrateToChat):
        return PermanentFailure(Reason("chat_gone"), chat_writable=False)
    if isinstance(problem, TelegramBadRequest):
        if any(word in said for word in _GONE):
            return PermanentFailure(Reason("chat_gone"), chat_writable=False)
        return PermanentFailure(Reason("rejected", {"detail": detail}))
    if isinstance(problem, TelegramEntityTooLarge):
        return PermanentFailure(Reason("rejected", {"detail": detail}))
    return UnknownOutcome(Reason("outcome_unknown", {"detail": detail}))
