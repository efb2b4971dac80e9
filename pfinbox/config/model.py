"""What the configuration says, as frozen values."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, NamedTuple

from pfinbox.config.keys import async_url, bad_url
from pfinbox.domain.contract.settings import Secret
from pfinbox.domain.listening import Listening
from pfinbox.errors import ConfigError
from pfinbox.record import record


class Status(NamedTuple):
    name: str
    active: bool


@record
class InboxConfig:
    """``[inbox]``; the daemon copies it to the store at start, where everyone reads it."""

    company: str
    contacts_see: str  # notified, company, contacts or all (R37)
    undo_send: int  # seconds, 0 = off (R18)
    late_limit_hours: int  # a missed schedule goes out at most so late
    mail_account: str | None
    stale_invitation: str  # what a client with an invalid invitation reads; empty: nothing (R30)
    keep_raw: str | None  # "90d"; None = for ever
    keep_attachments: str | None
    # In order; the first active one is a new task's, the first inactive one is what closing sets.
    statuses: tuple[Status, ...]


@record
class AgentConfig:
    """``[agent]``: the person at this machine; None = what the operating system says."""

    login: str | None
    language: str | None
    timezone: str | None
    theme: str | None
    notices: str  # off, bell, osc9, osc777, osc99
    quiet_hours: str | None  # "20:00-08:00", in the agent's zone
    drop_folder: str | None  # may begin with ~
    read_after: float  # seconds; 0: only what is opened counts as read


@record
class AccountConfig:
    """One ``[accounts.NAME]``; ``settings`` are its channel's own keys as they stand in the file.

    ``config.account_settings`` checks them and fills them up.
    """

    name: str
    channel: str
    role: str  # shared or personal (R10)
    owner: str | None
    agents: tuple[str, ...] | None  # None = all
    new_task_after_close: bool | str | None  # "14d"; None = the channel's default (R6)
    acknowledgement: str | None  # what answers a new task's first message; None = nothing
    contact_notices_by_mail: bool  # agents' answers by e-mail may go to contacts (R22)
    # Not in the repr: inline passwords and tokens are still plain text here.
    settings: Mapping[str, Any] = field(repr=False)


@record
class PortalConfig:
    """``[web.portal]``: clients' pages."""

    enabled: bool
    title: str | None  # None = the company's name
    logo: str | None  # a file; a relative path starts at the configuration's folder
    accent: str  # #rrggbb
    footer: str
    language: str | None
    upload_limit: int  # bytes of one message's files
    self_sign_in: bool
    link_in_mails: bool
    new_task_account: str | None


@record
class WebConfig:
    """``[web]``: the door; without ``listen`` there is none on this machine."""

    listen: Listening | None
    in_daemon: bool
    base_url: str | None  # scheme, host and port; None: there is no door
    trusted_proxies: tuple[str, ...]
    health: Listening | None
    portal: PortalConfig

    def hook_url(self, account: str) -> str | None:
        """Where a service pushes the account's messages to; None without a door."""
        return f"{self.base_url}/hooks/{account}" if self.base_url else None


@record
class Config:
    """Everything that the file says. ``source`` need not exist when it is the default place."""

    source: Path
    inbox: InboxConfig
    agent: AgentConfig
    keys: Mapping[str, tuple[str, ...]]  # command -> keys, checked by the TUI's command table
    accounts: Mapping[str, AccountConfig]
    warnings: tuple[str, ...]  # sentences
    database: Secret
    web: WebConfig
    log_format: str = "logfmt"  # or json

    @property
    def database_url(self) -> str:
        """SQLAlchemy's async URL; a reference to it is read now. Raises ConfigError."""
        url = async_url(self.database.reveal(), self.source.parent)
        if url is None:
            raise ConfigError(f"{self.source}: database.url: {bad_url('')}")
        return url
