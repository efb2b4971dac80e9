"""What the Matrix channel is called, can do and is opened by; imports no network library.

https://spec.matrix.org/v1.16/client-server-api/
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pfinbox.channels.matrix.addresses import check_homeserver, check_user, normalise
from pfinbox.domain.contract.channel import (
    AccountContext,
    Capability,
    Channel,
    ChannelSpec,
    Limits,
    TextUnit,
)
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.contract.setup import Setup
from pfinbox.i18n import _

_MEGABYTE = 1 << 20

CAPABILITIES = (
    Capability.ATTACHMENTS
    | Capability.REPLY_QUOTE
    | Capability.EDITS
    | Capability.DELETES
    | Capability.WRITE_FIRST
    | Capability.IDEMPOTENT
    | Capability.PICTURES
)
LIMITS = Limits(
    # An event has at most 65,536 bytes, an edit carries its text twice, encryption adds a third.
    max_text=20_000,
    max_caption=20_000,
    text_unit=TextUnit.BYTES,
    files_per_part=1,
    # Synapse keeps the ids of attempts for half an hour at least.
    repeat_within=1800,
)


def _open(context: AccountContext) -> Channel:
    from pfinbox.channels.matrix.channel import MatrixChannel  # aiohttp: the daemon's alone

    return MatrixChannel(context)


def _ask() -> Setup:
    from pfinbox.channels.matrix.setup import setup  # the first start's alone

    return setup()


def _describe(settings: Mapping[str, Any]) -> str:
    return str(settings["user"])


def _adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    if settings["typing"]:
        capabilities |= Capability.TYPING
    if settings["read_receipts"]:
        capabilities |= Capability.MARKS_READ
    return capabilities, replace(limits, max_file=settings["max_file"] * _MEGABYTE)


def _check_secret(values: Mapping[str, Any]) -> str | None:
    given = [name for name in ("access_token", "password") if values[name] is not None]
    if values["refresh_token"] is not None and values["access_token"] is None:
        return _("refresh_token needs the access_token that it came with")
    return None if len(given) == 1 else _("needs either access_token or password")


def _check_count(value: Any) -> str | None:
    return None if 0 <= value <= 10_000 else _("must be from 0 to 10000")


def _check_size(value: Any) -> str | None:
    return None if 1 <= value <= 1000 else _("must be from 1 to 1000")


SPEC = ChannelSpec(
    name="matrix",
    label="Matrix",
    sign="MT",
    capabilities=CAPABILITIES,
    limits=LIMITS,
    settings=Table(
        keys={
            "homeserver": Key(
                required=True, check=check_homeserver, doc="Address of the homeserver."
            ),
            "user": Key(required=True, check=check_user, doc="The user's id."),
            "access_token": Key("secret", doc="A token of the user's, instead of a password."),
            "refresh_token": Key("secret", doc="Gives another access_token when that runs out."),
            "password": Key("secret", doc="The user's password: the daemon signs in by itself."),
            "accept": Key(
                "list", default=[], doc="Servers or people whose invitations are taken; empty: all."
            ),
            "invitations": Key(
                "int", default=60, check=_check_count, doc="Invitations taken in an hour."
            ),
            "encryption": Key("bool", default=True, doc="Whether encrypted rooms are read."),
            "max_file": Key(
                "int", default=50, check=_check_size, doc="The largest file, in megabytes."
            ),
            "typing": Key("bool", default=False, doc="Whether clients see that an agent writes."),
            "read_receipts": Key(
                "bool", default=False, doc="Whether clients see that an agent has read a message."
            ),
            "ca_file": Key(doc="A root certificate that this account's connections trust."),
        },
        check=_check_secret,
    ),
    open=_open,
    describe=_describe,
    adapt=_adapt,
    normalise=normalise,
    ask=_ask,
)
