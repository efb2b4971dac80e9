"""Accounts, the daemon, and what it could not read."""

from datetime import datetime

from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record


@record
class AccountRow:
    """state: new, connecting, ok, retrying, failed, off, unserved."""

    name: str
    channel: str
    label: str
    state: str
    detail: Reason | None
    last_received_at: datetime | None
    # Its name at the other side (@shop_bot), once that has told it.
    public_name: str | None = None
    # What stands for its channel in the list, and what the channel is called.
    sign: str = ""
    channel_label: str = ""
    # Messages that are missing for good, until somebody takes note of it.
    gap: Gap | None = None


@record
class DaemonRow:
    """The daemon that is alive now."""

    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    # Why it receives and sends nothing (a restored or moved database), None when it sends.
    held: Reason | None = None
    # Hosts and pids of those that would take over.
    standing_by: tuple[tuple[str, int], ...] = ()
    instance: str = ""


@record
class QuarantineRow:
    id: int
    account: str
    received_at: datetime
    size: int
    reason: Reason | None
    # Waits for the daemon to read it again; when it did so last.
    asked: bool = False
    read_again_at: datetime | None = None


@record
class Vocabulary:
    """Names that can be typed, each kind in its order: of tags, agents (logins), accounts."""

    tags: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
