"""What e-mail can do and which keys its accounts have; light: every command imports it."""

import re
from collections.abc import Mapping
from typing import Any

from pfinbox.domain.contract.channel import AccountContext, Capability, Channel, ChannelSpec, Limits
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.contract.setup import Setup
from pfinbox.domain.listening import is_loopback
from pfinbox.domain.text.mail_address import normalise
from pfinbox.i18n import _

DEFAULT_MAX_SIZE = 25_000_000
_TLS = ("ssl", "starttls", "none")


def _address(value: Any) -> str | None:
    try:
        normalise(value)
    except ValueError as error:
        return str(error)
    return None


def _addresses(values: Any) -> str | None:
    return next((problem for value in values if (problem := _address(value))), None)


def _port(value: Any) -> str | None:
    return None if 0 < value < 65536 else _("a port is between 1 and 65535")


def _positive(value: Any) -> str | None:
    return None if value > 0 else _("it must be above zero")


def _flag(value: Any) -> str | None:
    """A keyword or system flag (RFC 3501, 9: flag)."""
    if re.fullmatch(r"\\(?:Seen|Flagged|Answered)|[\w$.-]{1,50}", value, re.ASCII):
        return None
    return _("a flag is one word of letters, digits and _ - $ ., or \\Seen, \\Flagged, \\Answered")


def _moved(values: Mapping[str, Any]) -> str | None:
    """What is moved must not come again by the folder that it is moved to."""
    imap = values["imap"]
    if imap is None or imap["stored_move"] is None:
        return None
    read = (*imap["folders"], values["spam_folder"], values["sent_folder"])
    if imap["stored_move"] in read:
        return _("imap.stored_move names a folder that is read: {folder}").format(
            folder=imap["stored_move"]
        )
    return None


def _consistent(values: Mapping[str, Any]) -> str | None:
    return _secure(values) or _moved(values)


def _secure(values: Mapping[str, Any]) -> str | None:
    """A password must not cross a network in the clear unless somebody said so."""
    for name in ("imap", "smtp"):
        server = values[name]
        if server is None or server["tls"] != "none" or values["allow_insecure"]:
            continue
        if not is_loopback(server["host"]):
            return _(
                '{name}.tls = "none" sends everything in the clear to {host}; '
                "set allow_insecure = true if you mean it"
            ).format(name=name, host=server["host"])
    return None


