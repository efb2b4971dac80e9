"""What the configuration says about the pages, as frozen values."""

from collections.abc import Callable, Mapping
from dataclasses import field
from ipaddress import IPv4Network, IPv6Network

from aiohttp import web

from pfinbox.domain.contract.settings import Secret
from pfinbox.domain.contract.webhook import Request, Verdict
from pfinbox.domain.text.moments.opening_hours import Hours
from pfinbox.record import record
from pfinbox.services.inbox import ProgramInbox


@record
class Portal:
    """Clients' pages: ``[web.portal]``."""

    # What stands above every page: the company's name, or what the configuration says instead.
    title: str
    accent: str = "#0a5c8a"
    footer: str = ""
    # Media type and bytes.
    logo: tuple[str, bytes] | None = None
    # Of contacts whose card names none; None: what their browser asks for.
    language: str | None = None
    # Bytes of the files of one message.
    upload_limit: int = 20_000_000
    self_sign_in: bool = True
    new_task_account: str | None = None


@record
class Chat:
    """A website chat: the account that it belongs to, and what its settings say."""

    account: str
    # Signs the tokens of visitors.
    key: bytes
    origins: tuple[str, ...] = ()
    identity_secret: Secret | None = None
    greeting: str = ""
    consent: str = ""
    privacy_url: str = ""
    # When somebody answers; None: whenever an agent is there.
    hours: Hours | None = None


@record
class Site:
    """The door as a whole; ``base_url`` has scheme, host and port, and nothing else."""

    base_url: str
    portal: Portal | None
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    # By account: what its channel says to a request that a service pushes.
    hooks: Mapping[str, Callable[[Request], Verdict]] = field(default_factory=dict)
    # By account.
    chats: Mapping[str, Chat] = field(default_factory=dict)
    # What stands above the chat.
    company: str = ""
    # Seconds that a form may take, and a second more for every 2000 bytes.
    patience: float = 20.0


SITE = web.AppKey("site", Site)
INBOX = web.AppKey("inbox", ProgramInbox)
