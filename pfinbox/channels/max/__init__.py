"""The MAX channel: a bot that clients write to."""

from pfinbox.channels.max.spec import SPEC

__all__ = ["SPEC"]