_IMAP = Table(
    doc="Where mail is read.",
    keys={
        "host": Key(required=True, doc="Name of the IMAP server."),
        "port": Key("int", check=_port, doc="Default: 993 with ssl, else 143."),
        "tls": Key(default="ssl", choices=_TLS, doc="ssl, starttls or none."),
        "username": Key(required=True, doc="Usually the whole address."),
        "password": Key("secret", required=True, doc="Password, or the token for xoauth2."),
        "auth": Key(default="password", choices=("password", "xoauth2"), doc="How to sign in."),
        "folders": Key("list", default=["INBOX"], doc="Folders to read; the first is watched."),
        "stored_flag": Key(check=_flag, doc="A flag for mail that is stored here."),
        "stored_move": Key(doc="A folder that mail is moved to when it is stored here."),
        "mark_seen": Key(
            "bool", default=False, doc="Whether mail that an agent has read is marked as seen."
        ),
    },
)
_SMTP = Table(
    doc="Where mail is handed over.",
    keys={
        "host": Key(required=True, doc="Name of the SMTP server."),
        "port": Key("int", check=_port, doc="Default: 465 with ssl, 587 with starttls, else 25."),
        "tls": Key(default="ssl", choices=_TLS, doc="ssl, starttls or none."),
        "username": Key(doc="Without it nothing is signed in."),
        "password": Key("secret", doc="Password, or the token for xoauth2."),
        "auth": Key(default="password", choices=("password", "xoauth2"), doc="How to sign in."),
        "connections": Key(
            "int", default=4, check=_positive, doc="How many mails are handed over at a time."
        ),
    },
)
SETTINGS = Table(
    doc="An e-mail account.",
    check=_consistent,
    keys={
        "address": Key(required=True, check=_address, doc="The account's own address."),
        "aliases": Key("list", default=[], check=_addresses, doc="Further own addresses."),
        "name": Key(default="", doc="Display name of the sender, after the agent's."),
        "signature": Key(default="", doc="Below what agents write; {agent} is the agent's name."),
        "authserv_id": Key(doc="The id in the Authentication-Results that may be trusted."),
        "max_size": Key(
            "int", default=DEFAULT_MAX_SIZE, check=_positive, doc="Of a larger mail, the header."
        ),
        "imap": _IMAP,
        "smtp": _SMTP,
        "allow_insecure": Key("bool", default=False, doc='Allows tls = "none" beyond loopback.'),
        "first_sync": Key(
            default="new", choices=("new", "30d", "all"), doc="What to read at first contact."
        ),
        "plus_addresses": Key(
            "bool", default=True, doc="Signed reply addresses (address+token@…)."
        ),
        "match_subject": Key(
            "bool",
            default=False,
            doc="An answer that names no message goes by its subject and sender.",
        ),
        "spam_header": Key(doc='Header that marks spam: "X-Spam-Flag" or "X-Spam-Flag: YES".'),
        "spam_folder": Key(doc="Folder whose mail is spam; read too when it is set."),
        "sent_folder": Key(doc="Folder of sent mail; found by itself where the server marks it."),
        "read_sent": Key("bool", default=True, doc="Shows answers that were written elsewhere."),
        "save_sent": Key("bool", default=True, doc="Puts a copy of what is sent there."),
        "idle_seconds": Key(
            "int", default=300, check=_positive, doc="How long one wait for news lasts."
        ),
        "sweep_seconds": Key(
            "int",
            default=600,
            check=_positive,
            doc="How often the server's mails are compared with ours.",
        ),
    },
)


def open_channel(context: AccountContext) -> Channel:
    from pfinbox.channels.mail.account import MailAccount  # network and mail libraries: only now

    return MailAccount(context)


def _begin(settings: Mapping[str, Any]) -> None:
    from pfinbox.channels.mail.apart import launching

    if settings.get("imap"):
        launching.begin()


def _ask() -> Setup:
    from pfinbox.channels.mail.setup import setup  # the first start's alone

    return setup()


def _describe(settings: Mapping[str, Any]) -> str:
    return str(settings["address"])


def _own(settings: Mapping[str, Any]) -> tuple[str, ...]:
    own = (settings["address"], *settings["aliases"])
    return tuple(dict.fromkeys(normalise(address) for address in own))


def _adapt(
    settings: Mapping[str, Any], capabilities: Capability, limits: Limits
) -> tuple[Capability, Limits]:
    size = settings["max_size"]
    if settings["smtp"] is None:  # receives only
        capabilities &= ~Capability.WRITE_FIRST
    # An answer has to come in, by an address of its own, and its sender has to be proven (R22).
    if not (settings["plus_addresses"] and settings["authserv_id"] and settings["imap"]):
        capabilities &= ~Capability.ANSWER_ADDRESSES
    if settings["imap"] is not None and settings["imap"]["mark_seen"]:
        capabilities |= Capability.MARKS_READ
    # base64 makes four bytes of three, and lines of them get an end
    return capabilities, Limits(max_message=size, max_file=size * 72 // 100)


SPEC = ChannelSpec(
    name="email",
    label="E-mail",
    sign="@",
    capabilities=(
        Capability.SUBJECT
        | Capability.THREADS
        | Capability.ATTACHMENTS
        | Capability.HTML
        | Capability.WRITE_FIRST
        | Capability.GLOBAL_ADDRESSES
        | Capability.MANY_RECIPIENTS
        | Capability.FIXED_SOURCE_ID
        | Capability.ANSWER_ADDRESSES
    ),
    limits=Limits(max_message=DEFAULT_MAX_SIZE, max_file=DEFAULT_MAX_SIZE * 72 // 100),
    settings=SETTINGS,
    open=open_channel,
    describe=_describe,
    adapt=_adapt,
    normalise=normalise,
    addresses=_own,
    begin=_begin,
    ask=_ask,
)
