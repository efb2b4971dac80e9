"""What can go wrong, as one sentence for a person and an exit code for a script."""


class PfinboxError(Exception):
    """Base of every error that pfinbox raises on purpose; ``str(error)`` is the sentence."""

    exit_code = 1


class UsageError(PfinboxError):
    """The command was used wrongly."""

    exit_code = 2


class ConfigError(PfinboxError):
    """The configuration cannot be used as it is; the sentence names the file and the key."""

    exit_code = 3


class StoreError(PfinboxError):
    """The database cannot be opened, read or written, or has another schema."""

    exit_code = 4


class StoreBusy(StoreError):
    """Somebody else held the database for too long; the same call may succeed later."""


class StoreDamaged(StoreError):
    """The database file itself is broken; the sentence names the last backup."""


class NotFound(PfinboxError):
    """The thing named does not exist (or is not this agent's to see)."""

    exit_code = 5


class Refused(PfinboxError):
    """A rule of the inbox forbids it; the sentence says what to do instead."""

    exit_code = 6


class LockedOut(Refused):
    """The agent has been deactivated: nothing more is for them here."""
