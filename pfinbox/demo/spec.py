"""What a simulated account can do and which settings it takes; light, as every command reads it."""

from collections.abc import Mapping
from typing import Any

from pfinbox.demo.company import HANDLE, MAIL_ADDRESS
from pfinbox.demo.media import MAIL, MAIL_LIMITS, MESSENGER, MESSENGER_LIMITS
from pfinbox.domain.contract.channel import AccountContext, Capability, Channel, ChannelSpec, Limits
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.i18n import _

# Seconds; long enough to read one message before the next one comes.
PACE = 4


def _open(context: AccountContext) -> Channel:
    # Only here: the story and its pictures are nothing that every command should load.
    from pfinbox.demo.channel import DemoChannel

    return DemoChannel(context)


def _describe(settings: Mapping[str, Any]) -> str:
    return MAIL_ADDRESS if settings["kind"] == "mail" else HANDLE


def _adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    """One simulator plays both kinds of medium that the rules tell apart."""
    return (MAIL, MAIL_LIMITS) if settings["kind"] == "mail" else (capabilities, limits)


def _normalise(typed: str) -> str:
    value = typed.strip().lower()
    if not value or len(value.split()) > 1:
        raise ValueError(_("{text} is not an address").format(text=repr(typed[:80])))
    return value


def _check_pace(value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if number and 0 <= value <= 3600 else _("it must be from 0 to 3600 seconds")


SPEC = ChannelSpec(
    name="demo",
    label="Demo",
    sign="◇",
    capabilities=MESSENGER,
    limits=MESSENGER_LIMITS,
    settings=Table(
        keys={
            "kind": Key(
                required=True,
                choices=("messenger", "mail"),
                doc="Which kind of medium the simulated clients use.",
            ),
            "pace": Key(
                "any",
                default=PACE,
                check=_check_pace,
                doc="Seconds between two messages of simulated clients.",
            ),
            "language": Key(
                choices=("en", "ru", "pl"),
                doc="Only the clients who write in this language; default all.",
            ),
        }
    ),
    open=_open,
    describe=_describe,
    adapt=_adapt,
    normalise=_normalise,
)
