"""The Viber channel: a bot, whose messages Viber pushes to the web door."""

from pfinbox.channels.viber.spec import SPEC

__all__ = ["SPEC"]
