"""What a simulated account can do and which settings it takes; light, as every command reads it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pfinbox.demo.company import HANDLE, MAIL_ADDRESS
from pfinbox.demo.media import MAIL, MAIL_LIMITS, MESSENGER, MESSENGER_LIMITS
from pfinbox.domain.contract.channel import (
    AccountContext,
    Capability,
    Channel,
    ChannelSpec,
    Limits,
)
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.i18n import _

# Seconds; long enough to read one message before the next one comes.
PACE = 4


def _opens(kind: str) -> Callable[[AccountContext], Channel]:
    def opened(context: AccountContext) -> Channel:
        # Only here: the story and its pictures are nothing that every command should load.
        from pfinbox.demo.channel import DemoChannel

        return DemoChannel(context, kind)

    return opened


def _normalise(typed: str) -> str:
    value = typed.strip().lower()
    if not value or len(value.split()) > 1:
        raise ValueError(_("{text} is not an address").format(text=repr(typed[:80])))
    return value


def _check_pace(value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if number and 0 <= value <= 3600 else _("it must be from 0 to 3600 seconds")


def _check_hours(value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if number and 0 <= value <= 1000 else _("it must be from 0 to 1000 hours")


def _adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    """A medium that lets us answer for a while only, as marketplaces do; then with templates."""
    seconds = round((settings.get("reply_hours") or 0) * 3600)
    if seconds:
        capabilities |= Capability.TEMPLATES
    return capabilities, replace(limits, reply_window=seconds or None)


_SETTINGS = Table(
    keys={
        "pace": Key(
            "any",
            default=PACE,
            check=_check_pace,
            doc="Seconds between two messages of simulated clients.",
        ),
        "cast": Key(
            choices=("messenger", "market"),
            doc="Who writes by it; default messenger, market has clients of its own.",
        ),
        "reply_hours": Key(
            "any",
            default=0,
            check=_check_hours,
            doc="Hours after a client's last message in which it takes an answer. 0: always.",
        ),
        "language": Key(
            choices=("en", "ru", "pl"),
            doc="Only the clients who write in this language; default all.",
        ),
    }
)

# One simulator plays both kinds of medium that the rules tell apart.
MESSENGER_SPEC = ChannelSpec(
    name="demo",
    label="Demo messenger",
    sign="◇",
    capabilities=MESSENGER,
    limits=MESSENGER_LIMITS,
    settings=_SETTINGS,
    open=_opens("messenger"),
    describe=lambda _settings: HANDLE,
    adapt=_adapt,
    normalise=_normalise,
)
MAIL_SPEC = ChannelSpec(
    name="demo_mail",
    label="Demo e-mail",
    sign="@",
    capabilities=MAIL,
    limits=MAIL_LIMITS,
    settings=_SETTINGS,
    open=_opens("mail"),
    describe=lambda _settings: MAIL_ADDRESS,
    normalise=_normalise,
)
