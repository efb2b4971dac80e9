"""What an IMAP server may say no to while the session goes on."""

from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.reason import Reason


class FetchRefused(TemporaryFailure):
    """The server would not give a message, e.g. because its own copy is damaged.

    ``later``: it says that it will, which some say of damaged ones, too.
    """

    def __init__(self, reason: Reason, *, later: bool) -> None:
        super().__init__(reason)
        self.later = later


class FolderRefused(TemporaryFailure):
    """The server would not open a folder: it was renamed or deleted, or is not ours to read."""


class ChangeRefused(TemporaryFailure):
    """The server would not flag or move a message (read-only, over quota, no such folder)."""
