"""The Telegram channel: a bot, and the business account that lends it its chats."""

from pfinbox.channels.telegram.spec import SPEC

__all__ = ["SPEC"]
