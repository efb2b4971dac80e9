"""What Meta's error numbers mean for a message, its chat, or the account.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes and
https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes
"""

from collections.abc import Callable, Mapping
from typing import Any

from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

# Seconds until it may be tried again: too many calls, too many to one client, maintenance.
_LATER = {
    4: 60.0,
    17: 60.0,
    32: 60.0,
    613: 60.0,
    1200: 10.0,
    80007: 60.0,
    130429: 10.0,
    131016: 30.0,
    131048: 3600.0,
    131056: 6.0,
    131057: 300.0,
}
# The token, its rights, or the account as a whole.
_SIGN_IN = {0, 3, 10, 102, 190, 463, 467}
_RESTRICTED = {368, 130497, 131031, 131037, 131045}
_PAYMENT = {131042}
# Rights are 200 to 299.
_RIGHTS = range(200, 300)
# Of a message.
_KINDS = {
    551: "not_reachable",
    130472: "held_back",
    131021: "not_reachable",
    131026: "not_reachable",
    131030: "not_reachable",
    131047: "window_closed",
    131049: "held_back",
    131050: "opted_out",
    131051: "unsupported",
    131052: "file_refused",
    131053: "file_refused",
    131062: "not_reachable",
}
# Of Messenger and Instagram, whose first number is shared by many things.
_BY_SUBCODE = {
    1545041: "not_reachable",
    2018001: "chat_gone",
    2018022: "not_reachable",
    2018028: "not_reachable",
    2018047: "file_refused",
    2018109: "file_too_large",
    2018278: "window_closed",
    2534014: "chat_gone",
    2534022: "window_closed",
    2534025: "file_refused",
    2534037: "window_closed",
}
_TEMPLATES = range(132000, 133000)
# The chat cannot be written to from now on.
_CLOSING = {"chat_gone"}


@record
class Error:
    """One error of Meta's; ``words`` without secrets."""

    code: int = -1
    subcode: int = 0
    words: str = ""

    @property
    def detail(self) -> str:
        numbers = f"{self.code}/{self.subcode}" if self.subcode else f"{self.code}"
        return f"Meta {numbers} {self.words}".strip()


def read(told: object, clean: Callable[[object], str] = str) -> Error:
    """An error as an answer, a message or a status carries it."""
    given: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    data = given.get("error_data")
    details = data.get("details") if isinstance(data, Mapping) else None
    words = details or given.get("message") or given.get("title") or ""
    code, subcode = given.get("code"), given.get("error_subcode")
    return Error(
        code if isinstance(code, int) else -1,
        subcode if isinstance(subcode, int) else 0,
        clean(words)[:300],
    )


def is_certain(error: Error) -> bool:
    """Whether nothing was done for certain, though the status is that of a fault."""
    return error.code in _LATER


def is_window(error: Error) -> bool:
    return _kind(error) == "window_closed"


def window(settings: Mapping[str, Any]) -> int:
    """For how many hours a client may be answered: by people for a week, where Meta has allowed the
    app to say so.
    """
    return 7 * 24 if settings.get("human_agent") else 24


def reason(error: Error, hours: int) -> Reason:
    """Why a message failed; ``hours``: see ``window``."""
    kind = _kind(error)
    if kind == "window_closed":
        return Reason(kind, {"hours": hours})
    return Reason(kind, {"detail": error.detail})


def failure(error: Error, status: int, retry_after: float | None, hours: int) -> ChannelError:
    """What a refusal means."""
    if error.code in _LATER or status == 429:
        after = retry_after or _LATER.get(error.code, 60.0)
        return TemporaryFailure(Reason("rejected", {"detail": error.detail}), after)
    kind = _kind(error)
    if kind in ("auth_failed", "account_restricted", "payment_needed"):
        return AccountFailure(Reason(kind, {"detail": error.detail}))
    if kind == "rejected" and status in (401, 403):
        return AccountFailure(Reason("auth_failed", {"detail": error.detail}))
    return PermanentFailure(reason(error, hours), chat_writable=kind not in _CLOSING)


def _kind(error: Error) -> str:
    code = error.code
    if error.subcode in _BY_SUBCODE:
        return _BY_SUBCODE[error.subcode]
    if code in _SIGN_IN or code in _RIGHTS:
        return "auth_failed"
    if code in _RESTRICTED:
        return "account_restricted"
    if code in _PAYMENT:
        return "payment_needed"
    if code in _TEMPLATES:
        return "template_refused"
    return _KINDS.get(code, "rejected")
