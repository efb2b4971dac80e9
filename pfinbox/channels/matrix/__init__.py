"""Matrix: one user of a homeserver, whose rooms are chats. Importing it imports no network."""

from pfinbox.channels.matrix.spec import SPEC

__all__ = ["SPEC"]
