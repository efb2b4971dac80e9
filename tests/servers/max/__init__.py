"""A stateful MAX on loopback, held against MAX's own description."""

from tests.servers.max.server import DIALOGUE, MARIA, TOKEN, Json, Max, max_server

__all__ = ["DIALOGUE", "MARIA", "TOKEN", "Json", "Max", "max_server"]
