"""A stateful Bot API server of Telegram's on loopback."""

from tests.servers.bot_api.server import TOKEN, BotApi, bot_api
from tests.servers.bot_api.wire import Fault

__all__ = ["TOKEN", "BotApi", "Fault", "bot_api"]
